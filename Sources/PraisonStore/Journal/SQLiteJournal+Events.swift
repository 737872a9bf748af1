import GRDB
import Logging
public import PraisonCore

extension SQLiteJournal {
    public func append(_ events: [GatewayEvent]) async throws -> [JournalEntry] {
        guard !events.isEmpty else { return [] }
        let now = clock.now
        let texts = try events.map(JSONColumn.text)
        return try await store.write { database in
            let insert = try database.cachedStatement(
                sql: "INSERT INTO event (key, event_json, received_at) VALUES (?, ?, ?) ON CONFLICT (key) DO NOTHING")
            var entries: [JournalEntry] = []
            for (event, text) in zip(events, texts) {
                try insert.execute(arguments: [event.id.rawValue, text, now.microseconds])
                guard database.changesCount > 0 else { continue }
                entries.append(JournalEntry(id: database.lastInsertedRowID, event: event, receivedAt: now))
            }
            return entries
        }
    }

    public func unsettledEntries() async throws -> [JournalEntry] {
        try await allPages { try await unsettledEntries(after: $0, limit: Self.pageSize) }
    }

    public func unsettledEntries(after id: JournalEntry.ID, limit: Int) async throws -> [JournalEntry] {
        var start = id
        while true {
            let page = try await store.read { [start] database in
                let select = try database.cachedStatement(
                    sql: """
                        SELECT id, event_json, received_at FROM event
                        WHERE settled_at IS NULL AND id > ? ORDER BY id LIMIT ?
                        """)
                return try Page(Row.fetchCursor(select, arguments: [start, limit]), reading: Self.entry)
            }
            for row in page.unreadable { try await putAside(row) }
            guard page.items.isEmpty, let last = page.last else { return page.items }
            start = last
        }
    }

    public func beginAttempt(_ entries: [JournalEntry.ID]) async throws -> Int {
        try await store.write { [file = store.file] database in
            let update = try database.cachedStatement(
                sql: "UPDATE event SET attempts = attempts + 1 WHERE id = ? RETURNING attempts")
            let attempts = try entries.map { id in
                guard let attempts = try Int.fetchOne(update, arguments: [id]) else {
                    throw StoreError(.contradiction, file: file, "there is no entry \(id)")
                }
                return attempts
            }
            return attempts.max() ?? 0
        }
    }

    public func outcome(of event: EventID) async throws -> TurnOutcome? {
        let text = try await store.read { database in
            try String.fetchOne(
                database.cachedStatement(
                    sql: "SELECT outcome_json FROM event WHERE key = ? AND settled_at IS NOT NULL"),
                arguments: [event.rawValue])
        }
        return try text.map { try JSONColumn.value(TurnOutcome.self, from: $0) }
    }

    public func settle(_ turn: SettledTurn) async throws -> [OutboxRow] {
        let outcome = try JSONColumn.text(turn.outcome)
        let lines = try turn.remember.map(SessionTable.Line.init)
        let messages = try turn.messages.map(OutboxTable.NewRow.init)
        return try await store.write { [file = store.file] database in
            let update = try database.cachedStatement(
                sql: "UPDATE event SET outcome_json = ?, settled_at = ? WHERE id = ? AND settled_at IS NULL")
            for id in turn.entries {
                try update.execute(arguments: [outcome, turn.at.microseconds, id])
                guard database.changesCount > 0 else {
                    throw StoreError(.contradiction, file: file, "entry \(id) is unknown, or has its outcome already")
                }
            }
            if let session = turn.session {
                try SessionTable(database: database).remember(lines, in: session, at: turn.at)
            }
            return try OutboxTable(database: database).insert(messages, at: turn.at)
        }
    }

    private static func entry(_ row: Row) throws -> JournalEntry {
        JournalEntry(
            id: row["id"], event: try JSONColumn.value(GatewayEvent.self, from: row["event_json"]),
            receivedAt: Timestamp(microseconds: row["received_at"]))
    }

    private func putAside(_ row: Page<JournalEntry>.Unreadable) async throws {
        logger.error(
            "a journal entry can't be read, putting it aside",
            metadata: ["entry": "\(row.id)", "error": "\(row.reason)"])
        let outcome = TurnOutcome(.quarantined, reason: "the journal's record of it can't be read: \(row.reason)")
        _ = try await settle(SettledTurn(entries: [row.id], outcome: outcome, at: clock.now))
    }
}
