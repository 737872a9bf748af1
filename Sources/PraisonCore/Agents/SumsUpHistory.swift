/// An agent that can say in short what was said before, so that a long conversation keeps within its memory.
public protocol SumsUpHistory: Agent {
    /// Sums up the oldest of the turn's history, whole exchanges only.
    ///
    /// - Parameter isWanted: whether somebody asked for it; else it is done only where the history has grown beyond the
    ///   settings, or beyond what the model holds.
    /// - Returns: `nil` where there is nothing to sum up.
    /// - Throws: ``AgentError``, or `CancellationError`. The history is what it was then.
    func summary(
        of turn: Turn, by settings: CompactionSettings, isWanted: Bool
    ) async throws -> HistorySummary?
}

/// The oldest of a turn's history in short.
public struct HistorySummary: Hashable, Sendable {
    public var text: String
    /// How many of the turn's ``Turn/history`` it stands for, from the first; an earlier summary among them.
    public var count: Int
    public var usage: TokenUsage?

    public init(text: String, count: Int, usage: TokenUsage? = nil) {
        self.text = text
        self.count = count
        self.usage = usage
    }

    /// A summary as it stands at the head of a turn's history.
    public static func message(_ text: String) -> ChatMessage {
        ChatMessage(.system, "What was said before, in short:\n" + Fence.wrap(text, in: "summary"))
    }
}

/// A channel's `session.compaction:` block, where it is enabled.
public struct CompactionSettings: Hashable, Sendable {
    public enum Strategy: String, Hashable, Sendable {
        /// The agent's model sums up what is old.
        case summarize
        /// What is old is left out.
        case truncate
    }

    public var strategy: Strategy
    /// Messages of history beyond which it is done.
    public var maxMessages: Int
    /// Tokens of history, by our own estimate, beyond which it is done; then the messages are not counted.
    public var maxTokens: Int?
    /// Messages that stay word for word, at least those of the last exchange.
    public var keepRecent: Int

    public init(
        strategy: Strategy = .summarize, maxMessages: Int = 100, maxTokens: Int? = nil, keepRecent: Int = 10
    ) {
        self.strategy = strategy
        self.maxMessages = maxMessages
        self.maxTokens = maxTokens
        self.keepRecent = keepRecent
    }
}
