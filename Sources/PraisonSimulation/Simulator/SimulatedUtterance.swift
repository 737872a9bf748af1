public import PraisonCore

/// Something that somebody on a simulated platform says: the body of `POST /_sim/say`.
public struct SimulatedUtterance: Hashable, Sendable {
    /// Speaks as the bot's own account, for platforms that tell a bot what it said.
    public static let ownAccount = "self"

    public struct File: Hashable, Sendable {
        public var kind: Attachment.Kind
        public var name: String
        public var mimeType: String?
        public var content: [UInt8]

        public init(kind: Attachment.Kind, name: String, mimeType: String? = nil, content: [UInt8]) {
            self.kind = kind
            self.name = name
            self.mimeType = mimeType
            self.content = content
        }
    }

    /// What the platform made of it, in its own numbers.
    public struct Receipt: Hashable, Sendable {
        public var id: MessageID
        public var conversation: Conversation.ID
        public var thread: Conversation.Thread?
        public var sender: SenderID

        public init(
            id: MessageID, conversation: Conversation.ID, thread: Conversation.Thread? = nil, sender: SenderID
        ) {
            self.id = id
            self.conversation = conversation
            self.thread = thread
            self.sender = sender
        }

        var json: JSONValue {
            [
                "id": .string(id.rawValue), "conversation": .string(conversation.rawValue),
                "thread": JSONValue(thread?.rawValue), "sender": .string(sender.rawValue),
            ]
        }
    }

    /// A name (`family`), which the platform then numbers, or a number of the platform's own. `nil` in a dm: the
    /// sender's own.
    public var conversation: String?
    public var scope: Conversation.Scope
    public var thread: String?
    /// A name (`ada`) or a number of the platform's own, as with `conversation`; or ``ownAccount``.
    public var sender: String?
    public var text: String
    public var replyTo: MessageID?
    /// Whether the bot is called by its name, which is put before the text unless it is in it.
    public var mentionsBot: Bool
    /// Which bot hears it, where several use one simulator: its name or number. `nil` for all that can.
    public var bot: String?
    public var files: [File]

    public init(
        _ text: String, conversation: String? = nil, scope: Conversation.Scope = .dm, thread: String? = nil,
        sender: String? = "ada", replyTo: MessageID? = nil, mentionsBot: Bool = false, bot: String? = nil,
        files: [File] = []
    ) {
        self.text = text
        self.conversation = conversation
        self.scope = scope
        self.thread = thread
        self.sender = sender
        self.replyTo = replyTo
        self.mentionsBot = mentionsBot
        self.bot = bot
        self.files = files
    }

    init(_ request: ControlRequest) throws(SimulatorControlError) {
        try request.allow([
            "conversation", "scope", "thread", "sender", "text", "reply_to", "mention", "bot", "files",
        ])
        let scopes = Conversation.Scope.allCases.map(\.rawValue)
        let scope = try request.choice("scope", of: scopes) ?? Conversation.Scope.dm.rawValue
        var files: [File] = []
        for element in try request.list("files") { files.append(try Self.file(element)) }
        self.init(
            try request.text("text") ?? "", conversation: try request.text("conversation"),
            scope: Conversation.Scope(rawValue: scope) ?? .dm, thread: try request.text("thread"),
            sender: try request.text("sender"), replyTo: try request.text("reply_to").map { MessageID($0) },
            mentionsBot: try request.bool("mention") ?? false, bot: try request.text("bot"), files: files)
        guard !text.isEmpty || !files.isEmpty else { throw request.problem("text", "is missing, and so are files") }
        guard conversation != nil || (self.scope == .dm && sender != nil) else {
            throw request.problem("conversation", "is missing; a dm may be named by its sender instead")
        }
    }

    private static func file(_ request: ControlRequest) throws(SimulatorControlError) -> File {
        try request.allow(["kind", "name", "mime_type", "text", "hex"])
        let kinds: [Attachment.Kind] = [.image, .video, .audio, .voice, .document, .sticker, .animation]
        let kind = try request.choice("kind", of: kinds.map(\.rawValue)) ?? Attachment.Kind.document.rawValue
        var content = Array((try request.text("text") ?? "").utf8)
        if let hex = try request.text("hex") {
            guard let bytes = bytes(hex: hex) else {
                throw request.problem("hex", "is not pairs of hexadecimal digits")
            }
            content = bytes
        }
        return File(
            kind: Attachment.Kind(rawValue: kind) ?? .document, name: try request.text("name") ?? "file",
            mimeType: try request.text("mime_type"), content: content)
    }

    private static func bytes(hex: String) -> [UInt8]? {
        let digits = hex.utf8.map { Character(Unicode.Scalar($0)).hexDigitValue }
        guard digits.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = digits[index], let low = digits[index + 1] else { return nil }
            bytes.append(UInt8(high << 4 | low))
        }
        return bytes
    }
}
