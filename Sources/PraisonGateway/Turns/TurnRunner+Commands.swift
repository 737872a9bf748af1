import PraisonCore

/// What the gateway answers itself: built-in commands, and strangers who knock.
extension TurnRunner {
    /// What a command comes to.
    private struct Result {
        /// `nil` where nothing has to be said.
        var text: String?
        var change: SessionChange?

        init(_ text: String?, _ change: SessionChange? = nil) { (self.text, self.change) = (text, change) }
    }

    private static let listedSessions = 10

    /// - Parameter standing: what else goes on in the conversation, for `/status`.
    func carryOut(_ order: Work.Order, _ batch: [Work], _ standing: Standing) async {
        guard let message = batch.first?.message, let desk = desks[message.conversation.channel] else { return }
        var session = desk.sessions.key(agent: order.agent, message: message)
        session.conversation = addresses.current(session.conversation)
        let result = await insist("read a session") { [session] in
            try await self.result(of: order, message, session, desk, standing)
        }
        guard let result else { return }
        let outcome = TurnOutcome(.command, reason: order.command.rawValue, agent: order.agent)
        var turn = turn(ending: batch, outcome, saying: result.text)
        if let change = result.change { (turn.session, turn.change) = (session, change) }
        await settle([turn])
    }

    private func result(
        of order: Work.Order, _ message: InboundMessage, _ session: SessionKey, _ desk: ChannelDesk,
        _ standing: Standing
    ) async throws -> Result {
        let sender = message.sender
        switch order.command {
        case .help:
            let allowed = BuiltInCommand.allCases.filter { desk.policy.allows($0.rawValue, by: sender.id) }
            return Result(
                BuiltInCommand.overview(of: allowed, isAdministrator: desk.policy.isAdministrator(sender.id)))
        case .stop: return Result("Nothing is running.")
        case .status: return Result(status(standing, desk.policy.isAdministrator(sender.id)))
        case .whoami: return Result(Self.portrait(of: sender, desk, try await answering(session)))
        case .model:
            let agent = try await answering(session)
            let hint = order.arguments.isEmpty ? "" : " Another one is set in gateway.yaml, by agents.\(agent).model."
            return Result(model(of: agent) + hint)
        case .new: return Result("A fresh start. What would you like to talk about?", .startAfresh)
        case .undo: return try await undo(session)
        case .retry: return Result("There is nothing to answer anew.")
        case .compress: return Result("There is nothing to sum up yet.")
        case .approve, .deny:
            guard let approvals else { return Result("Nothing waits for your answer.") }
            return Result(
                try await approvals.answer(
                    isApproved: order.command == .approve, order.arguments, by: sender, in: message.conversation,
                    isButton: message.kind == .callback))
        case .sessions:
            let mayResume = desk.policy.allows(BuiltInCommand.resume.rawValue, by: sender.id)
            return Result(Self.list(try await earlier(session), at: clock.now, mayResume: mayResume))
        case .resume: return try await resume(order.arguments, session)
        case .usage:
            let isAdministrator = desk.policy.isAdministrator(sender.id)
            return Result(
                try await records.usage(
                    of: sender.id, try await answering(session), on: session.conversation.channel, order.arguments,
                    isAdministrator: isAdministrator, at: clock.now))
        case .memory:
            return Result(
                try await records.memory(
                    of: order.agent, sender.id, session.conversation,
                    mayForget: desk.policy.allows(BuiltInCommand.forget.rawValue, by: sender.id)))
        case .forget:
            return Result(
                try await records.forget(order.arguments, of: order.agent, sender.id, session.conversation))
        }
    }

    private static func portrait(of sender: Sender, _ desk: ChannelDesk, _ agent: AgentName) -> String {
        let name = [sender.displayName, sender.username.map { "@\($0)" }].compactMap { $0 }.joined(separator: " ")
        let role = desk.policy.isAdministrator(sender.id) ? "administrator" : "user"
        return "You are \(name.isEmpty ? "id \(sender.id)" : "\(name), id \(sender.id)"), \(role). Agent: \(agent)."
    }

    /// Who answers in the session: its own agent, or the one that has taken over.
    private func answering(_ session: SessionKey) async throws -> AgentName {
        let isFresh = try await journal.history(of: session, limit: 1).messages.isEmpty
        return isFresh ? session.agent : try await handOvers.holder(of: session, at: clock.now) ?? session.agent
    }

