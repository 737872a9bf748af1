import Logging
import PraisonCore

/// Stop 7 and the way to stop 8: carries out decided work and leaves its result in the journal as one transaction.
struct TurnRunner: Sendable {
    /// Starts of one turn after crashes before it is put aside.
    static let maximumAttempts = 5

    let journal: any Journal
    let outbox: Outbox
    let agents: [AgentName: any Agent]
    let desks: [ChannelName: ChannelDesk]
    let board: ChannelBoard
    let turnTimeout: Duration
    let clock: any GatewayClock
    let entropy: any Entropy
    let logger: Logger
    /// The text of `/status`.
    let describeStatus: @Sendable () async -> String

    func isPaired(_ sender: SenderID, on channel: ChannelSettings) async -> Bool {
        guard channel.access.effectiveUnknownUserPolicy == .pair else { return false }
        return (try? await journal.pairedSenders(of: channel.name).contains(sender)) ?? false
    }

    /// - Parameter batch: one piece of work, the parts of an album, or all that is answered together.
    func run(_ batch: [Work], stop: StopSignal) async {
        guard let first = batch.first else { return }
        let settled: SettledTurn?
        switch first.action {
        case .ignore(let reason): settled = finished(batch, TurnOutcome(.ignored, reason: reason))
        case .say(let text, let outcome): settled = finished(batch, outcome, saying: text)
        case .command(let command, let agent): settled = await carryOut(command, agent, batch)
        case .pair: settled = await pair(first)
        case .move(let id): settled = await move(first, to: id)
        case .answer(let assignment): settled = await answer(batch, assignment, stop)
        }
        if let settled { await settle(settled) }
    }

    func drop(_ works: [Work], outcome: TurnOutcome) async {
        guard !works.isEmpty else { return }
        await settle(SettledTurn(entries: works.map(\.entry.id), outcome: outcome, at: clock.now))
    }

    func drop(_ entry: JournalEntry, outcome: TurnOutcome) async {
        await settle(SettledTurn(entries: [entry.id], outcome: outcome, at: clock.now))
    }

    private func settle(_ turn: SettledTurn) async {
        do {
            await outbox.deliver(try await journal.settle(turn))
            if turn.messages.first?.replaces != nil, let entry = turn.entries.first {
                try await journal.save(nil, for: ReplyDraft.cursor(of: entry))
            }
        } catch {
            // The entries stay without an outcome, so that the next start takes them up.
            logger.error("cannot record a turn", metadata: ["entries": "\(turn.entries)", "error": "\(error)"])
        }
    }

    // MARK: The agent

    private func answer(_ batch: [Work], _ assignment: Work.Assignment, _ stop: StopSignal) async -> SettledTurn? {
        let name = assignment.route.agent
        guard let first = batch.first, let agent = agents[name], let desk = desks[first.message.conversation.channel]
        else { return finished(batch, TurnOutcome(.ignored, reason: "agent \(name) is not configured any more")) }
        let draft = ReplyDraft(first, adapter: board.adapter(of: desk.settings.name), desk.settings.streaming, self)
        do {
            let attempt = try await journal.beginAttempt(batch.map(\.entry.id))
            if attempt > Self.maximumAttempts {
                let outcome = TurnOutcome(
                    .quarantined, reason: "taken up \(attempt - 1) times without an end", agent: name)
                return finished(batch, outcome, saying: FailureWords.quarantined)
            }
            let turn = try await turn(for: batch, assignment, desk)
            let reply: Reply = try await stop.stopping { try await self.reply(to: turn, by: agent, first, draft) }
            var outcome = TurnOutcome(.answered, agent: name, model: reply.model, usage: reply.usage)
            outcome.reason = assignment.route.rule
            var settled = finished(batch, outcome, saying: reply.text, replacing: await draft.messageID)
            settled.session = assignment.session
            settled.remember = turn.input + reply.messages
            return settled
        } catch {
            return failed(batch, name, error, wasStopped: stop.isStopped, draft: await draft.messageID)
        }
    }

    private func failed(
        _ batch: [Work], _ agent: AgentName, _ error: any Error, wasStopped: Bool, draft: MessageID?
    ) -> SettledTurn? {
        if wasStopped { return finished(batch, TurnOutcome(.stopped, agent: agent)) }
        // The gateway is stopping: the entries stay in the journal and are answered after the next start.
        if Task.isCancelled { return nil }
        let failure =
            switch error {
            case let error as AgentError: error
            case is TimeoutError:
                AgentError(.idleTimeout, detail: "the turn took longer than per_turn_timeout")
            default: AgentError(.internal, detail: "\(error)")
            }
        logger.error("turn failed", metadata: ["agent": "\(agent)", "error": "\(failure)"])
        let outcome = TurnOutcome(
            .failed, reason: failure.description, agent: agent, errorKind: failure.kind,
            retryAfterSeconds: failure.retryAfter?.inSeconds)
        return finished(batch, outcome, saying: FailureWords.text(for: failure), replacing: draft)
    }

    private func turn(for batch: [Work], _ assignment: Work.Assignment, _ desk: ChannelDesk) async throws -> Turn {
        let limit = max(desk.sessions.maxHistory, 0)
        var history = try await journal.history(of: assignment.session, limit: limit)
        if let lastUsed = history.lastUsed, desk.sessions.isStale(lastUsed: lastUsed, now: clock.now) {
            try await journal.reset(assignment.session)
            history = SessionHistory()
        }
        let messages = Self.albumsMerged(batch)
        let input = messages.map { desk.sessions.chatMessage(for: $0, at: clock.now) }
        let binding = assignment.route.binding
        return Turn(
            id: batch.first?.entry.event.id.rawValue ?? "", history: history.messages, input: input,
            conversation: assignment.session.conversation,
            sender: messages.first?.sender ?? Sender(id: "unknown"), trust: assignment.trust,
            allowedTools: binding?.allowTools, deniedTools: binding?.denyTools ?? [])
    }

