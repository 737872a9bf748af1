import Logging
import PraisonCore

/// What the gateway answers itself: built-in commands, and strangers who knock.
extension TurnRunner {
    /// - Parameter standing: what else goes on in the conversation, for `/status`.
    func carryOut(_ command: BuiltInCommand, _ agent: AgentName, _ batch: [Work], _ standing: Standing) async {
        guard let first = batch.first, let desk = desks[first.message.conversation.channel] else { return }
        let sender = first.message.sender
        let isAdministrator = desk.policy.isAdministrator(sender.id)
        let text: String
        switch command {
        case .help: text = BuiltInCommand.overview
        case .stop: text = "Nothing is running."
        case .status: text = status(standing, isAdministrator)
        case .whoami:
            let name = [sender.displayName, sender.username.map { "@\($0)" }].compactMap { $0 }.joined(separator: " ")
            let role = isAdministrator ? "administrator" : "user"
            text = "You are \(name.isEmpty ? "unnamed" : name), id \(sender.id), \(role). Agent: \(agent)."
        case .new:
            var session = desk.sessions.key(agent: agent, message: first.message)
            session.conversation = addresses.current(session.conversation)
            guard await insist("reset a session", { [session] in try await sessions.reset(session) }) != nil
            else { return }
            text = "A fresh start. What would you like to talk about?"
        }
        await finish(batch, TurnOutcome(.command, reason: command.rawValue, agent: agent), saying: text)
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
