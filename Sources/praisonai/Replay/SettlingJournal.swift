import PraisonCore
import Synchronization

/// A journal that tells when everything in it has come to its end: every event has an outcome, and every message is sent
/// or given up.
final class SettlingJournal: Journal {
    private struct State {
        var openEntries: Set<JournalEntry.ID> = []
        var openRows: Set<OutboxRow.ID> = []
        var waiters: [CheckedContinuation<Void, Never>] = []

        var isSettled: Bool { openEntries.isEmpty && openRows.isEmpty }
    }

    private let base: any Journal
    private let state = Mutex(State())

    init(_ base: any Journal) { self.base = base }

    /// Returns once nothing is open.
    func settled() async {
        await withCheckedContinuation { continuation in
            let isSettled = state.withLock { state in
                if !state.isSettled { state.waiters.append(continuation) }
                return state.isSettled
            }
            if isSettled { continuation.resume() }
        }
    }

    private func change(_ body: (inout State) -> Void) {
        let woken = state.withLock { state in
            body(&state)
            guard state.isSettled else { return [CheckedContinuation<Void, Never>]() }
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in woken { waiter.resume() }
    }

    // MARK: What opens and closes

    func append(_ events: [GatewayEvent]) async throws -> [JournalEntry] {
        let entries = try await base.append(events)
        change { $0.openEntries.formUnion(entries.map(\.id)) }
        return entries
    }

    func settle(_ turns: [SettledTurn]) async throws -> [OutboxRow] {
        let rows = try await base.settle(turns)
        change { state in
            state.openRows.formUnion(rows.map(\.id))
            state.openEntries.subtract(turns.flatMap(\.entries))
        }
        return rows
    }

    func enqueue(_ messages: [OutboundMessage]) async throws -> [OutboxRow] {
        let rows = try await base.enqueue(messages)
        change { $0.openRows.formUnion(rows.map(\.id)) }
        return rows
    }

    func settle(_ row: OutboxRow.ID, _ result: DeliveryResult) async throws {
        try await base.settle(row, result)
        if case .postponed = result { return }
        change { $0.openRows.remove(row) }
    }

    // MARK: Everything else

    func unsettledEntries(
        in part: JournalPart, after entry: JournalEntry.ID, limit: Int
    ) async throws -> [JournalEntry] {
        try await base.unsettledEntries(in: part, after: entry, limit: limit)
    }

    func unsettledCounts() async throws -> [ChannelName: Int] { try await base.unsettledCounts() }
    func lastEntry() async throws -> JournalEntry.ID { try await base.lastEntry() }
    func beginAttempt(_ entries: [JournalEntry.ID]) async throws -> Int { try await base.beginAttempt(entries) }
    func outcome(of event: EventID) async throws -> TurnOutcome? { try await base.outcome(of: event) }

    func unsentRows(in part: JournalPart, after row: OutboxRow.ID, limit: Int) async throws -> [OutboxRow] {
        try await base.unsentRows(in: part, after: row, limit: limit)
    }

    func unsentCounts() async throws -> [ChannelName: Int] { try await base.unsentCounts() }
    func claim(_ row: OutboxRow.ID) async throws { try await base.claim(row) }

    func moveConversation(_ old: Conversation, to new: Conversation.ID) async throws {
        try await base.moveConversation(old, to: new)
    }

    func history(of session: SessionKey, limit: Int) async throws -> SessionHistory {
        try await base.history(of: session, limit: limit)
    }

    func earlierHistories(of session: SessionKey, limit: Int) async throws -> [EarlierHistory] {
        try await base.earlierHistories(of: session, limit: limit)
    }
    func reset(_ session: SessionKey) async throws { try await base.reset(session) }
    func pairedSenders(of channel: ChannelName) async throws -> Set<SenderID> {
        try await base.pairedSenders(of: channel)
    }

    func requestPairing(_ request: PairingRequest) async throws { try await base.requestPairing(request) }
    func pendingPairings() async throws -> [PairingRequest] { try await base.pendingPairings() }

    func approvePairing(channel: ChannelName, code: String, at now: Timestamp) async throws -> PairingRequest? {
        try await base.approvePairing(channel: channel, code: code, at: now)
    }

    func revokePairing(channel: ChannelName, sender: SenderID) async throws -> Bool {
        try await base.revokePairing(channel: channel, sender: sender)
    }

    func cursor(_ key: String) async throws -> String? { try await base.cursor(key) }
    func save(_ value: String?, for key: String) async throws { try await base.save(value, for: key) }
}
