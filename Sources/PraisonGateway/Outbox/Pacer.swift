import PraisonCore

/// How fast a channel may be spoken to: two token buckets, one for the whole channel and one for each conversation, in
/// the pace the platform likes; and the waiting times the platform itself imposed.
///
/// One budget for everything: messages wait their turn, while edits of drafts and signs of typing are left out when
/// they would have to.
struct Pacer {
    /// Conversations refused in a row, without a success between, after which the whole channel is taken to be meant.
    static let refusalsOfTheChannel = 3

    private let pace: ChannelCapabilities.Pace
    /// When the channel's bucket was last empty-in-theory (the "theoretical arrival time" of a leaky bucket).
    private var channelDue: Duration
    private var conversationDue: [Conversation.ID: Duration] = [:]
    private var holds: [Conversation.ID: Duration] = [:]
    private var channelHold: Duration = .zero
    private var refusedInARow: Set<Conversation.ID> = []
    /// Until when a conversation's bucket may not have filled up since an earlier process emptied it.
    private let unknownUntil: Duration
    private var pruneAt = 10_000

    /// - Parameter start: now. What was said just before is not known, so the buckets start empty.
    init(_ pace: ChannelCapabilities.Pace, start: Duration) {
        self.pace = pace
        channelDue = start + max(.seconds(1) - Self.step(pace), .zero)
        unknownUntil = start + pace.perConversation * max(pace.burst - 1, 0)
    }

    /// Takes a place in both queues.
    ///
    /// - Returns: how long to wait before sending.
    mutating func reserve(_ conversation: Conversation.ID, at now: Duration) -> Duration {
        prune(now)
        let start = opening(for: conversation, at: now)
        channelDue = max(channelDue, now) + Self.step(pace)
        if pace.perConversation > .zero {
            conversationDue[conversation] =
                max(conversationDue[conversation] ?? unknownUntil, start) + pace.perConversation
        }
        return start - now
    }

    /// When the next message may go.
    private func opening(for conversation: Conversation.ID, at now: Duration) -> Duration {
        // Up to a second's worth may go at once.
        let channelAt = max(channelDue - max(.seconds(1) - Self.step(pace), .zero), now)
        let ownAt = (conversationDue[conversation] ?? unknownUntil) - pace.perConversation * max(pace.burst - 1, 0)
        return max(channelAt, ownAt, held(conversation))
    }

    /// How much longer the platform wants to be left alone, in this conversation at least.
    func wait(_ conversation: Conversation.ID, at now: Duration) -> Duration { max(held(conversation) - now, .zero) }

    /// Takes a place for something that may as well be left out, if there is one at once.
    mutating func reserveIfFree(_ conversation: Conversation.ID, at now: Duration) -> Bool {
        guard opening(for: conversation, at: now) <= now else { return false }
        _ = reserve(conversation, at: now)
        return true
    }

    /// Notes that the platform refused a call and wants to be left alone for `wait`.
    mutating func refused(_ conversation: Conversation.ID, for wait: Duration, at now: Duration) {
        let until = now + max(wait, .milliseconds(100))
        holds[conversation] = max(holds[conversation] ?? .zero, until)
        refusedInARow.insert(conversation)
        if refusedInARow.count >= Self.refusalsOfTheChannel { channelHold = max(channelHold, until) }
    }

    /// Notes that a call got through, so that the channel as a whole is not what is limited.
    mutating func succeeded() { refusedInARow = [] }

    private func held(_ conversation: Conversation.ID) -> Duration {
        max(holds[conversation] ?? .zero, channelHold)
    }

    private static func step(_ pace: ChannelCapabilities.Pace) -> Duration {
        pace.perSecond > 0 ? Duration.seconds(1) / pace.perSecond : .zero
    }

    /// Forgets conversations whose buckets are full again; seldom enough to cost nothing per call.
    private mutating func prune(_ now: Duration) {
        guard conversationDue.count + holds.count > pruneAt else { return }
        conversationDue = conversationDue.filter { $0.value > now }
        holds = holds.filter { $0.value > now }
        pruneAt = max(10_000, 2 * (conversationDue.count + holds.count))
    }
}