    private func model(of agent: AgentName) -> String {
        guard let description = directory.descriptions.first(where: { $0.name == agent }) else {
            return "Agent: \(agent)."
        }
        return "Agent: \(agent). Model: \(description.model)."
    }

    // MARK: Histories

    private func undo(_ session: SessionKey) async throws -> Result {
        let history = try await journal.history(of: session, limit: .max)
        guard history.lastTurn > 0 else { return Result("There is nothing to undo.") }
        let words = history.messages.suffix(history.lastTurn).first { $0.role == .user }?.text ?? ""
        return Result("Forgotten: “\(Self.beginning(of: words))”", .forgetLastTurn)
    }

    private func resume(_ number: String, _ session: SessionKey) async throws -> Result {
        let histories = try await earlier(session)
        guard !histories.isEmpty else { return Result("There is no earlier conversation here.") }
        let words = number.split(whereSeparator: \.isWhitespace)
        guard let place = words.isEmpty ? 1 : words.first.flatMap({ Int($0) }), histories.indices.contains(place - 1)
        else { return Result("Please say which one, as in /resume 1.\n\(Self.list(histories, at: clock.now))") }
        let history = histories[place - 1]
        return Result("We go on with: “\(Self.beginning(of: history.firstWords))”", .resume(history.id))
    }

    private func earlier(_ session: SessionKey) async throws -> [EarlierHistory] {
        try await journal.earlierHistories(of: session, limit: Self.listedSessions)
    }

    private static func list(_ histories: [EarlierHistory], at now: Timestamp, mayResume: Bool = true) -> String {
        guard !histories.isEmpty else { return "There is no earlier conversation here." }
        let lines = zip(1..., histories).map { number, history in
            let count = counted(history.messageCount, "message")
            let age = age(now - history.lastUsed)
            return "\(number). “\(beginning(of: history.firstWords))” (\(count), \(age))"
        }
        let hint = mayResume ? "; /resume NUMBER goes on with one" : ""
        return (["Earlier conversations\(hint):"] + lines).joined(separator: "\n")
    }

    private static func beginning(of text: String) -> String {
        let line = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return line.count > 60 ? line.prefix(59) + "…" : line
    }

    private static func age(_ duration: Duration) -> String {
        let minutes = Int(max(duration.inSeconds, 0) / 60)
        return switch minutes {
        case 0: "just now"
        case ..<60: "\(minutes) min ago"
        case ..<1440: "\(minutes / 60) h ago"
        default: "\(minutes / 1440) d ago"
        }
    }

    /// How the channels fare is for those who run the bot only.
    private func status(_ standing: Standing, _ isAdministrator: Bool) -> String {
        var lines = ["The gateway is running."]
        let waiting = standing.waiting == 0 ? "" : ", \(standing.waiting) more waiting"
        lines.append(standing.isAnswering ? "An answer is being written here\(waiting)." : "Nothing is running here.")
        if isAdministrator {
            lines += board.channels.filter { $0.name != .gateway }.map { "\($0.name): \($0.health.summary)" }
        }
        return lines.joined(separator: "\n")
    }

    func pair(_ work: Work) async {
        let channel = work.message.conversation.channel
        let now = clock.now
        let sender = work.message.sender
        let pending = await insist("read pairing codes") { try await journal.pendingPairings() }
        guard let pending else { return }
        let earlier = pending.first {
            $0.channel == channel && $0.sender.id == sender.id && now - $0.requestedAt < .seconds(60)
        }
        // One that is younger than the message was made for it, just before a crash, and may not have been sent.
        if let earlier, earlier.requestedAt < work.entry.receivedAt {
            let reason = "a pairing code was sent less than a minute ago"
            return await finish([work], TurnOutcome(.ignored, reason: reason))
        }
        let request =
            earlier
            ?? PairingRequest(
                channel: channel, sender: sender, code: PairingCode.make(entropy), requestedAt: now,
                expiresAt: now + PairingCode.lifetime)
        guard await insist("keep a pairing code", { try await journal.requestPairing(request) }) != nil else { return }
        await finish(
            [work], TurnOutcome(.ignored, reason: "unknown sender; a pairing code was sent"),
            saying: """
                I don't know you yet. Your pairing code is `\(request.code)`; it is good for one hour. \
                Whoever runs this bot lets you in with:
                `praisonai pairing approve \(channel) \(request.code)`
                """)
    }
}
