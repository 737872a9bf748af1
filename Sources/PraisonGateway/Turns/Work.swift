import PraisonCore

/// What the hub has decided to do about one journal entry.
struct Work: Queueable {
    enum Action: Sendable {
        case answer(Assignment)
        case say(String, TurnOutcome)
        case command(Order)
        case pair
        case move(to: Conversation.ID)
        case ignore(reason: String)
    }

    /// Who answers, with what rights, remembering where.
    struct Assignment: Hashable, Sendable {
        var route: Router.Route
        var trust: Routing.Binding.Trust
        var session: SessionKey
        var purpose = Purpose.answer

        enum Purpose: Hashable, Sendable {
            case answer
            /// What was asked last is to be answered anew.
            case retry
            /// What was said is to be summed up.
            case compress
        }
    }

    /// A built-in command, what was written behind it, and the agent it concerns.
    struct Order: Hashable, Sendable {
        var command: BuiltInCommand
        var arguments: String
        var agent: AgentName
    }

    var entry: JournalEntry
    var message: InboundMessage
    var action: Action
    /// The entry that edited the message while it waited; it shares the message's outcome.
    var edit: JournalEntry.ID?

    var id: Int64 { entry.id }
    var size: Int { 1000 + message.text.utf8.count + message.attachments.count * 200 }
    var lane: LaneKey { LaneKey(conversation: message.conversation) }
    /// The entries that end with this work.
    var entries: [JournalEntry.ID] { [entry.id] + (edit.map { [$0] } ?? []) }

    var assignment: Assignment? {
        if case .answer(let assignment) = action { assignment } else { nil }
    }

    var isIgnored: Bool {
        if case .ignore = action { true } else { false }
    }

    /// Whether it is carried out at once, whatever runs or waits in its conversation.
    var overtakes: Bool {
        if case .command(let order) = action { order.command.overtakes } else { false }
    }

    /// Whether it makes a difference to what is said before and after it.
    var isOrder: Bool {
        if case .command = action { true } else { assignment.map { $0.purpose != .answer } ?? false }
    }
}
