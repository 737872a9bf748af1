/// One platform, seen from the hub: it hears, and it speaks one message at a time.
///
/// `init` checks its settings and touches neither network nor disk. `run()` receives until it is cancelled and hands
/// each event to ``ChannelContext/accept``, which returns once the event is in the journal; only then may the platform
/// be told that it arrived. `send(_:)` is one attempt; splitting, pacing and retrying are the outbox's work.
///
/// What a platform can do besides is told by conforming to ``EditsMessages``, ``ShowsTyping``, ``ShowsWaiting``,
/// ``Reacts``, ``DownloadsMedia``, ``ReconcilesSends``, ``FetchesHistory`` and, for webhooks, ``HTTPHandler``.
public protocol ChannelAdapter: Sendable {
    /// The word after `platform:` in gateway.yaml.
    static var platform: Platform { get }
    static var capabilities: ChannelCapabilities { get }
    /// The keys this platform adds to a channel's block, beyond those every channel has.
    static var options: [ChannelOption] { get }

    /// - Throws: ``ChannelSettingsError`` when the settings cannot work.
    init(settings: ChannelSettings, context: ChannelContext) throws

    /// Receives until cancelled. Returning or throwing earlier asks the supervisor for a restart, except that
    /// ``ChannelError/unauthorized(reason:)`` parks the channel.
    func run() async throws

    /// One attempt to send one message.
    func send(_ message: OutboundMessage) async throws(ChannelError) -> MessageReceipt

    /// What a recorded payload means: the pure part of receiving, without network, account or clock.
    ///
    /// - Parameter payload: what the platform delivers at once: one update, envelope, dispatch or webhook body.
    /// - Returns: the events it contains, none for what concerns nobody.
    static func events(in payload: JSONDocument, for receiver: Receiver) -> [GatewayEvent]

    /// Why parts of a recorded payload could not be read, such as `a message without a chat`: one reason for each part,
    /// naming fields, never content. Empty when it is what the platform promises, whomever it concerns.
    static func problems(in payload: JSONDocument, for receiver: Receiver) -> [String]
}

extension ChannelAdapter {
    public static var options: [ChannelOption] { [] }

    public static func problems(in payload: JSONDocument, for receiver: Receiver) -> [String] { [] }
}

/// Who is listening: what normalisation has to know about the bot's own account.
public struct Receiver: Hashable, Sendable {
    public var channel: ChannelName
    public var id: SenderID?
    public var username: String?
    /// When the payload arrived, for payloads that carry no time themselves.
    public var receivedAt: Timestamp

    public init(channel: ChannelName, id: SenderID? = nil, username: String? = nil, receivedAt: Timestamp) {
        self.channel = channel
        self.id = id
        self.username = username
        self.receivedAt = receivedAt
    }
}

/// A platform where a sent message can be changed.
public protocol EditsMessages: ChannelAdapter {
    /// Overwrites the bot's own message `message.replaces`, or sends a new one where that is gone: the receipt names the
    /// message that is there now.
    func edit(_ message: OutboundMessage) async throws(ChannelError) -> MessageReceipt
}

/// A platform that shows that an answer is being written.
public protocol ShowsTyping: ChannelAdapter {
    /// Shows it once; it fades by itself after a while, see ``ChannelCapabilities/typingRefresh``.
    func showTyping(in conversation: Conversation) async throws(ChannelError)
}

/// A platform with reactions.
public protocol Reacts: ChannelAdapter {
    /// Puts `emoji` on a message in place of the bot's earlier reaction, or takes it away when `nil`.
    func react(to message: MessageID, in conversation: Conversation, with emoji: String?) async throws(ChannelError)
}

/// A platform whose attachments can be fetched.
public protocol DownloadsMedia: ChannelAdapter {
    /// - Parameter limit: bytes; a larger file is refused as ``ChannelError/rejected(reason:)``.
    func download(_ attachment: Attachment, limit: Int) async throws(ChannelError) -> [UInt8]
}

/// A platform that shows to whoever asks that an answer is on its way, until one is there.
public protocol ShowsWaiting: ChannelAdapter {
    /// Whether that is shown for `event`. When nothing is to be said to it, ``ChannelAdapter/send(_:)`` is handed a message
    /// without text and files that `answers` it and tells the outcome.
    static func isAwaited(_ event: EventID) -> Bool
}

/// A channel whose clients see a reply grow: it takes the parts themselves, instead of edits of a message.
public protocol StreamsReplies: ShowsWaiting {
    /// One part of the reply to `event`, in order. Must not throw and must not hold the turn up for long.
    func stream(_ part: ReplyPart, answering event: EventID, agent: AgentName, in conversation: Conversation) async
}

extension StreamsReplies {
    public static func isAwaited(_ event: EventID) -> Bool { true }
}

/// A platform that can tell whether a message whose fate is unknown did arrive.
public protocol ReconcilesSends: ChannelAdapter {
    /// The receipt of the message sent under `message.key`, or `nil` when it is certain that there is none.
    func receipt(of message: OutboundMessage) async throws(ChannelError) -> MessageReceipt?
}

/// A platform that keeps what was said while nobody listened.
public protocol FetchesHistory: ChannelAdapter {
    /// Events after `message`, oldest first, at most `limit`.
    func history(of conversation: Conversation, after message: MessageID?, limit: Int)
        async throws(ChannelError) -> [GatewayEvent]
}
