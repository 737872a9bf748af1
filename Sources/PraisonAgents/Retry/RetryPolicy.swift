import PraisonCore

/// How often and when a model is asked again, as the official clients do it.
struct RetryPolicy: Hashable, Sendable {
    /// Tries after the first.
    var retries = 2
    var firstDelay: Duration = .milliseconds(500)
    var longestDelay: Duration = .seconds(8)
    /// For all tries and waits together.
    var timeLimit: Duration = .seconds(600)

    /// The wait before try `attempt` (the first repeat is 1): what the server asked for, else doubling from
    /// ``firstDelay`` up to ``longestDelay``.
    ///
    /// - Parameter jitter: a number in 0..<1 that shortens our own wait by up to a quarter.
    /// - Returns: `nil` when there is no point in asking again.
    func delay(before attempt: Int, after error: ModelError, jitter: Double) -> Duration? {
        guard error.isRetryable, attempt <= retries else { return nil }
        if let wait = error.retryAfter { return wait <= RetryAdvice.longestWait ? wait : nil }
        let doubled = firstDelay * (1 << min(max(attempt - 1, 0), 16))
        return min(doubled, longestDelay) * (1 - jitter / 4)
    }
}
