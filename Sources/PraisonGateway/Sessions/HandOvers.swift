import PraisonCore

/// Who answers in a session in place of its own agent, because that one has handed the conversation over.
///
/// It holds until the conversation is handed back, the session starts afresh, or nobody has written for ``lifetime``; a
/// restart changes nothing.
struct HandOvers: Sendable {
    static let lifetime = Duration.seconds(24 * 60 * 60)

    let journal: any Journal

    /// The agent that answers in `session`; `nil` where that is its own.
    func holder(of session: SessionKey, at now: Timestamp) async throws -> AgentName? {
        guard let text = try await journal.cursor(Self.key(of: session)),
            let kept = try? JSONDocument(parsing: text), let agent = kept["agent"]?.string,
            let time = kept["at"]?.double.map(Timestamp.init(seconds:)), now - time < Self.lifetime
        else { return nil }
        return AgentName(agent)
    }

    /// - Parameter agent: `nil` for the session's own.
    func give(_ session: SessionKey, to agent: AgentName?, at now: Timestamp) async throws {
        let kept = agent.map { JSONValue.object(["agent": .string($0.rawValue), "at": JSONValue(now.seconds)]) }
        try await journal.save(kept?.text(), for: Self.key(of: session))
    }

    private static func key(of session: SessionKey) -> String { "hand-over/\(session)" }
}
