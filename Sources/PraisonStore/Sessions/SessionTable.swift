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

    /// The last `limit` messages as JSON, oldest first; and how many of the session's messages are the last turn's.
    func history(
        of key: SessionKey, limit: Int
    ) throws -> (messages: [String], lastUsed: Timestamp?, lastTurn: Int) {
        let find = try database.cachedStatement(
            sql: "SELECT id, starts_after, last_used FROM session WHERE \(Self.isKey)")
        guard let session = try Row.fetchOne(find, arguments: Self.arguments(key)) else { return ([], nil, 0) }
        let id: Int64 = session["id"]
        let startsAfter: Int64 = session["starts_after"]
        let lastUsed: Int64? = session["last_used"]
        let select = try database.cachedStatement(
            sql: "SELECT message_json FROM remembered WHERE session = ? AND id > ? ORDER BY id DESC LIMIT ?")
        let newestFirst = try String.fetchAll(select, arguments: [id, startsAfter, max(limit, 0)])
        let count = try database.cachedStatement(
            sql: "SELECT count(*) FROM remembered WHERE id > :after AND \(Self.isOfLastTurn)")
        let lastTurn = try Int.fetchOne(count, arguments: ["session": id, "after": startsAfter]) ?? 0
        return (newestFirst.reversed(), lastUsed.map(Timestamp.init(microseconds:)), lastTurn)
    }

    func apply(_ change: SessionChange, to key: SessionKey, at time: Timestamp) throws {
        switch change {
        case .startAfresh: try reset(key)
        case .forgetLastTurn: try forgetLastTurn(of: key)
        case .resume(let id): try resume(id, of: key, at: time)
        }
    }

    /// What is current becomes an earlier history.
    func reset(_ key: SessionKey) throws {
        guard let session = try session(key) else { return }
        try database.execute(
            sql: """
                INSERT INTO earlier_history (session, first, last)
                    SELECT :session, :after, max(id) FROM remembered WHERE session = :session AND id > :after
                    HAVING max(id) IS NOT NULL;
                UPDATE session SET last_used = NULL, starts_after = max(
                    starts_after, (SELECT coalesce(max(id), 0) FROM remembered WHERE session = :session))
                WHERE id = :session;
                """, arguments: ["session": session.id, "after": session.startsAfter])
    }

    /// A turn's messages are the ones remembered at one moment.
    private func forgetLastTurn(of key: SessionKey) throws {
        guard let session = try session(key) else { return }
        try database.execute(
            sql: "DELETE FROM remembered WHERE id > :after AND \(Self.isOfLastTurn)",
            arguments: ["session": session.id, "after": session.startsAfter])
    }

    private static let isOfLastTurn = """
        session = :session AND at = (
            SELECT at FROM remembered WHERE session = :session AND id > :after ORDER BY id DESC LIMIT 1)
        """

    /// The latest earlier histories, newest first, as far as they are on record: their number, the first words as JSON,
    /// how many messages they are and when the last was remembered.
    func earlier(than key: SessionKey, limit: Int) throws -> [(id: Int64, first: String?, count: Int, at: Timestamp)] {
        guard let session = try session(key) else { return [] }
        let rows = try Row.fetchAll(
            database,
            sql: """
                SELECT earlier_history.id AS id, count(*) AS count, max(at) AS at, (
                    SELECT message_json FROM remembered WHERE session = :session AND id > first AND id <= last
                    ORDER BY id LIMIT 1) AS words
                FROM earlier_history JOIN remembered
                    ON remembered.session = :session AND remembered.id > first AND remembered.id <= last
                WHERE earlier_history.session = :session
                GROUP BY earlier_history.id ORDER BY earlier_history.id DESC LIMIT :limit
                """, arguments: ["session": session.id, "limit": max(limit, 0)])
        return rows.map { ($0["id"], $0["words"], $0["count"], Timestamp(microseconds: $0["at"])) }
    }

    /// Its messages are remembered anew, so that the current history is what comes last.
    private func resume(_ id: EarlierHistory.ID, of key: SessionKey, at time: Timestamp) throws {
        guard let session = try session(key),
            let earlier = try Row.fetchOne(
                database, sql: "SELECT first, last FROM earlier_history WHERE id = ? AND session = ?",
                arguments: [id, session.id])
        else { return }
        try reset(key)
        try database.execute(
            sql: """
                INSERT INTO remembered (session, message_json, at)
                    SELECT session, message_json, at FROM remembered
                    WHERE session = :session AND id > :first AND id <= :last ORDER BY id;
                DELETE FROM remembered WHERE session = :session AND id > :first AND id <= :last;
                DELETE FROM earlier_history WHERE id = :id;
                UPDATE session SET last_used = :now WHERE id = :session;
                """,
            arguments: [
                "session": session.id, "first": earlier["first"], "last": earlier["last"], "id": id,
                "now": time.microseconds,
            ])
    }

    private func session(_ key: SessionKey) throws -> (id: Int64, startsAfter: Int64)? {
        try Row.fetchOne(
            database.cachedStatement(sql: "SELECT id, starts_after FROM session WHERE \(Self.isKey)"),
            arguments: Self.arguments(key)
        ).map { ($0["id"], $0["starts_after"]) }
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
                    UPDATE earlier_history SET session = :target WHERE session = :id;
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
