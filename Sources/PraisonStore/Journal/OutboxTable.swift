import GRDB
import PraisonCore

/// The SQL of the outbox.
struct OutboxTable {
    let database: Database

    /// A message on its way into the outbox, made ready outside the writing thread.
    struct NewRow: Sendable {
        var message: OutboundMessage
        var json: String

        init(_ message: OutboundMessage) throws {
            self.message = message
            json = try JSONColumn.text(message)
        }
    }

    /// - Returns: those that were not there yet; a message's key is its identity.
    func insert(_ rows: [NewRow], at time: Timestamp) throws -> [OutboxRow] {
        guard !rows.isEmpty else { return [] }
        let insert = try database.cachedStatement(
            sql: """
                INSERT INTO outbox (key, answers, channel, conversation, thread, message_json, created_at)
                VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO NOTHING
                """)
        var inserted: [OutboxRow] = []
        for row in rows {
            let conversation = row.message.conversation
            try insert.execute(arguments: [
                row.message.key, row.message.answers?.rawValue, conversation.channel.rawValue,
                conversation.id.rawValue, conversation.thread?.rawValue, row.json, time.microseconds,
            ])
            guard database.changesCount > 0 else { continue }
            inserted.append(OutboxRow(id: database.lastInsertedRowID, message: row.message))
        }
        return inserted
    }

    /// - Parameter row: with `id`, `message_json`, `conversation`, `attempts` and `state`.
    static func outboxRow(_ row: Row) throws -> OutboxRow {
        var message = try JSONColumn.value(OutboundMessage.self, from: row["message_json"])
        message.conversation.id = Conversation.ID(row["conversation"])
        return OutboxRow(
            id: row["id"], message: message, attempts: row["attempts"], interrupted: row["state"] == "claimed")
    }

    static func outboxRecord(_ row: Row) throws -> OutboxRecord {
        let receipt: String? = row["receipt_json"]
        let settledAt: Int64? = row["settled_at"]
        return OutboxRecord(
            row: try outboxRow(row), state: OutboxRecord.State(rawValue: row["state"]) ?? .waiting,
            receipt: try receipt.map { try JSONColumn.value(MessageReceipt.self, from: $0) }, reason: row["reason"],
            createdAt: Timestamp(microseconds: row["created_at"]),
            settledAt: settledAt.map(Timestamp.init(microseconds:)))
    }
}
