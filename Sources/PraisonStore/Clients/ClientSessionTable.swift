import GRDB
import PraisonCore

/// The SQL of control-plane sessions.
struct ClientSessionTable {
    let database: Database

    func session(_ name: String) throws -> ClientSessionRecord? {
        let find = try database.cachedStatement(sql: "SELECT * FROM client_session WHERE name = ?")
        guard let row = try Row.fetchOne(find, arguments: [name]) else { return nil }
        return ClientSessionRecord(
            id: name, agent: AgentName(row["agent"] as String), owner: row["owner"],
            createdAt: Timestamp(microseconds: row["created_at"]), usedAt: Timestamp(microseconds: row["used_at"]),
            received: row["received"], frames: try frames(of: row["id"]))
    }

    private func frames(of session: Int64) throws -> [SessionFrame] {
        let select = try database.cachedStatement(
            sql: "SELECT * FROM client_frame WHERE session = ? ORDER BY sequence")
        return try Row.fetchAll(select, arguments: [session]).map { row in
            SessionFrame(
                sequence: row["sequence"], type: row["type"], text: row["text"], eventID: row["event_id"],
                timestamp: Timestamp(microseconds: row["at"]), target: row["target"], key: row["key"])
        }
    }

    func save(_ change: ClientSessionChange) throws {
        let session = try save(change.session)
        // Repeating a step whose answer got lost changes nothing.
        let insert = try database.cachedStatement(
            sql: "INSERT OR REPLACE INTO client_frame VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
        for frame in change.frames {
            try insert.execute(arguments: [
                session, frame.sequence, frame.type, frame.text, frame.eventID, frame.timestamp.microseconds,
                frame.target, frame.key,
            ])
        }
        if change.droppedThrough > 0 {
            try database.cachedStatement(sql: "DELETE FROM client_frame WHERE session = ? AND sequence <= ?")
                .execute(arguments: [session, change.droppedThrough])
        }
    }

    /// - Returns: the session's row.
    private func save(_ record: ClientSessionRecord) throws -> Int64 {
        let update = try database.cachedStatement(
            sql: """
                UPDATE client_session SET agent = ?, owner = ?, used_at = ?, received = ? WHERE name = ? RETURNING id
                """)
        let known = try Int64.fetchOne(
            update,
            arguments: [
                record.agent.rawValue, record.owner, record.usedAt.microseconds, record.received, record.id,
            ])
        if let known { return known }
        try database.cachedStatement(
            sql: """
                INSERT INTO client_session (name, agent, owner, created_at, used_at, received)
                VALUES (?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            record.id, record.agent.rawValue, record.owner, record.createdAt.microseconds,
            record.usedAt.microseconds, record.received,
        ])
        return database.lastInsertedRowID
    }

    func forget(unusedSince time: Timestamp) throws -> Int {
        try database.cachedStatement(sql: "DELETE FROM client_session WHERE used_at < ?")
            .execute(arguments: [time.microseconds])
        return database.changesCount
    }
}
