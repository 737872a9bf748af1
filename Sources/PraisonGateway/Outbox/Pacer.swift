import PraisonCore

/// Two token buckets: one for the whole channel and one for each conversation, in the pace the platform likes.
struct Pacer {
    private let pace: ChannelCapabilities.Pace
    /// When the channel's bucket was last empty-in-theory (the "theoretical arrival time" of a leaky bucket).
    private var channelDue: Duration = .zero
    private var conversationDue: [Conversation.ID: Duration] = [:]

    init(_ pace: ChannelCapabilities.Pace) { self.pace = pace }

    /// Takes a place in both queues.
    ///
    /// - Returns: how long to wait before sending.
    mutating func reserve(_ conversation: Conversation.ID, at now: Duration) -> Duration {
        if conversationDue.count > 10_000 { conversationDue = conversationDue.filter { $0.value > now } }
        let channelStep = pace.perSecond > 0 ? Duration.seconds(1) / pace.perSecond : .zero
        // Up to a second's worth may go at once.
        let channelSlack = max(Duration.seconds(1) - channelStep, .zero)
        let channelAt = max(channelDue - channelSlack, now)
        let ownDue = conversationDue[conversation] ?? .zero
        let ownSlack = pace.perConversation * max(pace.burst - 1, 0)
        let start = max(channelAt, ownDue - ownSlack)
        channelDue = max(channelDue, now) + channelStep
        conversationDue[conversation] = max(ownDue, start) + pace.perConversation
        return start - now
    }
}
