/// What happened, in the order it was accepted, before anybody is told. One implementation keeps it on disk.
///
/// Every method that changes something returns once the change is durable; concurrent calls share one commit.
public protocol Journal: CursorStore {
    // MARK: Events in

    /// Commits the events that are not there yet (``GatewayEvent/id`` is unique) and returns exactly those, in order.
    func append(_ events: [GatewayEvent]) async throws -> [JournalEntry]

    /// Entries without an outcome, oldest first, at most `limit` of those after `entry` (0 for the first): what a restart
    /// has to take up again, and what did not fit into memory.
    ///
    /// One that can't be read is put aside with an outcome that says so, and left out; there are no more only when none
    /// is returned.
    func unsettledEntries(in part: JournalPart, after entry: JournalEntry.ID, limit: Int) async throws -> [JournalEntry]

    /// How many entries of each channel have no outcome; channels without any are left out.
    func unsettledCounts() async throws -> [ChannelName: Int]

    /// The highest number that an entry has been given; 0 when there has been none.
    func lastEntry() async throws -> JournalEntry.ID

    /// Notes that a turn for these entries starts.
    ///
    /// - Returns: how many times one has started, this one included: the highest over the entries.
    func beginAttempt(_ entries: [JournalEntry.ID]) async throws -> Int

    /// In one transaction: for each turn its entries' outcome, what the session remembers, and the messages to send.
    ///
    /// - Returns: the new rows of the outbox, in order.
    func settle(_ turns: [SettledTurn]) async throws -> [OutboxRow]

    /// What became of an event; `nil` when it is unknown or not settled yet.
    func outcome(of event: EventID) async throws -> TurnOutcome?

    // MARK: Messages out

    /// Rows that are neither sent nor given up, in the order they were made, at most `limit` of those after `row`. Those
    /// that are claimed have ``OutboxRow/interrupted`` set. One that can't be read is given up, and left out; there are no
    /// more only when none is returned.
    func unsentRows(in part: JournalPart, after row: OutboxRow.ID, limit: Int) async throws -> [OutboxRow]

    /// How many rows of each channel are neither sent nor given up; channels without any are left out.
    func unsentCounts() async throws -> [ChannelName: Int]

    /// Commits messages that belong to no turn (a schedule's word, a pairing code).
    func enqueue(_ messages: [OutboundMessage]) async throws -> [OutboxRow]

    /// Notes that the row is about to be sent, and counts the attempt. Only then may it be sent, unless a repeat would be
    /// invisible. The row stays claimed until it is settled.
    func claim(_ row: OutboxRow.ID) async throws

    /// Notes what came of sending the row.
    func settle(_ row: OutboxRow.ID, _ result: DeliveryResult) async throws

    /// Replaces the conversation's identifier in unsettled entries, in unsent rows and in sessions, those of its threads
    /// included, after the platform moved it. Where there is a session of the new name already, both become one, in the
    /// order in which things were said.
    func moveConversation(_ old: Conversation, to new: Conversation.ID) async throws

    // MARK: Sessions

    /// The last `limit` messages of the session's current history that no summary stands for, oldest first, the summary,
    /// and when it was last used. A summary never stands for what the last turn remembered.
    func history(of session: SessionKey, limit: Int) async throws -> SessionHistory

    /// Starts a fresh history. What was said before stays on record and is shown to no agent.
    func reset(_ session: SessionKey) async throws

    /// What was said before the session last started afresh, and before that: the latest `limit`, newest first.
    func earlierHistories(of session: SessionKey, limit: Int) async throws -> [EarlierHistory]

    // MARK: People

    /// The people let in by pairing, per channel.
    func pairedSenders(of channel: ChannelName) async throws -> Set<SenderID>

    /// Keeps a code for somebody who knocked; an earlier one of theirs is replaced.
    func requestPairing(_ request: PairingRequest) async throws

    func pendingPairings() async throws -> [PairingRequest]

    /// Lets in whoever was given `code` on `channel`, unless it has expired.
    ///
    /// - Returns: who that is, or `nil` when there is no such code.
    func approvePairing(channel: ChannelName, code: String, at now: Timestamp) async throws -> PairingRequest?

    /// - Returns: whether they had been let in.
    func revokePairing(channel: ChannelName, sender: SenderID) async throws -> Bool
}

extension Journal {
    /// One turn alone; see ``settle(_:)-([SettledTurn])``.
    public func settle(_ turn: SettledTurn) async throws -> [OutboxRow] { try await settle([turn]) }

    /// All entries without an outcome, oldest first. They may be more than memory likes.
    public func unsettledEntries() async throws -> [JournalEntry] {
        try await unsettledEntries(in: .everything, after: 0, limit: .max)
    }

    /// All rows that are neither sent nor given up, in the order they were made. They may be more than memory likes.
    public func unsentRows() async throws -> [OutboxRow] {
        try await unsentRows(in: .everything, after: 0, limit: .max)
    }
}

