public import PraisonCore

/// Stops 4 to 6 of one channel: its rules, made from its settings, that turn an accepted event into a decision.
public struct ChannelDesk: Sendable {
    public let settings: ChannelSettings
    public let policy: AccessPolicy
    public let router: Router
    public let sessions: SessionRules

    public init(_ settings: ChannelSettings, agents: Set<AgentName>, secondsFromGMT: Int = 0) {
        self.settings = settings
        policy = AccessPolicy(settings.access)
        router = Router(settings.routing, agents: agents)
        sessions = SessionRules(settings.session, secondsFromGMT: secondsFromGMT)
    }

    func work(for entry: JournalEntry, message: InboundMessage, isPaired: Bool) -> Work {
        Work(entry: entry, message: message, action: action(for: entry.event, message, isPaired))
    }

    private func action(for event: GatewayEvent, _ message: InboundMessage, _ isPaired: Bool) -> Work.Action {
        if message.kind == .migration, let target = message.migratedTo { return .move(to: target) }
        let trust: Routing.Binding.Trust
        switch policy.decide(message, isPaired: isPaired) {
        case .ignore(let reason): return .ignore(reason: reason)
        case .pair: return .pair
        case .answer(let granted): trust = granted
        }
        guard let route = router.route(for: event) else {
            return .ignore(reason: "no agent for \(message.conversation.scope.rawValue): routing has no default")
        }
        if let command = BuiltInCommand.parse(message) {
            return policy.allows(command.rawValue, by: message.sender.id)
                ? .command(command, agent: route.agent)
                : .say("You may not use /\(command.rawValue) here.", TurnOutcome(.command, reason: "not permitted"))
        }
        return .answer(
            Work.Assignment(
                route: route, trust: route.binding?.trust ?? trust,
                session: sessions.key(agent: route.agent, message: message)))
    }
}
