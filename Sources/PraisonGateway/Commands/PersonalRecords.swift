import PraisonCore

/// What is on record about a person, for the commands by which they look at it and have it deleted.
struct PersonalRecords: Sendable {
    /// Facts one message shows.
    private static let maximumShown = 50

    let facts: (any FactStore)?
    let ledger: (any SpendLedger)?
    let identities: Identities

    func usage(
        of person: String, _ words: String, isAdministrator: Bool, at now: Timestamp
    ) async throws -> String {
        guard let ledger else { return "Nobody keeps account here." }
        return try await UsageReport(ledger, at: now).text(for: person, words, isAdministrator: isAdministrator)
    }

    func memory(of agent: AgentName, _ sender: SenderID, _ conversation: Conversation) async throws -> String {
        guard let facts else { return Self.nothing }
        let known = try await facts.facts(
            about: identities.subjects(of: agent, sender: sender, in: conversation), matching: nil,
            limit: Self.maximumShown)
        guard !known.isEmpty else { return Self.nothing }
        let lines = known.map { "\($0.id). \($0.text)" }
        return "I remember:\n" + lines.joined(separator: "\n")
            + "\n\n/forget NUMBER deletes one, /forget all all of them."
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
