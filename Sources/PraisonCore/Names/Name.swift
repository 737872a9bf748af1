/// A string with one meaning. Each conforming type is its own type so that a sender can't be passed for a conversation.
public protocol Name: RawRepresentable, Hashable, Sendable, Codable, Comparable, CustomStringConvertible,
    ExpressibleByStringLiteral
where RawValue == String {
    init(rawValue: String)
}

extension Name {
    public init(_ string: String) { self.init(rawValue: string) }
    public init(stringLiteral value: String) { self.init(rawValue: value) }
    public var description: String { rawValue }
    public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

    public init(from decoder: any Decoder) throws {
        self.init(rawValue: try decoder.singleValueContainer().decode(String.self))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rawValue)
    }
}

/// One configured connection to a platform: the key under `channels:` (`telegram-vip`).
public struct ChannelName: Name {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }

    /// The channel the gateway's own control plane speaks through.
    public static let gateway: ChannelName = "gateway"
}

/// A kind of adapter: the word after `platform:`. Defaults to the channel's key.
public struct Platform: Name {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }
}

/// An agent's key under `agents:`.
public struct AgentName: Name {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }
}

/// A person or bot as the platform numbers them. Unique within a platform, not across platforms.
public struct SenderID: Name {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }
}

/// A message as the platform numbers it. Unique within its conversation only.
public struct MessageID: Name {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }
}

/// The unique key of an event: `CHANNEL/…` followed by what the platform promises not to repeat.
///
/// A redelivery of the same event has the same identifier; that is how it is recognised.
public struct EventID: Name {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }
}
