/// What a platform told us, in words that are the same for every platform.
public struct InboundMessage: Hashable, Sendable, Codable {
    public enum Kind: String, Hashable, Sendable, Codable {
        /// Somebody wrote or sent something.
        case message
        /// Somebody changed what they had written; `id` is the message changed.
        case edit
        /// Somebody removed a message; `id` is the message removed.
        case delete
        /// Somebody added or removed reactions on the message `id`.
        case reaction
        /// Somebody pressed a button under the message `id`; `text` is the button's data.
        case callback
        /// Somebody, perhaps the bot itself, came in.
        case join
        /// Somebody, perhaps the bot itself, went out.
        case leave
        /// The conversation got a new identifier, which is in `migratedTo`.
        case migration
        /// Other news of the conversation (a title, a pin, a topic); `text` says which.
        case service
        /// A kind of update this build does not know; kept for the record, answered by nobody.
        case unsupported
    }

    /// The message this one answers.
    public struct Reply: Hashable, Sendable, Codable {
        public var id: MessageID?
        public var sender: Sender?
        public var text: String?
        /// The part of it that was quoted.
        public var quote: String?
        /// Whether the message answered is one of the bot's own.
        public var isToBot: Bool

        public init(
            id: MessageID?, sender: Sender? = nil, text: String? = nil, quote: String? = nil, isToBot: Bool = false
        ) {
            self.id = id
            self.sender = sender
            self.text = text
            self.quote = quote
            self.isToBot = isToBot
        }
    }

    /// A command addressed to this bot: `/new now please` is `new` with `now please`.
    public struct Command: Hashable, Sendable, Codable {
        /// Lower case, without slash and without the bot's name.
        public var name: String
        public var arguments: String

        public init(name: String, arguments: String = "") {
            self.name = name
            self.arguments = arguments
        }
    }

    /// The server or workspace a message was written in, and what its sender is there; for bindings.
    public struct Membership: Hashable, Sendable, Codable {
        public var server: String
        /// Identifiers of the sender's roles, and their names where they are known.
        public var roles: [String]

        public init(server: String, roles: [String] = []) {
            self.server = server
            self.roles = roles
        }
    }

    public var kind: Kind
    public var id: MessageID
    public var conversation: Conversation
    public var sender: Sender
    /// `nil` in private, and on platforms that know no servers.
    public var membership: Membership?
    public var text: String
    public var entities: [TextEntity]
    /// Whether the bot is called by name. A reply to the bot is told by `reply`.
    public var mentionsBot: Bool
    public var command: Command?
    public var reply: Reply?
    public var attachments: [Attachment]
    /// Messages that share this are parts of one album and are answered as one.
    public var album: String?
    /// For `reaction`: what is there now that was not there before, and the reverse.
    public var reactionsAdded: [String]
    public var reactionsRemoved: [String]
    /// Whether the text was first written by somebody else; says by whom where the platform tells.
    public var forwardedFrom: String?
    public var migratedTo: Conversation.ID?
    /// The conversation's title, for people who read logs.
    public var title: String?
    /// What comes with the message where a program sends it.
    public var caller: CallerContext?

    public init(
        kind: Kind = .message, id: MessageID, conversation: Conversation, sender: Sender,
        membership: Membership? = nil, text: String = "",
        entities: [TextEntity] = [], mentionsBot: Bool = false, command: Command? = nil, reply: Reply? = nil,
        attachments: [Attachment] = [], album: String? = nil, reactionsAdded: [String] = [],
        reactionsRemoved: [String] = [], forwardedFrom: String? = nil, migratedTo: Conversation.ID? = nil,
        title: String? = nil, caller: CallerContext? = nil
    ) {
        self.kind = kind
        self.id = id
        self.conversation = conversation
        self.sender = sender
        self.membership = membership
        self.text = text
        self.entities = entities
        self.mentionsBot = mentionsBot
        self.command = command
        self.reply = reply
        self.attachments = attachments
        self.album = album
        self.reactionsAdded = reactionsAdded
        self.reactionsRemoved = reactionsRemoved
        self.forwardedFrom = forwardedFrom
        self.migratedTo = migratedTo
        self.title = title
        self.caller = caller
    }
}
