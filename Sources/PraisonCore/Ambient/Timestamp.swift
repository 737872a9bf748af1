/// An instant on the calendar, in microseconds since 1970-01-01T00:00:00Z.
public struct Timestamp: Hashable, Sendable, Codable, Comparable {
    public var microseconds: Int64

    public init(microseconds: Int64) { self.microseconds = microseconds }

    public init(seconds: Double) {
        // A platform may send anything; clamp rather than trap.
        let bounded = min(max(seconds, -9.0e12), 9.0e12)
        microseconds = bounded.isNaN ? 0 : Int64(bounded * 1_000_000)
    }

    /// Seconds since 1970, as the wire writes them.
    public var seconds: Double { Double(microseconds) / 1_000_000 }

    public init(from decoder: any Decoder) throws {
        microseconds = try decoder.singleValueContainer().decode(Int64.self)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(microseconds)
    }

    public static func < (left: Timestamp, right: Timestamp) -> Bool { left.microseconds < right.microseconds }

    public static func + (left: Timestamp, right: Duration) -> Timestamp {
        Timestamp(microseconds: left.microseconds &+ right.microseconds)
    }

    public static func - (left: Timestamp, right: Duration) -> Timestamp {
        Timestamp(microseconds: left.microseconds &- right.microseconds)
    }

    public static func - (left: Timestamp, right: Timestamp) -> Duration {
        .microseconds(left.microseconds &- right.microseconds)
    }
}

extension Duration {
    /// Days of 24 hours.
    public static func days(_ count: Int) -> Duration { .seconds(86_400 * count) }

    /// Whole microseconds, rounded toward zero and held within 64 bits.
    public var microseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
        guard !overflow else { return seconds < 0 ? .min : .max }
        return product &+ attoseconds / 1_000_000_000_000
    }

    /// Seconds with their fraction.
    public var inSeconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }

    /// For people: `0.05 s`, `30 s`, `2.5 min`, `23.8 h`.
    public var inWords: String {
        let (amount, unit) =
            switch abs(inSeconds) {
            case ..<119.95: (inSeconds, "s")
            case ..<7197: (inSeconds / 60, "min")
            default: (inSeconds / 3600, "h")
            }
        let scale: Double = abs(amount) < 1 ? 100 : 10
        let rounded = (min(max(amount, -1e12), 1e12) * scale).rounded() / scale
        return rounded == rounded.rounded() ? "\(Int64(rounded)) \(unit)" : "\(rounded) \(unit)"
    }
}
