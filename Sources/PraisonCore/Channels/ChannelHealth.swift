/// How a channel fares, derived from traffic that proves it.
public enum ChannelHealth: Hashable, Sendable {
    case starting
    /// Something just came through that proves the way in is open: a completed poll, an acknowledged heartbeat.
    case receiving
    /// It tries, and does not get through.
    case degraded(reason: String)
    /// Stopped until somebody mends the cause.
    case failed(reason: String)
    /// Not started, or paused.
    case off(reason: String)

    /// The case in one word, for wires and tables.
    public var word: String {
        switch self {
        case .starting: "starting"
        case .receiving: "receiving"
        case .degraded: "degraded"
        case .failed: "failed"
        case .off: "off"
        }
    }

    public var reason: String? {
        switch self {
        case .starting, .receiving: nil
        case .degraded(let reason), .failed(let reason), .off(let reason): reason
        }
    }

    /// The word and the reason, for people.
    public var summary: String { reason.map { "\(word): \($0)" } ?? word }
}
