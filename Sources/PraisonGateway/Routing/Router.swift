public import PraisonCore

/// Stop 5: which agent answers.
public struct Router: Sendable {
    /// An agent, and what the rule that chose it says about the turn.
    public struct Route: Hashable, Sendable {
        public var agent: AgentName
        /// The rule, for people: `target`, `binding 2`, `routing.dm`, `routing.default`.
        public var rule: String
        public var binding: Routing.Binding?
    }

    private let routing: Routing
    /// Bindings with the one that wins first.
    private let bindings: [(number: Int, binding: Routing.Binding)]

    public init(_ routing: Routing) {
        self.routing = routing
        bindings = routing.bindings.enumerated()
            .map { (number: $0.offset + 1, binding: $0.element) }
            .sorted {
                ($1.binding.priority, $1.binding.specificity, $0.number)
                    < ($0.binding.priority, $0.binding.specificity, $1.number)
            }
    }

    /// The event's target, else the most specific binding, else the table's entry for the scope, else its default.
    ///
    /// Whoever is named answers, or nobody: an agent that runs elsewhere may be away, and what was said to it is no other
    /// agent's business.
    public func route(for event: GatewayEvent) -> Route? {
        if let target = event.target { return Route(agent: AgentName(target), rule: "target") }
        guard let message = event.message else { return nil }
        if let match = bindings.first(where: { $0.binding.matches(message) }) {
            return Route(agent: match.binding.agent, rule: "binding \(match.number)", binding: match.binding)
        }
        let scope = message.conversation.scope
        if let agent = routing.byScope[scope] { return Route(agent: agent, rule: "routing.\(scope.rawValue)") }
        return routing.fallback.map { Route(agent: $0, rule: "routing.default") }
    }
}

extension Routing.Binding {
    /// How many criteria are set; a thread or a person says more than a kind of chat.
    var specificity: Int {
        [
            chatType == nil ? 0 : 1, account == nil ? 0 : 2, guildID == nil ? 0 : 4, parentChannelID == nil ? 0 : 8,
            role == nil ? 0 : 16, channelID == nil ? 0 : 32, threadID == nil ? 0 : 64, peer == nil ? 0 : 128,
        ].reduce(0, +)
    }

    func matches(_ message: InboundMessage) -> Bool {
        let conversation = message.conversation
        // A criterion the platform tells nothing about never holds.
        return chatType.map { $0 == conversation.scope } ?? true
            && peer.map { $0 == message.sender.id } ?? true
            && channelID.map { $0 == conversation.id } ?? true
            && threadID.map { $0 == conversation.thread } ?? true
            && account.map { $0 == conversation.channel.rawValue } ?? true
            && parentChannelID.map { conversation.thread != nil && $0 == conversation.id } ?? true
            && guildID.map { $0 == message.membership?.server } ?? true
            && role.map { message.membership?.roles.contains($0) == true } ?? true
    }
}
