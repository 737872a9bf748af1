public import Logging
public import PraisonCore

#if canImport(Glibc)
    import Glibc
#endif

/// The hub: its rooms, put together from a configuration. Whoever makes one calls ``run()``.
public struct Gateway: Hub {
    /// What the hub is lent.
    public struct Surroundings: Sendable {
        public var clock: any GatewayClock
        public var entropy: any Entropy
        public var http: any HTTPClient
        public var webSocket: any WebSocketClient
        public var cryptography: any Cryptography
        public var logger: Logger
        /// Seconds east of Greenwich.
        public var secondsFromGMT: Int
        /// What agents remember of people; `nil` where they remember nothing.
        public var facts: (any FactStore)?
        /// What models have cost; `nil` where nobody keeps account.
        public var ledger: (any SpendLedger)?
        /// Writes voice messages down; `nil` where nobody can.
        public var transcriber: (any Transcriber)?
        /// Asks whether tools may run; `nil` where nobody is asked in chats.
        public var approvals: ApprovalDesk?

        public init(
            clock: any GatewayClock, entropy: any Entropy, http: any HTTPClient, webSocket: any WebSocketClient,
            cryptography: any Cryptography, logger: Logger, secondsFromGMT: Int = 0,
            facts: (any FactStore)? = nil, ledger: (any SpendLedger)? = nil,
            transcriber: (any Transcriber)? = nil, approvals: ApprovalDesk? = nil
        ) {
            self.clock = clock
            self.entropy = entropy
            self.http = http
            self.webSocket = webSocket
            self.cryptography = cryptography
            self.logger = logger
            self.secondsFromGMT = secondsFromGMT
            self.facts = facts
            self.ledger = ledger
            self.transcriber = transcriber
            self.approvals = approvals
        }
    }

    public let directory: AgentDirectory
    public let events: EventFeed
    public let board: ChannelBoard
    let inbox: Inbox
    let outbox: Outbox
    private let supervisor: ChannelSupervisor
    let channels: [ChannelSettings]
    let journal: any Journal
    private let clock: any GatewayClock
    let logger: Logger
    private let drainTimeout: Duration
    private let startedAt: Timestamp
    private let stopped = StopSignal()
    private let deadLetters: @Sendable () async -> Int

    /// - Parameters:
    ///   - descriptions: what is told of the agents, by name; one without is told by its name only.
    ///   - adapters: the platforms this build speaks.
    ///   - directory: gets the agents; those that come from elsewhere are added to it, and leave it, while it runs.
    ///   - deadLetters: how many messages were given up, for the status.
    public init(
        _ configuration: GatewayConfiguration, agents: [any Agent], descriptions: [AgentDescription],
        adapters: [any ChannelAdapter.Type], journal: any Journal, surroundings: Surroundings,
        directory: AgentDirectory = AgentDirectory(), deadLetters: @escaping @Sendable () async -> Int = { 0 }
    ) {
        let clock = surroundings.clock
        let logger = surroundings.logger
        let events = EventFeed()
        let board = ChannelBoard(feed: events, clock: clock, entropy: surroundings.entropy)
        let addresses = AddressBook()
        let outbox = Outbox(
            journal: journal, board: board, addresses: addresses, feed: events, clock: clock,
            entropy: surroundings.entropy, logger: logger)
        let session = configuration.session
        let controlPlane = ChannelDesk(
            Self.controlPlane(configuration), sessionTimeout: session.timeout > .zero ? session.timeout : nil)
        let desks =
            [controlPlane]
            + configuration.channels.map { ChannelDesk($0, secondsFromGMT: surroundings.secondsFromGMT) }
        let desksByName = Dictionary(desks.map { ($0.settings.name, $0) }) { first, _ in first }
        for agent in agents {
            let description = descriptions.first { $0.name == agent.name }
            directory.add(agent, description ?? AgentDescription(name: agent.name, model: "unknown"))
        }
        directory.onExchange { [clock] in
            events.publish(GatewayEvent(exchange: $0, at: clock.now, surroundings.entropy))
        }
        let approvals = surroundings.approvals.map { desk in
            ChatApprovals(
                desk, rules: ApprovalRules(desks: desksByName), board: board, addresses: addresses, outbox: outbox,
                journal: journal, clock: clock, logger: logger)
        }
        if let approvals { surroundings.approvals?.add(approvals) }
        let runner = TurnRunner(
            journal: journal, outbox: outbox, directory: directory, desks: desksByName, board: board,
            addresses: addresses, feed: events,
            records: PersonalRecords(
                facts: surroundings.facts, ledger: surroundings.ledger, identities: configuration.identities,
                limits: configuration.spending.limits),
            transcriber: surroundings.transcriber, approvals: approvals,
            turnTimeout: configuration.server.perTurnTimeout, clock: clock,
            entropy: surroundings.entropy,
            logger: logger)
        let inbox = Inbox(
            journal: journal, desks: desksByName, runner: runner, board: board, feed: events,
            maximumTurns: Self.concurrentTurns(configuration.server), clock: clock, logger: logger)
        let make = Self.maker(configuration.channels, adapters, journal, surroundings, board, inbox)
        Self.place(configuration.channels, adapters, on: board, logger, make)

        self.directory = directory
        self.events = events
        self.board = board
        self.inbox = inbox
        self.outbox = outbox
        self.deadLetters = deadLetters
        self.journal = journal
        self.clock = clock
        self.logger = logger
        channels = configuration.channels
        drainTimeout = configuration.server.drainTimeout
        startedAt = clock.now
        supervisor = ChannelSupervisor(
            board: board, names: configuration.channels.map(\.name), clock: clock, entropy: surroundings.entropy,
            logger: logger, make: make)
    }

