import PraisonCore

/// Stop 6: what an agent remembers of a conversation.
struct SessionStore: Sendable {
    private let journal: any Journal

    init(journal: any Journal) { self.journal = journal }

    /// What the agent sees: the last messages the rules allow for, none where the session has to start afresh.
    func history(of key: SessionKey, by rules: SessionRules, at now: Timestamp) async throws -> SessionHistory {
        let history = try await journal.history(of: key, limit: max(rules.maxHistory, 0))
        guard let lastUsed = history.lastUsed, rules.isStale(lastUsed: lastUsed, now: now) else { return history }
        try await journal.reset(key)
        return SessionHistory()
    }
}
