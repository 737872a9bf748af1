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

    /// Seconds for people, to a tenth, or to a hundredth below one: `30 s`, `2.5 s`, `0.05 s`.
    public var secondsText: String {
        let seconds = min(max(inSeconds, -1e12), 1e12)
        let scale: Double = abs(seconds) < 1 ? 100 : 10
        let rounded = (seconds * scale).rounded() / scale
        return rounded == rounded.rounded() ? "\(Int64(rounded)) s" : "\(rounded) s"
    }
}
