/// How long a script waits for a gateway that went away while it was being asked.
struct Patience {
    static let limit: Duration = .seconds(120)

    private var lostAt: ContinuousClock.Instant?

    mutating func isConnected() { lostAt = nil }

    /// The connection is lost, or could not be made again.
    ///
    /// - Parameter wait: how long until the next attempt.
    /// - Returns: whether there is no point in waiting for it.
    mutating func isOver(at now: ContinuousClock.Instant, beforeNext wait: Duration) -> Bool {
        let start = lostAt ?? now
        lostAt = start
        return now + wait - start > Self.limit
    }
}
