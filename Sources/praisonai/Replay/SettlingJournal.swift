import PraisonCore
import PraisonSimulation
import Synchronization

/// A journal that tells whether everything in it has come to its end: every event has an outcome, and every message is
/// sent or given up. No time passes while it works.
final class SettlingJournal: Journal {
    private struct State {
        var openEntries: Set<JournalEntry.ID> = []
        var openRows: Set<OutboxRow.ID> = []
    }

    private let base: any Journal
    private let time: VirtualTime
    private let state = Mutex(State())

    /// - Parameter time: stands still while the base is at work, on threads of its own.
    init(_ base: any Journal, _ time: VirtualTime) {
        self.base = base
        self.time = time
    }

    var isSettled: Bool { state.withLock { $0.openEntries.isEmpty && $0.openRows.isEmpty } }

    private func change(_ body: (inout State) -> Void) { state.withLock { body(&$0) } }

    private func ask<Value: Sendable>(
        _ question: @Sendable (any Journal) async throws -> Value
    ) async throws -> Value {
        try await time.standingStill { try await question(base) }
    }

    // MARK: What opens and closes

    func append(_ events: [GatewayEvent]) async throws -> [JournalEntry] {
        let entries = try await ask { try await $0.append(events) }
        change { $0.openEntries.formUnion(entries.map(\.id)) }
        return entries
    }

    func settle(_ turns: [SettledTurn]) async throws -> [OutboxRow] {
        let rows = try await ask { try await $0.settle(turns) }
        change { state in
            state.openRows.formUnion(rows.map(\.id))
            state.openEntries.subtract(turns.flatMap(\.entries))
        }
        return rows
    }

    func enqueue(_ messages: [OutboundMessage]) async throws -> [OutboxRow] {
        let rows = try await ask { try await $0.enqueue(messages) }
        change { $0.openRows.formUnion(rows.map(\.id)) }
        return rows
    }

    func settle(_ row: OutboxRow.ID, _ result: DeliveryResult) async throws {
        try await ask { try await $0.settle(row, result) }
        if case .postponed = result { return }
        change { $0.openRows.remove(row) }
    }

    // MARK: Everything else

    func unsettledEntries(
        in part: JournalPart, after entry: JournalEntry.ID, limit: Int
    ) async throws -> [JournalEntry] {
        try await ask { try await $0.unsettledEntries(in: part, after: entry, limit: limit) }
    }

    func unsettledCounts() async throws -> [ChannelName: Int] { try await ask { try await $0.unsettledCounts() } }
    func lastEntry() async throws -> JournalEntry.ID { try await ask { try await $0.lastEntry() } }
    func beginAttempt(_ entries: [JournalEntry.ID]) async throws -> Int {
        try await ask { try await $0.beginAttempt(entries) }
    }
    func outcome(of event: EventID) async throws -> TurnOutcome? { try await ask { try await $0.outcome(of: event) } }

    func unsentRows(in part: JournalPart, after row: OutboxRow.ID, limit: Int) async throws -> [OutboxRow] {
        try await ask { try await $0.unsentRows(in: part, after: row, limit: limit) }
    }

    func unsentCounts() async throws -> [ChannelName: Int] { try await ask { try await $0.unsentCounts() } }
    func claim(_ row: OutboxRow.ID) async throws { try await ask { try await $0.claim(row) } }

    func moveConversation(_ old: Conversation, to new: Conversation.ID) async throws {
        try await ask { try await $0.moveConversation(old, to: new) }
    }

    func history(of session: SessionKey, limit: Int) async throws -> SessionHistory {
        try await ask { try await $0.history(of: session, limit: limit) }
    }

    func earlierHistories(of session: SessionKey, limit: Int) async throws -> [EarlierHistory] {
        try await ask { try await $0.earlierHistories(of: session, limit: limit) }
    }
    func reset(_ session: SessionKey) async throws { try await ask { try await $0.reset(session) } }
    func pairedSenders(of channel: ChannelName) async throws -> Set<SenderID> {
        try await ask { try await $0.pairedSenders(of: channel) }
    }

    func requestPairing(_ request: PairingRequest) async throws {
        try await ask { try await $0.requestPairing(request) }
    }
    func pendingPairings() async throws -> [PairingRequest] { try await ask { try await $0.pendingPairings() } }

    func approvePairing(channel: ChannelName, code: String, at now: Timestamp) async throws -> PairingRequest? {
        try await ask { try await $0.approvePairing(channel: channel, code: code, at: now) }
    }

    func revokePairing(channel: ChannelName, sender: SenderID) async throws -> Bool {
        try await ask { try await $0.revokePairing(channel: channel, sender: sender) }
    }

    func cursor(_ key: String) async throws -> String? { try await ask { try await $0.cursor(key) } }
    func save(_ value: String?, for key: String) async throws { try await ask { try await $0.save(value, for: key) } }
}
