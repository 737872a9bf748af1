import GRDB
import Logging
public import PraisonCore

extension SQLiteJournal {
    public func unsentRows(
        in part: JournalPart, after row: OutboxRow.ID, limit: Int
    ) async throws -> [OutboxRow] {
        var start = row
        while true {
            let page = try await store.read { [start] database in
                let select = try database.cachedStatement(
                    sql: """
                        SELECT * FROM outbox
                        WHERE settled_at IS NULL AND \(part.condition) AND id > ? ORDER BY id LIMIT ?
                        """)
                let rows = try Row.fetchCursor(select, arguments: part.arguments + [start, limit])
                return try Page(rows, reading: OutboxTable.outboxRow)
            }
            for row in page.unreadable { try await giveUp(row) }
            guard page.items.isEmpty, let last = page.last else { return page.items }
            start = last
        }
    }

    public func unsentCounts() async throws -> [ChannelName: Int] {
        try await store.read { try $0.openCounts(in: "outbox") }
    }

    public func enqueue(_ messages: [OutboundMessage]) async throws -> [OutboxRow] {
        guard !messages.isEmpty else { return [] }
        let rows = try messages.map(OutboxTable.NewRow.init)
        let now = clock.now
        return try await store.write { try OutboxTable(database: $0).insert(rows, at: now) }
    }

    public func claim(_ row: OutboxRow.ID) async throws {
        try await change(
            row, "UPDATE outbox SET state = 'claimed', attempts = attempts + 1 WHERE id = ? AND settled_at IS NULL",
            [row])
    }

    public func settle(_ row: OutboxRow.ID, _ result: DeliveryResult) async throws {
        let now = clock.now.microseconds
        switch result {
        case .sent(let receipt):
            try await change(
                row,
                """
                UPDATE outbox SET state = 'sent', receipt_json = ?, reason = NULL, settled_at = ?
                WHERE id = ? AND settled_at IS NULL
                """, [try JSONColumn.text(receipt), now, row])
        case .postponed(let reason):
            try await change(
                row, "UPDATE outbox SET state = 'waiting', reason = ? WHERE id = ? AND settled_at IS NULL",
                [reason, row])
        case .failed(let reason):
            try await change(
                row,
                """
                UPDATE outbox SET state = 'failed', reason = ?, settled_at = ? WHERE id = ? AND settled_at IS NULL
                """, [reason, now, row])
        }
    }

    public func moveConversation(_ old: Conversation, to new: Conversation.ID) async throws {
        try await store.write { database in
            for table in ["event", "outbox"] {
                try database.execute(
                    sql: """
                        UPDATE \(table) SET conversation = ?
                        WHERE channel = ? AND conversation = ? AND settled_at IS NULL
                        """, arguments: [new.rawValue, old.channel.rawValue, old.id.rawValue])
            }
            try SessionTable(database: database).move(old, to: new)
        }
    }

    private func giveUp(_ row: Page<OutboxRow>.Unreadable) async throws {
        logger.error(
            "a message in the outbox can't be read, giving it up",
            metadata: ["row": "\(row.id)", "error": "\(row.reason)"])
        try await settle(row.id, .failed(reason: "the journal's record of it can't be read: \(row.reason)"))
    }

    private func change(_ row: OutboxRow.ID, _ sql: String, _ arguments: StatementArguments) async throws {
        try await store.write { [file = store.file] database in
            try database.cachedStatement(sql: sql).execute(arguments: arguments)
            guard database.changesCount > 0 else {
                throw StoreError(.contradiction, file: file, "message \(row) is unknown, or sent or given up already")
            }
        }
    }
}
