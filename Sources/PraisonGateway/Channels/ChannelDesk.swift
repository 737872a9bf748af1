public import PraisonCore

/// Stops 4 to 6 of one channel: its rules, made from its settings, that turn an accepted event into a decision.
public struct ChannelDesk: Sendable {
    public let settings: ChannelSettings
    public let policy: AccessPolicy
    public let router: Router
    public let sessions: SessionRules

    /// - Parameter sessionTimeout: silence after which a session starts afresh, besides what the settings say.
    public init(_ settings: ChannelSettings, sessionTimeout: Duration? = nil, secondsFromGMT: Int = 0) {
        self.settings = settings
        policy = AccessPolicy(settings.access)
        router = Router(settings.routing)
        sessions = SessionRules(settings.session, timeout: sessionTimeout, secondsFromGMT: secondsFromGMT)
    }

    /// Whether it makes a difference that the sender was let in by pairing.
    func asksForPairing(_ message: InboundMessage) -> Bool {
        guard settings.access.effectiveUnknownUserPolicy == .pair else { return false }
        return policy.decide(message, isPaired: false) != policy.decide(message, isPaired: true)
    }

    func work(for entry: JournalEntry, _ message: InboundMessage, isPaired: Bool) -> Work {
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
        var assignment = Work.Assignment(
            route: route, trust: route.binding?.trust ?? trust,
            session: sessions.key(agent: route.agent, message: message))
        guard let (command, arguments) = BuiltInCommand.parse(message) else { return .answer(assignment) }
        guard command.isAnswer || policy.allows(command.rawValue, by: message.sender.id) else {
            return .say("You may not use /\(command.rawValue) here.", TurnOutcome(.command, reason: "not permitted"))
        }
        switch command {
        case .retry: assignment.purpose = .retry
        case .compress: assignment.purpose = .compress
        default: return .command(Work.Order(command: command, arguments: arguments, agent: route.agent))
        }
        return .answer(assignment)
    }
}
