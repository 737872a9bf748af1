import PraisonCore

/// How long the supervisor waits before it starts a channel again.
struct RestartPolicy {
    static let longestPause = Duration.seconds(60)
    /// A run this long clears the record.
    static let goodRun = Duration.seconds(300)

    private(set) var failures = 0

    /// - Parameters:
    ///   - run: how long the adapter ran before it ended.
    ///   - fraction: 0..<1; shortens the pause by up to a quarter.
    mutating func pause(afterRunOf run: Duration, fraction: Double) -> Duration {
        failures = run >= Self.goodRun ? 1 : failures + 1
        return min(Duration.seconds(1) * (1 << min(failures - 1, 6)), Self.longestPause) * (1 - fraction / 4)
    }
}
