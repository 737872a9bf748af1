import PraisonCore

/// Whether a client may take up a session that exists.
struct ResumeRule: Sendable {
    enum Decision: Hashable, Sendable {
        case granted
        /// The session talks to another agent.
        case otherAgent
        /// It belongs to somebody else.
        case notOwner
        /// Its client is still connected, and this one can't prove that it is the same.
        case inUse
    }

    /// A fingerprint: of the token, else of the resume key.
    var owner: String
    var agent: AgentName
    var isConnected: Bool

    /// - Parameters:
    ///   - token: the fingerprint of the client's token, if it showed one.
    ///   - key: the fingerprint of the resume key it knows, if any.
    func decide(agent wanted: AgentName, token: String?, key: String?) -> Decision {
        guard wanted == agent else { return .otherAgent }
        if owner == token.map(Self.owner(token:)) || owner == key.map(Self.owner(key:)) { return .granted }
        // What a token opened stays with that token. A key can be lost with the client's memory, so it only matters
        // while somebody is there to be robbed.
        if owner.hasPrefix("token:") { return .notOwner }
        return isConnected ? .inUse : .granted
    }

    static func owner(token fingerprint: String) -> String { "token:\(fingerprint)" }
    static func owner(key fingerprint: String) -> String { "key:\(fingerprint)" }
}
