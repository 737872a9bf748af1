import GRDB
import PraisonCore
import PraisonSimulation
import Testing

@testable import PraisonStore

@Suite struct `a journal's records` {
    @Test func `tell an event's whole life`() async throws {
        let clock = VirtualClock()
        let journal = try SQLiteJournal.make(clock: clock)
        let event = GatewayEvent.make(1)
        let entry = try await journal.append([event])[0]
        #expect(try await journal.record(of: event.id) == EventRecord(entry: entry))
        _ = try await journal.beginAttempt([entry.id])
        let rows = try await journal.settle(
            .make(
                [entry], messages: [.make("1/0", answers: event.id), .make("1/1", answers: event.id)], at: clock.now))
        try await journal.claim(rows[0].id)
        clock.advance(by: .seconds(3))
        try await journal.settle(rows[0].id, .sent(MessageReceipt(id: "77")))
        let record = try #require(try await journal.record(of: event.id))
        #expect(record.entry.attempts == 1)
        #expect(record.outcome == TurnOutcome(.answered))
        #expect(record.settledAt == VirtualClock().now)
        #expect(record.messages.map(\.state) == [.sent, .waiting])
        #expect(record.messages[0].receipt == MessageReceipt(id: "77"))
        #expect(record.messages[0].row.attempts == 1)
        #expect(record.messages[0].settledAt == clock.now)
        #expect(try await journal.record(of: "house/42/2") == nil)
    }

    @Test func `list and count the messages that were given up, with the reason`() async throws {
        let journal = try SQLiteJournal.make()
        let rows = try await journal.enqueue((1...4).map { .make("\($0)") })
        for row in rows.dropLast() {
            try await journal.settle(row.id, .failed(reason: "blocked by \(row.message.key)"))
        }
        #expect(try await journal.deadLetterCount() == 3)
        let first = try await journal.deadLetters(after: 0, limit: 2)
        #expect(first.map(\.reason) == ["blocked by 1", "blocked by 2"])
        #expect(try await journal.deadLetters(after: rows[1].id, limit: 9).map(\.row.message.key) == ["3"])
    }

    @Test func `put aside what can't be read, and go on`() async throws {
        let journal = try SQLiteJournal.make()
        let entries = try await journal.append([.make(1), .make(2), .make(3)])
        let rows = try await journal.enqueue([.make("a"), .make("b")])
        try await journal.store.write { [entry = entries[0].id, row = rows[0].id] database in
            try database.execute(sql: "UPDATE event SET event_json = '{}' WHERE id = ?", arguments: [entry])
            try database.execute(sql: "UPDATE outbox SET message_json = 'x' WHERE id = ?", arguments: [row])
        }
        #expect(try await journal.unsettledEntries(in: .everything, after: 0, limit: 1) == [entries[1]])
        #expect(try await journal.unsettledEntries() == [entries[1], entries[2]])
        #expect(try await journal.outcome(of: entries[0].event.id)?.status == .quarantined)
        #expect(try await journal.unsentRows() == [rows[1]])
        #expect(try await journal.deadLetterCount() == 1)
    }
}
