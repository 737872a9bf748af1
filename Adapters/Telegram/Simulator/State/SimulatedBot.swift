import PraisonCore

/// One bot account at the simulated Bot API.
struct SimulatedBot {
    struct Webhook {
        var url: String
        var secret: String
        var maximumConnections: Int
        var lastErrorAt: Timestamp?
        var lastError: String?
        /// Counts up with every change, so that a courier notices that what it delivers to is over.
        var generation: Int
    }

    struct LastPoll {
        var offset: Int64
        var at: Duration
    }

    let id: Int64
    let token: String
    let username: String
    var updates: UpdateQueue
    /// Updates confirmed already that will be delivered once more.
    var redelivered: [UpdateQueue.Entry] = []
    var webhook: Webhook?
    var webhookChanges = 0
    var webhookChangedAt: Duration?
    /// Kinds of update asked for, in lower case; `nil` for the usual ones.
    var allowedUpdates: [String]?
    var poll: PollWaiter?
    var lastPoll: LastPoll?
    var nextConflictAt: Duration = .zero
    /// By scope and language.
    var commands: [String: JSONValue] = [:]
    /// What it says of itself: texts and menu buttons, by kind and place.
    var profile: [String: JSONValue] = [:]
    /// Callback queries that wait for their answer, the newest last.
    var callbackQueries: [String] = []

    init(id: Int64, token: String, username: String, firstUpdate: Int64) {
        self.id = id
        self.token = token
        self.username = username
        updates = UpdateQueue(firstID: firstUpdate)
    }

    /// A `User` object.
    var user: [String: JSONValue] {
        ["id": JSONValue(id), "is_bot": true, "first_name": "Sim", "username": .string(username)]
    }

    /// Kinds that come only to those who ask for them.
    private static let optional: Set<String> = ["chat_member", "message_reaction", "message_reaction_count"]

    func wants(_ kind: String) -> Bool { allowedUpdates?.contains(kind) ?? !Self.optional.contains(kind) }

    /// An absent, unreadable or wrong value changes nothing; an empty list means the usual kinds.
    mutating func updateAllowedUpdates(from call: BotCall) {
        guard let list = call.json("allowed_updates"), list.kind == .array else { return }
        let names = list.elements.compactMap(\.string).map { $0.lowercased() }
        allowedUpdates = names.isEmpty ? nil : names
    }
}
