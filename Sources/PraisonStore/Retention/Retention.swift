public import PraisonCore

/// How long what is settled stays on record. What is open stays however old it is.
///
/// Everything has a limit by age, so that nobody's words are kept for ever, and one by count, so that a flood fills no
/// disk. At about 1.5 KB an event and 1 KB a message the defaults come to some 300 MB at the very most.
public struct Retention: Hashable, Sendable {
    /// Settled events and sent messages: long enough to explain last week's reply.
    public var settled: Duration
    /// Of each kind.
    public var maximumSettled: Int
    /// Settled events and messages younger than this stay even when there are more than `maximumSettled`: a platform
    /// repeats an update for up to 24 hours, and its key is what makes the repeat known.
    public var minimumSettled: Duration
    /// Messages given up: somebody may still want to know what was not said.
    public var deadLetters: Duration
    public var maximumDeadLetters: Int
    /// What was said before a session started afresh.
    public var pastHistory: Duration
    /// Sessions nobody has used for so long are forgotten altogether.
    public var idleSession: Duration
    /// The latest messages of one session; agents are shown far fewer.
    public var maximumRemembered: Int

    public init(
        settled: Duration = .days(14), maximumSettled: Int = 100_000, minimumSettled: Duration = .days(2),
        deadLetters: Duration = .days(60), maximumDeadLetters: Int = 10_000, pastHistory: Duration = .days(30),
        idleSession: Duration = .days(365), maximumRemembered: Int = 10_000
    ) {
        self.settled = settled
        self.maximumSettled = maximumSettled
        self.minimumSettled = minimumSettled
        self.deadLetters = deadLetters
        self.maximumDeadLetters = maximumDeadLetters
        self.pastHistory = pastHistory
        self.idleSession = idleSession
        self.maximumRemembered = maximumRemembered
    }
}
