/// Names one agent's memory of one conversation, or of one person in it.
public struct SessionKey: Hashable, Sendable, Codable, CustomStringConvertible {
    public var agent: AgentName
    public var conversation: Conversation
    /// Set where each person has a history of their own.
    public var sender: SenderID?

    public init(agent: AgentName, conversation: Conversation, sender: SenderID? = nil) {
        self.agent = agent
        self.conversation = conversation
        self.sender = sender
    }

    /// `AGENT/CHANNEL/CHAT[/THREAD][#SENDER]`, unique.
    public var description: String {
        "\(agent)/\(conversation.key)" + (sender.map { "#\($0)" } ?? "")
    }
}

/// What an agent remembers of a session.
public struct SessionHistory: Hashable, Sendable {
    public var messages: [ChatMessage]
    /// What the store calls each of the messages; rises from one to the next.
    public var positions: [Int64] = []
    /// What stands for the messages before the first.
    public var summary: SessionSummary?
    /// When something was last remembered; `nil` for a fresh session.
    public var lastUsed: Timestamp?
    /// How many of the messages, from the end, were remembered by the last turn.
    public var lastTurn: Int

    public init(messages: [ChatMessage] = [], lastUsed: Timestamp? = nil, lastTurn: Int = 0) {
        self.messages = messages
        self.lastUsed = lastUsed
        self.lastTurn = lastTurn
    }
}

/// A summary that stands for a session's oldest messages. They stay on record, and come back when what is said since is
/// undone so far that the summary knows too much.
public struct SessionSummary: Hashable, Sendable, Codable {
    public var text: String
    /// The ``SessionHistory/positions`` of the last message it stands for.
    public var through: Int64

    public init(text: String, through: Int64) {
        self.text = text
        self.through = through
    }
}

/// What becomes of a session's history.
public enum SessionChange: Hashable, Sendable, Codable {
    /// What the last turn remembered is deleted.
    case forgetLastTurn
    /// It starts afresh; what was said before becomes an ``EarlierHistory``.
    case startAfresh
    /// An earlier history becomes the current one, which becomes an earlier one. One that is gone changes nothing.
    case resume(EarlierHistory.ID)
}

/// What was said in a session before it started afresh.
public struct EarlierHistory: Hashable, Sendable, Identifiable {
    /// Rises with every history that ends.
    public typealias ID = Int64

    public var id: ID
    /// What a person said first, as far as that is on record.
    public var firstWords: String
    public var messageCount: Int
    public var lastUsed: Timestamp

    public init(id: ID, firstWords: String, messageCount: Int, lastUsed: Timestamp) {
        self.id = id
        self.firstWords = firstWords
        self.messageCount = messageCount
        self.lastUsed = lastUsed
    }
}
