/// One message on its way to a platform: exactly one call of ``ChannelAdapter/send(_:)``.
public struct OutboundMessage: Hashable, Sendable, Codable {
    public enum Format: String, Hashable, Sendable, Codable {
        /// Shown letter by letter.
        case plain
        /// CommonMark, as language models write it; the adapter renders what its platform can show.
        case markdown
    }

    /// A file to send. Small ones travel in the journal, others by path.
    public struct File: Hashable, Sendable, Codable {
        public enum Source: Hashable, Sendable, Codable {
            case bytes([UInt8])
            case path(String)
            case url(String)
        }

        public var kind: Attachment.Kind
        public var name: String
        public var mimeType: String?
        public var source: Source

        public init(kind: Attachment.Kind, name: String, mimeType: String? = nil, source: Source) {
            self.kind = kind
            self.name = name
            self.mimeType = mimeType
            self.source = source
        }
    }

    /// Something to press below a message, on platforms that have buttons. Pressing it comes back as a message of kind
    /// ``InboundMessage/Kind/callback`` with ``data`` as its text.
    public struct Button: Hashable, Sendable, Codable {
        public var label: String
        /// At most 64 bytes.
        public var data: String

        public init(label: String, data: String) {
            self.label = label
            self.data = data
        }
    }

    /// The same for every attempt, and different for every message; the seed of a platform's idempotency key.
    public var key: String
    public var conversation: Conversation
    public var text: String
    public var format: Format
    /// The message answered, shown as a reply where the platform can.
    public var replyTo: MessageID?
    /// The message to overwrite instead of sending a new one (``EditsMessages``).
    public var replaces: MessageID?
    public var files: [File]
    /// The event this answers, and how its turn ended; for channels that tell their clients so.
    public var answers: EventID?
    public var outcome: TurnOutcome?
    /// In one row. Where the platform has none, the text has to say what to write instead. An edit with an
    /// empty list takes them away.
    public var buttons: [Button]?

    public init(
        key: String, conversation: Conversation, text: String, format: Format = .markdown,
        replyTo: MessageID? = nil, replaces: MessageID? = nil, files: [File] = [], answers: EventID? = nil,
        outcome: TurnOutcome? = nil
    ) {
        self.key = key
        self.conversation = conversation
        self.text = text
        self.format = format
        self.replyTo = replyTo
        self.replaces = replaces
        self.files = files
        self.answers = answers
        self.outcome = outcome
    }
}

/// The platform's word that a message is there.
public struct MessageReceipt: Hashable, Sendable, Codable {
    public var id: MessageID
    public var timestamp: Timestamp?

    public init(id: MessageID, timestamp: Timestamp? = nil) {
        self.id = id
        self.timestamp = timestamp
    }
}
