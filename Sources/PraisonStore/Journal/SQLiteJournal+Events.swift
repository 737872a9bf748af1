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
                sql: """
                    INSERT INTO event (key, channel, conversation, thread, event_json, received_at)
                    VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO NOTHING
                    """)
            var entries: [JournalEntry] = []
            for (event, text) in zip(events, texts) {
                let conversation = event.message?.conversation
                try insert.execute(arguments: [
                    event.id.rawValue, event.channel.rawValue, conversation?.id.rawValue,
                    conversation?.thread?.rawValue, text, now.microseconds,
                ])
                guard database.changesCount > 0 else { continue }
                entries.append(JournalEntry(id: database.lastInsertedRowID, event: event, receivedAt: now))
            }
            return entries
        }
    }

    public func unsettledEntries(
        in part: JournalPart, after entry: JournalEntry.ID, limit: Int
    ) async throws -> [JournalEntry] {
        var start = entry
        while true {
            let page = try await store.read { [start] database in
                let select = try database.cachedStatement(
                    sql: """
                        SELECT id, conversation, event_json, received_at, attempts FROM event
                        WHERE settled_at IS NULL AND \(part.condition) AND id > ? ORDER BY id LIMIT ?
                        """)
                let rows = try Row.fetchCursor(select, arguments: part.arguments + [start, limit])
                return try Page(rows, reading: Self.entry)
            }
            for row in page.unreadable { try await putAside(row) }
            guard page.items.isEmpty, let last = page.last else { return page.items }
            start = last
        }
    }

    public func unsettledCounts() async throws -> [ChannelName: Int] {
        try await store.read { try $0.openCounts(in: "event") }
    }

    public func lastEntry() async throws -> JournalEntry.ID {
        try await store.read { try JournalEntry.ID.fetchOne($0, sql: "SELECT MAX(id) FROM event") ?? 0 }
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

    public func settle(_ turns: [SettledTurn]) async throws -> [OutboxRow] {
        let records = try turns.map { try TurnRecord($0, memory: memory(of: $0.session)) }
        let (rows, unfiled) = try await store.write { [file = store.file] database in
            try records.reduce(into: ([OutboxRow](), [UnfiledTurn]())) { result, record in
                let (rows, unfiled) = try record.keep(in: database, file)
                result.0 += rows
                if let unfiled { result.1.append(unfiled) }
            }
        }
        for turn in unfiled { await file(turn) }
        return rows
    }

    static func entry(_ row: Row) throws -> JournalEntry {
        var event = try JSONColumn.value(GatewayEvent.self, from: row["event_json"])
        if case .message(var message) = event.payload, let conversation: String = row["conversation"] {
            message.conversation.id = Conversation.ID(conversation)
            event.payload = .message(message)
        }
        return JournalEntry(
            id: row["id"], event: event, receivedAt: Timestamp(microseconds: row["received_at"]),
            attempts: row["attempts"])
    }

    private func putAside(_ row: Page<JournalEntry>.Unreadable) async throws {
        logger.error(
            "a journal entry can't be read, putting it aside",
            metadata: ["entry": "\(row.id)", "error": "\(row.reason)"])
        let outcome = TurnOutcome(.quarantined, reason: "the journal's record of it can't be read: \(row.reason)")
        _ = try await settle(SettledTurn(entries: [row.id], outcome: outcome, at: clock.now))
    }
}
