/// Growing pauses between tries that fail: doubling from one second up to a minute, each cut by up to a quarter so that
/// many clients do not return together.
public struct OutagePauses: Hashable, Sendable {
    public static let longestPause = Duration.seconds(60)

    public private(set) var failures = 0

    public init() {}

    public mutating func reset() { failures = 0 }

    /// - Parameter fraction: 0..<1.
    public mutating func nextPause(atLeast minimum: Duration = .seconds(1), fraction: Double) -> Duration {
        failures += 1
        let doubled = minimum * (1 << min(failures - 1, 6))
        return min(doubled, Self.longestPause) * (1 - fraction / 4)
    }
}
