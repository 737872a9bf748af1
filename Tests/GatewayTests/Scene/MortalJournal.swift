import PraisonCore

/// A journal that notices what is settled, can be in trouble, and can be cut off as by `kill -9`: from then on nothing
/// reaches it.
final class MortalJournal: Journal {
    struct Trouble: Error {}

    /// At which call the process dies, and whether before or after the call has done its work.
    struct Death: Hashable, Sendable {
        var call: Int
        var isAfterwards: Bool
    }

    private struct State {
        var calls = 0
        var death: Death?
        var isDead = false
        var troubles = 0
        var generation = 0
    }

    let base: any Journal
    private let state = Observed(State())

    init(_ base: any Journal, death: Death? = nil) {
        self.base = base
        state.change { $0.death = death }
    }

    // MARK: For tests

    var isDead: Bool { state.value.isDead }
    var calls: Int { state.value.calls }

    func kill() {
        change { $0.isDead = true }
    }

    /// The next `count` calls fail.
    func beInTrouble(for count: Int) { state.change { $0.troubles = count } }

    /// Waits for the event's outcome.
    func settled(_ event: EventID) async throws -> TurnOutcome {
        while true {
            let generation = state.value.generation
            if let outcome = try await base.outcome(of: event) { return outcome }
            await change(since: generation)
        }
    }

    /// Waits until nothing is unsettled or unsent, or the process is dead.
    func isQuiet() async throws {
        while true {
            let generation = state.value.generation
            if isDead { return }
            let (entries, rows) = (try await base.unsettledCounts(), try await base.unsentCounts())
            if entries.isEmpty, rows.isEmpty { return }
            await change(since: generation)
        }
    }

    /// Waits until all the events have outcomes and nothing waits to be sent, or the process is dead.
    func allSettled(_ events: [GatewayEvent]) async throws {
        while !isDead {
            let generation = state.value.generation
            if try await isDone(events) { return }
            await change(since: generation)
        }
    }

    private func isDone(_ events: [GatewayEvent]) async throws -> Bool {
        // In the order in which one turns into the other.
        for event in events where try await base.outcome(of: event.id) == nil { return false }
        guard try await base.unsettledCounts().isEmpty else { return false }
        return try await base.unsentCounts().isEmpty
    }

    /// Waits until nothing is unsent.
    func allSent() async throws {
        while true {
            let generation = state.value.generation
            if try await base.unsentCounts().isEmpty { return }
            await change(since: generation)
        }
    }

    private func change(since generation: Int) async { await state.wait { $0.generation != generation } }

    private func change(_ work: @Sendable (inout State) -> Void) {
        state.change { state in
            work(&state)
            state.generation += 1
        }
    }

    // MARK: The switch

    private enum Fate: Sendable { case live, fail, dieBefore, dieAfter }

    /// Everything a process does to the outside goes through here, so that it can end at any of these steps.
    ///
    /// - Parameter isSettling: whether somebody may wait for what it changes.
    func step<Value: Sendable>(isSettling: Bool = false, _ work: () async throws -> Value) async throws -> Value {
        let fate = state.change { state -> Fate in
            if state.isDead { return .dieBefore }
            state.calls += 1
            if let death = state.death, death.call == state.calls { return death.isAfterwards ? .dieAfter : .dieBefore }
            guard state.troubles > 0 else { return .live }
            state.troubles -= 1
            return .fail
        }
        switch fate {
        case .live: break
        case .fail: throw Trouble()
        case .dieBefore: try die()
        case .dieAfter:
            _ = try await work()
            try die()
        }
        let value = try await work()
        if isDead { try die() }
        if isSettling { change { _ in } }
        return value
    }

    /// What is left of the process may notice; nothing it does has an effect any more.
    private func die() throws {
        kill()
        throw Trouble()
    }

    // MARK: Journal

    func append(_ events: [GatewayEvent]) async throws -> [JournalEntry] {
        try await step { try await base.append(events) }
    }
    func unsettledEntries(in part: JournalPart, after entry: JournalEntry.ID, limit: Int) async throws -> [JournalEntry]
    {
        try await step { try await base.unsettledEntries(in: part, after: entry, limit: limit) }
    }
    func unsettledCounts() async throws -> [ChannelName: Int] { try await step { try await base.unsettledCounts() } }
    func lastEntry() async throws -> JournalEntry.ID { try await step { try await base.lastEntry() } }
    func beginAttempt(_ entries: [JournalEntry.ID]) async throws -> Int {
        try await step { try await base.beginAttempt(entries) }
    }
    func settle(_ turns: [SettledTurn]) async throws -> [OutboxRow] {
        try await step(isSettling: true) { try await base.settle(turns) }
    }
    func outcome(of event: EventID) async throws -> TurnOutcome? {
        try await step { try await base.outcome(of: event) }
    }
    func unsentRows(in part: JournalPart, after row: OutboxRow.ID, limit: Int) async throws -> [OutboxRow] {
        try await step { try await base.unsentRows(in: part, after: row, limit: limit) }
    }
    func unsentCounts() async throws -> [ChannelName: Int] { try await step { try await base.unsentCounts() } }
    func enqueue(_ messages: [OutboundMessage]) async throws -> [OutboxRow] {
        try await step { try await base.enqueue(messages) }
    }
    func claim(_ row: OutboxRow.ID) async throws { try await step { try await base.claim(row) } }
    func settle(_ row: OutboxRow.ID, _ result: DeliveryResult) async throws {
        try await step(isSettling: true) { try await base.settle(row, result) }
    }
    func moveConversation(_ old: Conversation, to new: Conversation.ID) async throws {
        try await step { try await base.moveConversation(old, to: new) }
    }
    func history(of session: SessionKey, limit: Int) async throws -> SessionHistory {
        try await step { try await base.history(of: session, limit: limit) }
    }
    func earlierHistories(of session: SessionKey, limit: Int) async throws -> [EarlierHistory] {
        try await step { try await base.earlierHistories(of: session, limit: limit) }
    }
    func reset(_ session: SessionKey) async throws { try await step { try await base.reset(session) } }
    func pairedSenders(of channel: ChannelName) async throws -> Set<SenderID> {
        try await step { try await base.pairedSenders(of: channel) }
    }
    func requestPairing(_ request: PairingRequest) async throws {
        try await step { try await base.requestPairing(request) }
    }
    func pendingPairings() async throws -> [PairingRequest] { try await step { try await base.pendingPairings() } }
    func approvePairing(channel: ChannelName, code: String, at now: Timestamp) async throws -> PairingRequest? {
        try await step { try await base.approvePairing(channel: channel, code: code, at: now) }
    }
    func revokePairing(channel: ChannelName, sender: SenderID) async throws -> Bool {
        try await step { try await base.revokePairing(channel: channel, sender: sender) }
    }
    func cursor(_ key: String) async throws -> String? { try await step { try await base.cursor(key) } }
    func save(_ value: String?, for key: String) async throws {
        try await step { try await base.save(value, for: key) }
    }
}