/// Which of the journal's entries or rows are meant.
public enum JournalPart: Hashable, Sendable {
    case everything
    /// Those whose ``GatewayEvent/channel`` or whose message's channel this is.
    case channel(ChannelName)
    /// Those of one lane: the same ``Conversation/key``, which an event without a message has not.
    case conversation(Conversation)
}

/// An event with its place in the journal.
public struct JournalEntry: Hashable, Sendable, Identifiable {
    /// Rises with every event accepted.
    public typealias ID = Int64

    public var id: ID
    public var event: GatewayEvent
    public var receivedAt: Timestamp
    /// Turns that were started for it and came to no end, see ``Journal/beginAttempt(_:)``.
    public var attempts: Int

    public init(id: ID, event: GatewayEvent, receivedAt: Timestamp, attempts: Int = 0) {
        self.id = id
        self.event = event
        self.receivedAt = receivedAt
        self.attempts = attempts
    }
}

/// How an accepted event ended. Exactly one for each.
public struct TurnOutcome: Hashable, Sendable, Codable {
    public enum Status: String, Hashable, Sendable, Codable {
        /// An agent answered.
        case answered
        /// A built-in command was carried out.
        case command
        /// Nothing is said, for the reason given.
        case ignored
        /// The turn failed; the sender was told so.
        case failed
        /// Somebody stopped the turn.
        case stopped
        /// Taken up too often after crashes, and put aside.
        case quarantined
    }

    public var status: Status
    /// Why, for people.
    public var reason: String?
    public var agent: AgentName?
    public var model: String?
    public var usage: TokenUsage?
    /// For `failed`: what kind of failure, and seconds after which trying again may help.
    public var errorKind: AgentError.Kind?
    public var retryAfterSeconds: Double?
    /// For `failed`: what the person is told; `nil` for the words that stand for the kind. See ``AgentError/message``.
    public var message: String?
    /// For `answered`: tools that whoever asked has to run; see ``Reply/toolCalls``.
    public var toolCalls: [ToolCall]?

    public init(
        _ status: Status, reason: String? = nil, agent: AgentName? = nil, model: String? = nil,
        usage: TokenUsage? = nil, errorKind: AgentError.Kind? = nil, retryAfterSeconds: Double? = nil
    ) {
        self.status = status
        self.reason = reason
        self.agent = agent
        self.model = model
        self.usage = usage
        self.errorKind = errorKind
        self.retryAfterSeconds = retryAfterSeconds
    }
}

/// Everything a finished turn leaves behind.
public struct SettledTurn: Hashable, Sendable {
    public var entries: [JournalEntry.ID]
    public var outcome: TurnOutcome
    /// The session to change and to remember in; `nil` when nothing is.
    public var session: SessionKey?
    /// What becomes of the session before anything is remembered.
    public var change: SessionChange?
    /// What stands for the session's oldest messages from now on.
    public var summary: SessionSummary?
    public var remember: [ChatMessage]
    public var messages: [OutboundMessage]
    public var at: Timestamp

    public init(
        entries: [JournalEntry.ID], outcome: TurnOutcome, session: SessionKey? = nil, change: SessionChange? = nil,
        remember: [ChatMessage] = [], messages: [OutboundMessage] = [], at: Timestamp
    ) {
        self.entries = entries
        self.outcome = outcome
        self.session = session
        self.change = change
        self.remember = remember
        self.messages = messages
        self.at = at
    }
}

/// A message with its place in the outbox.
public struct OutboxRow: Hashable, Sendable, Identifiable {
    public typealias ID = Int64

    public var id: ID
    public var message: OutboundMessage
    /// Attempts made so far.
    public var attempts: Int
    /// Whether an attempt was under way when the process ended, so that the message may be there already.
    public var interrupted: Bool

    public init(id: ID, message: OutboundMessage, attempts: Int = 0, interrupted: Bool = false) {
        self.id = id
        self.message = message
        self.attempts = attempts
        self.interrupted = interrupted
    }
}

/// What came of sending a row.
public enum DeliveryResult: Hashable, Sendable {
    case sent(MessageReceipt)
    /// Not sent for now; nothing arrived.
    case postponed(reason: String)
    /// Given up.
    case failed(reason: String)
}

/// Somebody who knocked and was given a code.
public struct PairingRequest: Hashable, Sendable, Codable {
    public var channel: ChannelName
    public var sender: Sender
    /// Eight characters of A–Z and 2–9, without those that look alike.
    public var code: String
    public var requestedAt: Timestamp
    public var expiresAt: Timestamp

    public init(channel: ChannelName, sender: Sender, code: String, requestedAt: Timestamp, expiresAt: Timestamp) {
        self.channel = channel
        self.sender = sender
        self.code = code
        self.requestedAt = requestedAt
        self.expiresAt = expiresAt
    }
}
