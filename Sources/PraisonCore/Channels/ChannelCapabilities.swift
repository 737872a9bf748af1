/// What a platform can carry, for the outbox and for `praisonai gateway channels`.
public struct ChannelCapabilities: Hashable, Sendable {
    /// How a platform counts the length of a text.
    public enum LengthUnit: String, Hashable, Sendable {
        case utf16, codePoints, utf8
    }

    /// The most one message may carry, in `textUnit`.
    public var textLimit: Int
    public var textUnit: LengthUnit
    /// Showing typing lasts about this long; `nil` where it can't be shown.
    public var typingRefresh: Duration?
    /// The shortest pause between two edits of one message that the platform bears; `nil` where nothing can be edited.
    public var editInterval: Duration?
    /// Pauses the outbox keeps before the platform has to complain.
    public var pace: Pace
    /// Whether repeating a send under the same key is invisible to the people in the conversation.
    public var repeatsAreInvisible: Bool
    public var threads: Bool
    /// Whether its messages tell the server they were written in, and the roles of their sender there.
    public var memberships: Bool

    /// How fast a platform likes to be spoken to.
    public struct Pace: Hashable, Sendable {
        /// Messages per second over the whole channel.
        public var perSecond: Double
        /// Between two messages to one conversation.
        public var perConversation: Duration
        /// Messages to one conversation that may go out without that pause.
        public var burst: Int

        public init(perSecond: Double, perConversation: Duration, burst: Int) {
            self.perSecond = perSecond
            self.perConversation = perConversation
            self.burst = burst
        }
    }

    public init(
        textLimit: Int, textUnit: LengthUnit, typingRefresh: Duration? = nil, editInterval: Duration? = nil,
        pace: Pace, repeatsAreInvisible: Bool = false, threads: Bool = false,
        memberships: Bool = false
    ) {
        self.textLimit = textLimit
        self.textUnit = textUnit
        self.typingRefresh = typingRefresh
        self.editInterval = editInterval
        self.pace = pace
        self.repeatsAreInvisible = repeatsAreInvisible
        self.threads = threads
        self.memberships = memberships
    }

    /// The length of `text` as the platform counts it.
    public func length(of text: some StringProtocol) -> Int {
        switch textUnit {
        case .utf16: text.utf16.count
        case .codePoints: text.unicodeScalars.count
        case .utf8: text.utf8.count
        }
    }
}
