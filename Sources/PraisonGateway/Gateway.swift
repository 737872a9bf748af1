public import Logging
public import PraisonCore

/// The hub: its rooms, put together from a configuration. Whoever makes one runs its services; see ``services``.
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

        public init(
            clock: any GatewayClock, entropy: any Entropy, http: any HTTPClient, webSocket: any WebSocketClient,
            cryptography: any Cryptography, logger: Logger, secondsFromGMT: Int = 0
        ) {
            self.clock = clock
            self.entropy = entropy
            self.http = http
            self.webSocket = webSocket
            self.cryptography = cryptography
            self.logger = logger
            self.secondsFromGMT = secondsFromGMT
        }
    }

    public let agents: [AgentDescription]
    public let board: ChannelBoard
    public let inbox: Inbox
    public let outbox: Outbox
    public let supervisor: ChannelSupervisor
    private let startedAt: Timestamp
    private let deadLetters: @Sendable () async -> Int

    /// - Parameters:
    ///   - agents: one for each description, by name.
    ///   - adapters: the platforms this build speaks.
    ///   - deadLetters: how many messages were given up, for the status.
    public init(
        _ configuration: GatewayConfiguration, agents: [any Agent], descriptions: [AgentDescription],
        adapters: [any ChannelAdapter.Type], journal: any Journal, surroundings: Surroundings,
        deadLetters: @escaping @Sendable () async -> Int = { 0 }
    ) {
        let clock = surroundings.clock
        let logger = surroundings.logger
        let board = ChannelBoard()
        let outbox = Outbox(journal: journal, clock: clock, entropy: surroundings.entropy, logger: logger) {
            board.adapter(of: $0)
        }
        let names = Set(configuration.agents.map(\.name))
        let desks = ([Self.controlPlane(configuration)] + configuration.channels).map {
            ChannelDesk($0, agents: names, secondsFromGMT: surroundings.secondsFromGMT)
        }
        let desksByName = Dictionary(desks.map { ($0.settings.name, $0) }) { first, _ in first }
        let agentsByName = Dictionary(agents.map { ($0.name, $0) }) { first, _ in first }
        let runner = TurnRunner(
            journal: journal, outbox: outbox, agents: agentsByName, desks: desksByName, board: board,
            turnTimeout: configuration.server.perTurnTimeout, clock: clock, entropy: surroundings.entropy,
            logger: logger, describeStatus: { Self.statusText(board) })
        let turns = configuration.server.maxConcurrentRuns
        let inbox = Inbox(
            journal: journal, desks: desksByName, runner: runner, board: board,
            maximumTurns: turns > 0 ? turns : 256, clock: clock, logger: logger)
        Self.makeAdapters(configuration.channels, adapters, journal, surroundings, board, inbox)

        self.agents = descriptions
        self.board = board
        self.inbox = inbox
        self.outbox = outbox
        self.deadLetters = deadLetters
        startedAt = clock.now
        supervisor = ChannelSupervisor(
            board: board, names: configuration.channels.map(\.name), clock: clock, entropy: surroundings.entropy,
            logger: logger)
    }

    /// Connects the control plane, which needs the hub to exist first.
    public func attach(_ adapter: any ChannelAdapter, as name: ChannelName = .gateway) {
        board.add(name, platform: type(of: adapter).platform, adapter: adapter, health: .receiving)
    }

    /// The channels that take webhooks, by name.
    public func webhooks(_ channels: [ChannelSettings]) -> [ChannelName: any HTTPHandler] {
        var handlers: [ChannelName: any HTTPHandler] = [:]
        for channel in channels {
            handlers[channel.name] = board.adapter(of: channel.name) as? any HTTPHandler
        }
        return handlers
    }

    // MARK: Hub

    public func accept(_ events: [GatewayEvent]) async throws { try await inbox.accept(events) }

    public func isBusy(_ conversation: Conversation) async -> Bool { await inbox.isBusy(conversation) }

    public func stop(_ conversation: Conversation, includingQueued: Bool) async -> StoppedTurns {
        await inbox.stopTurn(in: conversation, includingQueued: includingQueued)
    }

    public func status() async -> GatewayStatus {
        GatewayStatus(
            startedAt: startedAt, isDraining: await inbox.isStopping,
            channels: board.channels.filter { $0.name != .gateway }, turnsRunning: await inbox.turnsRunning,
            turnsQueued: await inbox.turnsQueued, outboxPending: await outbox.waitingCount,
            outboxDeadLetters: await deadLetters())
    }

    // MARK: Composition

    /// The control plane as a channel: everybody who got in may speak, and the client names the agent.
    private static func controlPlane(_ configuration: GatewayConfiguration) -> ChannelSettings {
        let minutes = max(Int(configuration.session.timeout.inSeconds / 60), 1)
        return ChannelSettings(
            name: .gateway, platform: "gateway",
            routing: Routing(fallback: configuration.agents.first?.name),
            access: AccessSettings(groupPolicy: .respondAll, unknownUserPolicy: .allow),
            session: ChannelSessionSettings(
                maxHistory: configuration.session.maxMessages, reset: .idle(minutes: minutes)))
    }

    private static func makeAdapters(
        _ channels: [ChannelSettings], _ adapters: [any ChannelAdapter.Type], _ journal: any Journal,
        _ surroundings: Surroundings, _ board: ChannelBoard, _ inbox: Inbox
    ) {
        for channel in channels {
            var health = ChannelHealth.starting
            var adapter: (any ChannelAdapter)?
            if let reason = channel.offReason {
                health = .off(reason: reason)
            } else if let type = adapters.first(where: { $0.platform == channel.platform }) {
                let context = context(of: channel, journal, surroundings, board, inbox)
                do {
                    adapter = try type.init(settings: channel, context: context)
                } catch {
                    health = .failed(reason: "channels.\(channel.name).\(error)")
                }
            } else {
                health = .off(reason: "this build does not speak \(channel.platform)")
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
            accept: { try await inbox.accept($0) },
            report: { [logger] health in
                guard let previous = board.report(health, of: channel.name) else { return }
                logger.info("channel health", metadata: ["was": "\(previous)", "is": "\(health)"])
            })
    }

    private static func statusText(_ board: ChannelBoard) -> String {
        let lines = board.channels.filter { $0.name != .gateway }.map { "\($0.name): \($0.health.summary)" }
        return (["The gateway is running."] + lines).joined(separator: "\n")
    }
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
