import PraisonCore

/// What is on record about a person, for the commands by which they look at it and have it deleted.
struct PersonalRecords: Sendable {
    /// Facts one message shows.
    private static let maximumShown = 50

    let facts: (any FactStore)?
    let ledger: (any SpendLedger)?
    let identities: Identities
    /// The most that may be spent.
    var limits: [SpendLimit] = []

    /// - Parameter agent: whom the person talks to.
    func usage(
        of sender: SenderID, _ agent: AgentName, on channel: ChannelName, _ words: String, isAdministrator: Bool,
        at now: Timestamp
    ) async throws -> String {
        guard let ledger else { return "Nobody keeps account here." }
        let spender = Spender(
            agent: agent, channel: channel, sender: identities.person(sender, on: channel),
            day: Int(now.microseconds / 86_400_000_000))
        return try await UsageReport(ledger, limits, spender).text(words, isAdministrator: isAdministrator)
    }

    /// - Parameter mayForget: whether the person may have facts deleted by command.
    func memory(
        of agent: AgentName, _ sender: SenderID, _ conversation: Conversation, mayForget: Bool
    ) async throws -> String {
        guard let facts else { return Self.nothing }
        let known = try await facts.facts(
            about: identities.subjects(of: agent, sender: sender, in: conversation), matching: nil,
            limit: Self.maximumShown)
        guard !known.isEmpty else { return Self.nothing }
        let lines = known.map { "\($0.id). \($0.text)" }
        let hint = mayForget ? "\n\n/forget NUMBER deletes one, /forget all all of them." : ""
        return "I remember:\n" + lines.joined(separator: "\n") + hint
    }

    func forget(
        _ what: String, of agent: AgentName, _ sender: SenderID, _ conversation: Conversation
    ) async throws -> String {
        guard let facts else { return Self.nothing }
        let word = what.lowercased().filter { !$0.isWhitespace }
        guard word == "all" || Int64(word) != nil else {
            return "Write /forget and a number that /memory shows, or /forget all."
        }
        let count = try await facts.forget(
            Int64(word), about: identities.subjects(of: agent, sender: sender, in: conversation))
        return count == 0 ? "There is nothing like that." : count == 1 ? "Forgotten." : "Forgotten, all \(count)."
    }

    private static let nothing = "I remember nothing beyond this conversation."
}
