import GRDB
public import PraisonCore

extension SQLiteJournal: JournalRecords {
    public func record(of event: EventID) async throws -> EventRecord? {
        try await store.read { database in
            let found = try Row.fetchOne(
                database, sql: "SELECT * FROM event WHERE key = ?", arguments: [event.rawValue])
            guard let found else { return nil }
            let messages = try Row.fetchAll(
                database, sql: "SELECT * FROM outbox WHERE answers = ? ORDER BY id", arguments: [event.rawValue])
            let outcome: String? = found["outcome_json"]
            let settledAt: Int64? = found["settled_at"]
            return EventRecord(
                entry: try Self.entry(found),
                outcome: try outcome.map { try JSONColumn.value(TurnOutcome.self, from: $0) },
                settledAt: settledAt.map(Timestamp.init(microseconds:)),
                messages: try messages.map(OutboxTable.outboxRecord))
        }
    }

    public func deadLetters(after row: OutboxRow.ID, limit: Int) async throws -> [OutboxRecord] {
        try await store.read { database in
            let rows = try Row.fetchAll(
                database, sql: "SELECT * FROM outbox WHERE state = 'failed' AND id > ? ORDER BY id LIMIT ?",
                arguments: [row, limit])
            return try rows.map(OutboxTable.outboxRecord)
        }
    }

    public func deadLetterCount() async throws -> Int {
        try await store.read { database in
            try Int.fetchOne(database.cachedStatement(sql: "SELECT count(*) FROM outbox WHERE state = 'failed'")) ?? 0
        }
    }
}
