/// Something an agent was told to remember beyond the conversation.
public struct Fact: Hashable, Sendable, Identifiable {
    public var id: Int64
    /// Whom or what it is about, see ``FactStore/remember(_:about:at:)``.
    public var subject: String
    public var text: String
    public var at: Timestamp

    public init(id: Int64, subject: String, text: String, at: Timestamp) {
        self.id = id
        self.subject = subject
        self.text = text
        self.at = at
    }
}

/// Keeps what agents remember of people and conversations, across sessions and restarts.
public protocol FactStore: Sendable {
    /// - Parameter subject: one agent's name for a person or conversation; see `Person.subject(_:of:)`.
    func remember(_ text: String, about subject: String, at time: Timestamp) async throws -> Fact

    /// The facts of these subjects that share words with `query`, the best first; all of them, the newest first, where
    /// there is none.
    func facts(about subjects: [String], matching query: String?, limit: Int) async throws -> [Fact]

    /// - Parameter id: `nil` for all that is known of these subjects.
    /// - Returns: how many are gone.
    func forget(_ id: Fact.ID?, about subjects: [String]) async throws -> Int
}

/// Who somebody is, whichever account they write from.
public struct Identities: Hashable, Sendable {
    /// By account, `CHANNEL/ID`: the name of the person.
    public var people: [String: String]

    public init(_ people: [String: String] = [:]) { self.people = people }

    /// The person's name in the file; the account where the file says nothing.
    public func person(_ sender: SenderID, on channel: ChannelName) -> String {
        let account = "\(channel)/\(sender)"
        return people[account] ?? account
    }

    /// What an agent's memories are filed under: the person, wherever they write from, and the conversation. Where
    /// others read along, what somebody told in private stays there: the conversation alone.
    public func subjects(of agent: AgentName, sender: SenderID, in conversation: Conversation) -> [String] {
        let person = "\(agent)/person/\(person(sender, on: conversation.channel))"
        return (conversation.scope == .dm ? [person] : []) + ["\(agent)/conversation/\(conversation.key)"]
    }
}