    /// Connects the control plane, which needs the hub to exist first.
    public func attach(_ adapter: any ChannelAdapter, as name: ChannelName = .gateway) {
        board.add(name, platform: type(of: adapter).platform, adapter: adapter, health: .receiving)
    }

    /// The channels that may take webhooks, by name, whether they are running or not.
    public var webhooks: [ChannelName: any HTTPHandler] {
        let takers = channels.filter { $0.offReason == nil }
            .filter { board.adapter(of: $0.name).map { $0 is any HTTPHandler } ?? true }
        return Dictionary(takers.map { ($0.name, ChannelWebhook(channel: $0.name, board: board)) }) { first, _ in first
        }
    }

    /// The channel's rules in words, for banners and tables.
    public func describe(_ channel: ChannelSettings) -> ChannelDescription {
        ChannelDescription(channel, agents: Set(agents.map(\.name)))
    }

    // MARK: Running

    /// Takes up what an earlier process left, then serves until ``shutdown()`` is called and everything has come to an
    /// end, or until cancelled, which leaves what is under way to the next start.
    public func run() async throws {
        do {
            try await restorePauses()
            try await serve()
        } catch {
            // Whoever waits for an answer gets one.
            await inbox.stop()
            await outbox.abandon()
            throw error
        }
    }

