/// What people ask of the past: what became of a message, and which replies never arrived.
public protocol JournalRecords: Sendable {
    /// Everything the journal knows of an event; `nil` when it is unknown, or settled so long ago that it was dropped.
    func record(of event: EventID) async throws -> EventRecord?

    /// Messages that were given up, oldest first, at most `limit` of those after `row` (0 for the first).
    func deadLetters(after row: OutboxRow.ID, limit: Int) async throws -> [OutboxRecord]

    /// How many messages were given up and are still on record.
    func deadLetterCount() async throws -> Int
}

/// An event's life so far.
public struct EventRecord: Hashable, Sendable {
    public var entry: JournalEntry
    /// `nil` while the event is open.
    public var outcome: TurnOutcome?
    public var settledAt: Timestamp?
    /// The messages that answer it, in order.
    public var messages: [OutboxRecord]

    public init(
        entry: JournalEntry, outcome: TurnOutcome? = nil, settledAt: Timestamp? = nil, messages: [OutboxRecord] = []
    ) {
        self.entry = entry
        self.outcome = outcome
        self.settledAt = settledAt
        self.messages = messages
    }
}

/// A message's life in the outbox so far.
public struct OutboxRecord: Hashable, Sendable {
    public enum State: String, Hashable, Sendable {
        case waiting
        /// Being sent, or interrupted while it was.
        case claimed
        case sent
        /// Given up.
        case failed
    }

    public var row: OutboxRow
    public var state: State
    /// Where it is, once sent.
    public var receipt: MessageReceipt?
    /// Why it was postponed last, or given up.
    public var reason: String?
    public var createdAt: Timestamp
    /// When it was sent or given up.
    public var settledAt: Timestamp?

    public init(
        row: OutboxRow, state: State, receipt: MessageReceipt? = nil, reason: String? = nil, createdAt: Timestamp,
        settledAt: Timestamp? = nil
    ) {
        self.row = row
        self.state = state
        self.receipt = receipt
        self.reason = reason
        self.createdAt = createdAt
        self.settledAt = settledAt
    }
}
