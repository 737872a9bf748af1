// Whoever imports PraisonAI has its vocabulary too: events, turns, replies, secrets. Where both have a word, such as
// `Agent`, the one of this module is meant.
@_exported public import PraisonCore

extension GatewayEvent {
    /// An event of the program's own making, with a name of its own and the time of now.
    ///
    /// ```swift
    /// let event = GatewayEvent(type: .message, data: ["content": "Hello!"], source: "agent-1", target: "client-1")
    /// ```
    public init(type: EventType, data: [String: JSONValue], source: String = "", target: String? = nil) {
        self.init(
            type: type, payload: .fields(data), id: EventID("event/\(SystemEntropy().uuid())"),
            timestamp: SystemClock().now, source: source, target: target)
    }

    /// What it carries, as clients read it.
    public var data: [String: JSONValue] {
        if case .fields(let fields) = payload { return fields }
        return wireJSON["data"]?.object ?? [:]
    }
}

extension Secret: ExpressibleByStringLiteral {
    /// For trials; what is meant to stay secret is read from the environment or a file.
    public init(stringLiteral value: String) { self.init(value) }
}
