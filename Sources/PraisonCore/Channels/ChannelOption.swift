/// A key that one platform adds to a channel's block in gateway.yaml.
public struct ChannelOption: Hashable, Sendable {
    public enum Kind: Hashable, Sendable {
        case string
        case secret
        case boolean
        case integer(ClosedRange<Int>)
        /// Seconds, whole or with a fraction.
        case seconds(ClosedRange<Double>)
        case url
        case choice([String])
    }

    public var key: String
    public var kind: Kind
    /// The default as it would be written in YAML; `nil` for none.
    public var defaultValue: String?
    /// One line for people, with the unit.
    public var summary: String

    public init(_ key: String, _ kind: Kind, default defaultValue: String? = nil, summary: String) {
        self.key = key
        self.kind = kind
        self.defaultValue = defaultValue
        self.summary = summary
    }
}
