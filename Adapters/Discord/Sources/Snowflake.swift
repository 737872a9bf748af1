import PraisonCore

/// An identifier whose upper 42 bits tell when it was made, in milliseconds since 2015.
///
/// Source: https://docs.discord.com/developers/reference#snowflakes
struct Snowflake: Hashable, Comparable, Sendable {
    private static let epoch: Int64 = 1_420_070_400_000

    let rawValue: UInt64

    init?(_ text: some StringProtocol) {
        guard let value = UInt64(text) else { return nil }
        rawValue = value
    }

    /// The first identifier of a moment.
    init(at time: Timestamp) {
        let milliseconds = max(time.microseconds / 1000 - Self.epoch, 0)
        rawValue = UInt64(milliseconds) << 22
    }

    var timestamp: Timestamp {
        Timestamp(microseconds: (Int64(rawValue >> 22) + Self.epoch) * 1000)
    }

    var text: String { String(rawValue) }

    static func < (left: Snowflake, right: Snowflake) -> Bool { left.rawValue < right.rawValue }
}
