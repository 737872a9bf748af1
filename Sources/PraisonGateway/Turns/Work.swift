import PraisonCore

/// What the hub has decided to do about one journal entry.
struct Work: Sendable {
    enum Action: Sendable {
        case answer(Assignment)
        case say(String, TurnOutcome)
        case command(BuiltInCommand, agent: AgentName)
        case pair
        case move(to: Conversation.ID)
        case ignore(reason: String)
    }

    /// Who answers, with what rights, remembering where.
    struct Assignment: Sendable {
        var route: Router.Route
        var trust: Routing.Binding.Trust
        var session: SessionKey
    }

    var entry: JournalEntry
    var message: InboundMessage
    var action: Action

    var assignment: Assignment? {
        if case .answer(let assignment) = action { assignment } else { nil }
    }
}