    private static func albumsMerged(_ batch: [Work]) -> [InboundMessage] {
        guard let first = batch.first?.message, let album = first.album else { return batch.map(\.message) }
        let parts = batch.map(\.message).filter { $0.album == album }
        let others = batch.map(\.message).filter { $0.album != album }
        return [Album.merged(parts) ?? first] + others
    }

    private func reply(to turn: Turn, by agent: any Agent, _ first: Work, _ draft: ReplyDraft) async throws -> Reply {
        let adapter = board.adapter(of: first.message.conversation.channel)
        let clock = clock
        let conversation = first.message.conversation
        let limit = turnTimeout
        return try await TypingIndicator(adapter, conversation, clock).whileShown {
            let emit: @Sendable (ReplyPart) async throws -> Void = { part in
                if let stream = adapter as? any StreamsReplies {
                    await stream.stream(part, answering: first.entry.event.id, agent: agent.name, in: conversation)
                } else {
                    await draft.take(part)
                }
            }
            guard limit > .zero else { return try await agent.reply(to: turn, emit: emit) }
            return try await withTimeout(limit, clock: clock) { try await agent.reply(to: turn, emit: emit) }
        }
    }

    // MARK: Everything else

    private func carryOut(_ command: BuiltInCommand, _ agent: AgentName, _ batch: [Work]) async -> SettledTurn? {
        guard let first = batch.first, let desk = desks[first.message.conversation.channel] else { return nil }
        let text: String
        switch command {
        case .help: text = BuiltInCommand.overview
        case .stop: text = "Nothing is running."
        case .status: text = await describeStatus()
        case .whoami:
            let sender = first.message.sender
            let name = [sender.displayName, sender.username.map { "@\($0)" }].compactMap { $0 }.joined(separator: " ")
            let role = desk.policy.isAdministrator(sender.id) ? "administrator" : "user"
            text = "You are \(name.isEmpty ? "unnamed" : name), id \(sender.id), \(role). Agent: \(agent)."
        case .new:
            do {
                try await journal.reset(desk.sessions.key(agent: agent, message: first.message))
                text = "A fresh start. What would you like to talk about?"
            } catch {
                logger.error("cannot reset a session", metadata: ["error": "\(error)"])
                text = "I could not start afresh just now; please try again."
            }
        }
        return finished(batch, TurnOutcome(.command, reason: command.rawValue, agent: agent), saying: text)
    }

    private func pair(_ work: Work) async -> SettledTurn? {
        let channel = work.message.conversation.channel
        let now = clock.now
        let isRecent = (try? await journal.pendingPairings())?.contains {
            $0.channel == channel && $0.sender.id == work.message.sender.id && now - $0.requestedAt < .seconds(60)
        }
        if isRecent == true {
            return finished([work], TurnOutcome(.ignored, reason: "a pairing code was sent less than a minute ago"))
        }
        let request = PairingRequest(
            channel: channel, sender: work.message.sender, code: PairingCode.make(entropy), requestedAt: now,
            expiresAt: now + PairingCode.lifetime)
        do {
            try await journal.requestPairing(request)
        } catch {
            logger.error("cannot keep a pairing code", metadata: ["error": "\(error)"])
            return nil
        }
        return finished(
            [work], TurnOutcome(.ignored, reason: "unknown sender; a pairing code was sent"),
            saying: """
                I don't know you yet. Your pairing code is `\(request.code)`; it is good for one hour. \
                Whoever runs this bot lets you in with:
                `praisonai pairing approve \(channel) \(request.code)`
                """)
    }

    private func move(_ work: Work, to id: Conversation.ID) async -> SettledTurn? {
        do {
            try await journal.moveConversation(work.message.conversation, to: id)
        } catch {
            logger.error("cannot move a conversation", metadata: ["error": "\(error)"])
            return nil
        }
        return finished([work], TurnOutcome(.ignored, reason: "conversation moved to \(id)"))
    }

    private func finished(
        _ batch: [Work], _ outcome: TurnOutcome, saying text: String? = nil, replacing draft: MessageID? = nil
    ) -> SettledTurn {
        var messages: [OutboundMessage] = []
        if let text, let first = batch.first {
            messages = self.messages(text, answering: first, outcome, replacing: draft)
        }
        return SettledTurn(entries: batch.map(\.entry.id), outcome: outcome, messages: messages, at: clock.now)
    }

    /// The reply cut into messages that fit. The first shows what it answers, where several people talk.
    private func messages(
        _ text: String, answering work: Work, _ outcome: TurnOutcome, replacing draft: MessageID?
    ) -> [OutboundMessage] {
        let message = work.message
        guard let adapter = board.adapter(of: message.conversation.channel) else { return [] }
        let pieces = TextSplitter(type(of: adapter).capabilities).pieces(of: text)
        let showsReply = message.conversation.scope != .dm
        return pieces.enumerated().map { index, piece in
            OutboundMessage(
                key: "\(work.entry.event.id)/\(index)", conversation: message.conversation, text: piece,
                replyTo: index == 0 && showsReply ? message.id : nil, replaces: index == 0 ? draft : nil,
                answers: work.entry.event.id, outcome: index == pieces.count - 1 ? outcome : nil)
        }
    }
}
