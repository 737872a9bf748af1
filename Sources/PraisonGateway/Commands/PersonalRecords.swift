import PraisonCore

/// What is on record about a person, for the commands by which they look at it and have it deleted.
struct PersonalRecords: Sendable {
    /// Facts one message shows.
    private static let maximumShown = 50

    let facts: (any FactStore)?
    let ledger: (any SpendLedger)?
    let identities: Identities

    /// - Parameter isAdministrator: who runs the bot sees what everybody has cost together.
    func usage(of person: String, isAdministrator: Bool, at now: Timestamp) async throws -> String {
        guard let ledger else { return "Nobody keeps account here." }
        let today = Int(now.microseconds / 86_400_000_000)
        var lines = [
            Self.line("You, today", try await ledger.spent(in: .sender, by: person, since: today)),
            Self.line("You, the last 30 days", try await ledger.spent(in: .sender, by: person, since: today - 29)),
        ]
        if isAdministrator {
            lines += [
                Self.line("Everybody, today", try await ledger.spent(in: .all, by: nil, since: today)),
                Self.line("Everybody, the last 30 days", try await ledger.spent(in: .all, by: nil, since: today - 29)),
            ]
        }
        return lines.joined(separator: "\n")
    }

    private static func line(_ title: String, _ total: SpendTotal) -> String {
        let calls = total.calls == 1 ? "1 call" : "\(total.calls) calls"
        return "\(title): \(calls), \(total.usage.input) tokens in, \(total.usage.output) out, \(total.cost) USD"
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
