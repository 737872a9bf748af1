import PraisonCore

/// How long a client waits before it connects again: doubling, with jitter, so that a thousand of them don't come back
/// at once.
public struct Backoff: Hashable, Sendable {
    public var initial: Duration
    public var maximum: Duration
    /// The part of a wait, 0 to 1, by which it may be shorter or longer.
    public var jitter: Double

    public init(initial: Duration = .seconds(1), maximum: Duration = .seconds(30), jitter: Double = 0.2) {
        self.initial = initial
        self.maximum = maximum
        self.jitter = jitter
    }

    /// - Parameters:
    ///   - attempt: failures in a row so far, from 1.
    ///   - fraction: a random number in 0..<1.
    ///   - floor: how long the gateway wants to be left alone.
    public func wait(beforeRetry attempt: Int, fraction: Double, floor: Duration? = nil) -> Duration {
        let doubled = min(initial * (1 << min(max(attempt - 1, 0), 20)), maximum)
        return max(doubled * (1 + jitter * (2 * fraction - 1)), floor ?? .zero)
    }
}
