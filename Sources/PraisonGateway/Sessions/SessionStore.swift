import PraisonCore

/// Stop 6: what an agent remembers of a conversation. Most sessions are the journal's; those of channels with
/// `persist: false` live in memory and end with the process.
struct SessionStore: Sendable {
    private let journal: any Journal
    private let fleeting: FleetingSessions
    private let fleetingChannels: Set<ChannelName>

    init(journal: any Journal, fleetingChannels: Set<ChannelName>) {
        self.journal = journal
        self.fleetingChannels = fleetingChannels
        fleeting = FleetingSessions()
    }

    /// Whether the session is remembered in the transaction that settles its turn.
    func isDurable(_ key: SessionKey) -> Bool { !fleetingChannels.contains(key.conversation.channel) }

    /// What the agent sees: the last messages the rules allow for, none where the session has to start afresh.
    func history(of key: SessionKey, by rules: SessionRules, at now: Timestamp) async throws -> [ChatMessage] {
        let history = try await history(of: key, limit: max(rules.maxHistory, 0))
        guard let lastUsed = history.lastUsed, rules.isStale(lastUsed: lastUsed, now: now) else {
            return history.messages
        }
        try await reset(key)
        return []
    }

    /// What is remembered, as it is.
    func history(of key: SessionKey, limit: Int) async throws -> SessionHistory {
        isDurable(key)
            ? try await journal.history(of: key, limit: limit) : await fleeting.history(of: key, limit: limit)
    }

    func reset(_ key: SessionKey) async throws {
        if isDurable(key) { try await journal.reset(key) } else { await fleeting.reset(key) }
    }

    /// Remembers in memory what the journal does not.
    func remember(_ messages: [ChatMessage], in key: SessionKey, limit: Int, at now: Timestamp) async {
        await fleeting.remember(messages, in: key, limit: limit, at: now)
    }
}

/// Histories in memory: so many sessions at most, the least recently used go first.
private actor FleetingSessions {
    private static let maximumSessions = 10_000

    private var sessions: [SessionKey: SessionHistory] = [:]

    func history(of key: SessionKey, limit: Int) -> SessionHistory {
        var history = sessions[key] ?? SessionHistory()
        history.messages = history.messages.suffix(limit)
        return history
    }

    func reset(_ key: SessionKey) { sessions[key] = nil }

    func remember(_ messages: [ChatMessage], in key: SessionKey, limit: Int, at now: Timestamp) {
        if sessions[key] == nil, sessions.count >= Self.maximumSessions { forgetOldest() }
        sessions[key, default: SessionHistory()].messages += messages
        sessions[key]?.lastUsed = now
        let excess = (sessions[key]?.messages.count ?? 0) - max(limit, 0)
        if excess > 0 { sessions[key]?.messages.removeFirst(excess) }
    }

    /// A tenth at a time, so that a new session seldom costs a search.
    private func forgetOldest() {
        let byAge = sessions.map { (key: $0.key, lastUsed: $0.value.lastUsed?.microseconds ?? .min) }
            .sorted { $0.lastUsed < $1.lastUsed }
        for (key, _) in byAge.prefix(max(byAge.count / 10, 1)) { sessions[key] = nil }
    }
}
