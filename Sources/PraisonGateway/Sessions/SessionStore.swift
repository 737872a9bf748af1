import PraisonCore

/// Stop 6: what an agent remembers of a conversation.
struct SessionStore: Sendable {
    private let journal: any Journal

    init(journal: any Journal) { self.journal = journal }

    /// Messages that are read where they may have to be summed up.
    static let maximumRead = 4000

    /// The last messages the rules allow for, or all that are to be summed up; none where the session has to start afresh.
    ///
    /// - Parameter isWhole: whether more is read than the agent may see.
    func history(
        of key: SessionKey, by rules: SessionRules, isWhole: Bool, at now: Timestamp
    ) async throws -> SessionHistory {
        let limit = isWhole ? max(rules.maxHistory, Self.maximumRead) : max(rules.maxHistory, 0)
        let history = try await journal.history(of: key, limit: limit)
        guard let lastUsed = history.lastUsed, rules.isStale(lastUsed: lastUsed, now: now) else { return history }
        try await journal.reset(key)
        return SessionHistory()
    }
}
