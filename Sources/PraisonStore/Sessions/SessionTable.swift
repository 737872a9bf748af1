import GRDB
import PraisonCore

/// The SQL of sessions, for whichever database holds them.
struct SessionTable {
    let database: Database

    /// - Parameter lines: ``ChatMessage``s as JSON.
    func remember(_ lines: [String], in key: SessionKey, at time: Timestamp) throws {
        guard !lines.isEmpty else { return }
        let session = try makeSession(key)
        let insert = try database.cachedStatement(
            sql: "INSERT INTO remembered (session, message_json, at) VALUES (?, ?, ?)")
        for line in lines { try insert.execute(arguments: [session, line, time.microseconds]) }
        try database.cachedStatement(sql: "UPDATE session SET last_used = ? WHERE id = ?")
            .execute(arguments: [time.microseconds, session])
    }

    /// The last `limit` messages as JSON, oldest first.
    func history(of key: SessionKey, limit: Int) throws -> (messages: [String], lastUsed: Timestamp?) {
        let find = try database.cachedStatement(
            sql: "SELECT id, starts_after, last_used FROM session WHERE \(Self.isKey)")
        guard let session = try Row.fetchOne(find, arguments: Self.arguments(key)) else { return ([], nil) }
        let id: Int64 = session["id"]
        let startsAfter: Int64 = session["starts_after"]
        let lastUsed: Int64? = session["last_used"]
        let select = try database.cachedStatement(
            sql: "SELECT message_json FROM remembered WHERE session = ? AND id > ? ORDER BY id DESC LIMIT ?")
        let newestFirst = try String.fetchAll(select, arguments: [id, startsAfter, max(limit, 0)])
        return (newestFirst.reversed(), lastUsed.map(Timestamp.init(microseconds:)))
    }

    func reset(_ key: SessionKey) throws {
        try database.execute(
            sql: """
                UPDATE session SET last_used = NULL, starts_after = max(
                    starts_after, (SELECT coalesce(max(id), 0) FROM remembered WHERE session = session.id))
                WHERE \(Self.isKey)
                """, arguments: Self.arguments(key))
    }

    /// Gives the chat's sessions (those of its threads as well) their new place. Where there is a session already, both
    /// become one, in the order in which things were said.
    func move(_ old: Conversation, to new: Conversation.ID) throws {
        guard old.id != new else { return }
        let sessions = try Row.fetchAll(
            database, sql: "SELECT * FROM session WHERE channel = ? AND conversation = ?",
            arguments: [old.channel.rawValue, old.id.rawValue])
        for session in sessions {
            let id: Int64 = session["id"]
            let target = try Int64.fetchOne(
                database, sql: "SELECT id FROM session WHERE \(Self.isKey)",
                arguments: [old.channel.rawValue, new.rawValue, session["thread"], session["sender"], session["agent"]])
            guard let target else {
                try database.execute(
                    sql: "UPDATE session SET conversation = ? WHERE id = ?", arguments: [new.rawValue, id])
                continue
            }
            try database.execute(
                sql: """
                    UPDATE remembered SET session = :target WHERE session = :id;
                    UPDATE session SET
                        starts_after = max(starts_after, :startsAfter),
                        last_used = nullif(max(coalesce(last_used, 0), coalesce(:lastUsed, 0)), 0)
                    WHERE id = :target;
                    DELETE FROM session WHERE id = :id;
                    """,
                arguments: [
                    "target": target, "id": id, "startsAfter": session["starts_after"],
                    "lastUsed": session["last_used"],
                ])
        }
    }

    private func makeSession(_ key: SessionKey) throws -> Int64 {
        let find = try database.cachedStatement(sql: "SELECT id FROM session WHERE \(Self.isKey)")
        if let id = try Int64.fetchOne(find, arguments: Self.arguments(key)) { return id }
        try database.cachedStatement(
            sql: "INSERT INTO session (channel, conversation, thread, sender, agent) VALUES (?, ?, ?, ?, ?)"
        ).execute(arguments: Self.arguments(key))
        return database.lastInsertedRowID
    }

    private static let isKey = "channel = ? AND conversation = ? AND thread = ? AND sender = ? AND agent = ?"

    private static func arguments(_ key: SessionKey) -> StatementArguments {
        [
            key.conversation.channel.rawValue, key.conversation.id.rawValue, key.conversation.thread?.rawValue ?? "",
            key.sender?.rawValue ?? "", key.agent.rawValue,
        ]
    }
}
