public import PraisonCore

/// A bot's message as the people in the conversation see it now.
public struct SimulatedMessage: Hashable, Sendable {
    public struct File: Hashable, Sendable {
        public var kind: Attachment.Kind
        public var name: String
        /// Bytes.
        public var size: Int

        public init(kind: Attachment.Kind, name: String, size: Int) {
            self.kind = kind
            self.name = name
            self.size = size
        }
    }

    public var id: MessageID
    public var conversation: Conversation.ID
    public var thread: Conversation.Thread?
    public var text: String
    public var replyTo: MessageID?
    /// Whether it once said something else.
    public var isEdited: Bool
    /// The bots' reactions on it.
    public var reactions: [String]
    public var files: [File]
    /// What the platform shows besides, under names of its own: the bot, the text's entities.
    public var extras: [String: JSONValue]

    public init(
        id: MessageID, conversation: Conversation.ID, thread: Conversation.Thread? = nil, text: String,
        replyTo: MessageID? = nil, isEdited: Bool = false, reactions: [String] = [], files: [File] = [],
        extras: [String: JSONValue] = [:]
    ) {
        self.id = id
        self.conversation = conversation
        self.thread = thread
        self.text = text
        self.replyTo = replyTo
        self.isEdited = isEdited
        self.reactions = reactions
        self.files = files
        self.extras = extras
    }

    /// As `GET /_sim/sent` shows it.
    public var json: JSONValue {
        let members: [String: JSONValue] = [
            "id": .string(id.rawValue), "conversation": .string(conversation.rawValue),
            "thread": JSONValue(thread?.rawValue), "text": .string(text), "reply_to": JSONValue(replyTo?.rawValue),
            "edited": .bool(isEdited), "reactions": .array(reactions.map(JSONValue.string)),
            "files": .array(
                files.map {
                    ["kind": .string($0.kind.rawValue), "name": .string($0.name), "size": JSONValue($0.size)]
                }),
        ]
        return .object(members.merging(extras) { own, _ in own })
    }
}

/// Where a simulated platform is to deliver.
public struct SimulatedWebhook: Hashable, Sendable {
    public var url: String
    public var secret: String
    /// What the platform sends first to see who is there, where it does that.
    public var verifyToken: String?

    public init(url: String, secret: String, verifyToken: String? = nil) {
        self.url = url
        self.secret = secret
        self.verifyToken = verifyToken
    }
}