    private func serve() async throws {
        let (hearing, thinking, speaking) = (StopSignal(), StopSignal(), StopSignal())
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await speaking.stopping { try await outbox.run() } }
            group.addTask {
                try await thinking.stopping { try await inbox.run() }
                await outbox.stop()
            }
            group.addTask {
                try? await hearing.stopping { await supervisor.run() }
                await inbox.stop()
            }
            group.addTask {
                await stopped.wait()
                // Stop hearing, finish thinking, finish speaking; a fifth of the time is kept for the last.
                hearing.stop()
                try await clock.sleep(for: drainTimeout * 0.8)
                thinking.stop()
                try await clock.sleep(for: drainTimeout * 0.2)
                speaking.stop()
            }
            for _ in 1...3 { try await group.next() }
            group.cancelAll()
        }
    }

    /// Lets ``run()`` come to an end: no new events, running turns get to finish and their replies to go out, within
    /// `drain_timeout`. May be called from anywhere, and more than once.
    public func shutdown() { stopped.stop() }

    // MARK: Hub

    @discardableResult
    public func accept(_ events: [GatewayEvent]) async throws -> Set<EventID> { try await inbox.accept(events) }

    public func pendingPairings() async throws -> [PairingRequest] {
        try await journal.pendingPairings().filter { $0.expiresAt > clock.now }
    }

    public func approvePairing(channel: ChannelName, code: String) async throws -> PairingRequest? {
        try await journal.approvePairing(channel: channel, code: code, at: clock.now)
    }

    public func revokePairing(channel: ChannelName, sender: SenderID) async throws -> Bool {
        try await journal.revokePairing(channel: channel, sender: sender)
    }

    public func history(of session: SessionKey, limit: Int) async throws -> SessionHistory {
        try await journal.history(of: session, limit: limit)
    }

    public func isBusy(_ conversation: Conversation) async -> Bool { await inbox.isBusy(conversation) }

    public func unanswered(in conversation: Conversation, limit: Int) async throws -> [GatewayEvent] {
        try await journal.unsettledEntries(in: .conversation(conversation), after: 0, limit: limit).map(\.event)
    }

    public func outcome(of event: EventID) async throws -> TurnOutcome? { try await journal.outcome(of: event) }

    public func stop(_ conversation: Conversation, includingQueued: Bool) async -> StoppedTurns {
        await inbox.stopTurn(in: conversation, includingQueued: includingQueued)
    }

    public func status() async -> GatewayStatus {
        GatewayStatus(
            startedAt: startedAt, isDraining: await inbox.isStopping,
            channels: board.channels.filter { $0.name != .gateway }, turnsRunning: await inbox.turnsRunning,
            turnsQueued: await inbox.turnsQueued, outboxPending: await outbox.pendingCount,
            outboxDeadLetters: await deadLetters())
    }

    // MARK: Composition

    /// The control plane as a channel: everybody who got in may speak, and the client names the agent.
    private static func controlPlane(_ configuration: GatewayConfiguration) -> ChannelSettings {
        return ChannelSettings(
            name: .gateway, platform: "gateway",
            routing: Routing(fallback: configuration.agents.first?.name),
            access: AccessSettings(groupPolicy: .respondAll, unknownUserPolicy: .allow),
            session: ChannelSessionSettings(
                maxHistory: configuration.session.maxMessages, compaction: configuration.session.compaction))
    }

    /// Makes a channel's adapter from its settings.
    private static func maker(
        _ channels: [ChannelSettings], _ adapters: [any ChannelAdapter.Type], _ journal: any Journal,
        _ surroundings: Surroundings, _ board: ChannelBoard, _ inbox: Inbox
    ) -> @Sendable (ChannelName) throws -> any ChannelAdapter {
        { name in
            guard let channel = channels.first(where: { $0.name == name }),
                let type = adapters.first(where: { $0.platform == channel.platform })
            else { throw ChannelSettingsError(key: "platform", problem: "this build does not speak it") }
            return try type.init(
                settings: channel, context: context(of: channel, journal, surroundings, board, inbox))
        }
    }

    private static func place(
        _ channels: [ChannelSettings], _ adapters: [any ChannelAdapter.Type], on board: ChannelBoard,
        _ logger: Logger, _ make: (ChannelName) throws -> any ChannelAdapter
    ) {
        for channel in channels {
            var health = ChannelHealth.starting
            var adapter: (any ChannelAdapter)?
            if let reason = channel.offReason {
                health = .off(reason: reason)
            } else if !adapters.contains(where: { $0.platform == channel.platform }) {
                health = .off(reason: "this build does not speak \(channel.platform)")
            } else {
                do {
                    adapter = try make(channel.name)
                } catch {
                    health = .failed(reason: "channels.\(channel.name).\(error)")
                    logger.error(
                        "channel parked", metadata: ["channel": "\(channel.name)", "reason": "\(health.summary)"])
                }
            }
            board.add(channel.name, platform: channel.platform, adapter: adapter, health: health)
        }
    }

    private static func context(
        of channel: ChannelSettings, _ journal: any Journal, _ surroundings: Surroundings, _ board: ChannelBoard,
        _ inbox: Inbox
    ) -> ChannelContext {
        var logger = surroundings.logger
        logger[metadataKey: "channel"] = "\(channel.name)"
        return ChannelContext(
            channel: channel.name, logger: logger, clock: surroundings.clock, entropy: surroundings.entropy,
            http: surroundings.http, webSocket: surroundings.webSocket, cryptography: surroundings.cryptography,
            cursors: ChannelCursors(journal: journal, channel: channel.name),
            commands: BuiltInCommand.announced, accept: { _ = try await inbox.accept($0) },
            report: { [logger] health in
                guard let previous = board.report(health, of: channel.name) else { return }
                logger.info("channel health", metadata: ["was": "\(previous.summary)", "is": "\(health.summary)"])
            })
    }

    private static let turnsPerCore = 8

    /// Turns at once over all agents: what the settings say, else as many as this machine's cores stand for.
    public static func concurrentTurns(_ server: ServerSettings) -> Int {
        server.maxConcurrentRuns > 0 ? server.maxConcurrentRuns : turnsPerCore * cores
    }

    private static var cores: Int { max(sysconf(Int32(_SC_NPROCESSORS_ONLN)), 1) }
}

/// A channel's own corner of the journal's cursors.
private struct ChannelCursors: CursorStore {
    let journal: any Journal
    let channel: ChannelName

    func cursor(_ key: String) async throws -> String? { try await journal.cursor("\(channel)/\(key)") }
    func save(_ value: String?, for key: String) async throws {
        try await journal.save(value, for: "\(channel)/\(key)")
    }
}
