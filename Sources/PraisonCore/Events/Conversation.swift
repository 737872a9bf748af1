/// A place where messages are exchanged: one chat of one channel, or one thread in it.
public struct Conversation: Hashable, Sendable, Codable {
    /// A chat as the platform numbers it.
    public struct ID: Name {
        public let rawValue: String
        public init(rawValue: String) { self.rawValue = rawValue }
    }

    /// A topic or thread inside a chat, as the platform numbers it.
    public struct Thread: Name {
        public let rawValue: String
        public init(rawValue: String) { self.rawValue = rawValue }
    }

    /// Who can read the conversation; the keys of the routing table.
    public enum Scope: String, Hashable, Sendable, Codable, CaseIterable {
        /// One person and the bot.
        case dm
        /// Several people who talk to each other.
        case group
        /// A broadcast: few write, many read.
        case channel
    }

    public var channel: ChannelName
    public var id: ID
    public var scope: Scope
    public var thread: Thread?

    public init(channel: ChannelName, id: ID, scope: Scope, thread: Thread? = nil) {
        self.channel = channel
        self.id = id
        self.scope = scope
        self.thread = thread
    }

    /// `CHANNEL/CHAT` or `CHANNEL/CHAT/THREAD`: names the lane in which messages keep their order.
    public var key: String {
        thread.map { "\(channel)/\(id)/\($0)" } ?? "\(channel)/\(id)"
    }
}
