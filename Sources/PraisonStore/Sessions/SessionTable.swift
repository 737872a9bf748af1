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

    /// A session's current history, its messages still as JSON.
    struct History: Sendable {
        var messages: [(position: Int64, json: String)] = []
        var summary: SessionSummary?
        var lastUsed: Timestamp?
        /// How many of the session's messages are the last turn's.
        var lastTurn = 0
    }

    /// The last `limit` messages that no summary stands for, oldest first.
    func history(of key: SessionKey, limit: Int) throws -> History {
        let find = try database.cachedStatement(
            sql: "SELECT id, starts_after, last_used FROM session WHERE \(Self.isKey)")
        guard let session = try Row.fetchOne(find, arguments: Self.arguments(key)) else { return History() }
        let id: Int64 = session["id"]
        let startsAfter: Int64 = session["starts_after"]
        let lastUsed: Int64? = session["last_used"]
        let (lastTurn, firstOfLastTurn) = try lastTurn(of: id, after: startsAfter)
        let summary = try summary(of: id, after: startsAfter, before: firstOfLastTurn)
        let select = try database.cachedStatement(
            sql: "SELECT id, message_json FROM remembered WHERE session = ? AND id > ? ORDER BY id DESC LIMIT ?")
        let start = max(startsAfter, summary?.through ?? 0)
        let newestFirst = try Row.fetchAll(select, arguments: [id, start, max(limit, 0)])
        return History(
            messages: newestFirst.reversed().map { ($0["id"], $0["message_json"]) }, summary: summary,
            lastUsed: lastUsed.map(Timestamp.init(microseconds:)), lastTurn: lastTurn)
    }

    /// How many messages the last turn remembered, and the first of them.
    private func lastTurn(of session: Int64, after start: Int64) throws -> (count: Int, first: Int64) {
        let find = try database.cachedStatement(
            sql: "SELECT count(*), coalesce(min(id), 0) FROM remembered WHERE id > :after AND \(Self.isOfLastTurn)")
        return try Row.fetchOne(find, arguments: ["session": session, "after": start]).map { ($0[0], $0[1]) } ?? (0, 0)
    }

    // MARK: Summaries

    /// Earlier summaries of one session that are kept, for when the newest has to go.
    private static let maximumSummaries = 8

    /// The newest summary that stands for nothing from `end` on.
    private func summary(of session: Int64, after start: Int64, before end: Int64) throws -> SessionSummary? {
        let find = try database.cachedStatement(
            sql: """
                SELECT text, through FROM summary WHERE session = ? AND through > ? AND through < ?
                ORDER BY through DESC LIMIT 1
                """)
        return try Row.fetchOne(find, arguments: [session, start, end]).map {
            SessionSummary(text: $0["text"], through: $0["through"])
        }
    }

    /// Lets `summary` stand for the session's oldest messages; not where the session has started afresh meanwhile.
    func keep(_ summary: SessionSummary, of key: SessionKey, at time: Timestamp) throws {
        guard let session = try session(key), summary.through > session.startsAfter else { return }
        try database.execute(
            sql: """
                INSERT INTO summary (session, text, through, at) VALUES (:session, :text, :through, :at);
                DELETE FROM summary WHERE session = :session AND id NOT IN (
                    SELECT id FROM summary WHERE session = :session ORDER BY id DESC LIMIT \(Self.maximumSummaries));
                """,
            arguments: [
                "session": session.id, "text": summary.text, "through": summary.through, "at": time.microseconds,
            ])
    }

    // MARK: Changes

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
        let (count, first) = try lastTurn(of: session.id, after: session.startsAfter)
        guard count > 0 else { return }
        try database.execute(
            sql: "DELETE FROM remembered WHERE id > :after AND \(Self.isOfLastTurn)",
            arguments: ["session": session.id, "after": session.startsAfter])
        // What is forgotten must not live on in a summary.
        try database.execute(
            sql: "DELETE FROM summary WHERE session = ? AND through >= ?", arguments: [session.id, first])
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
        let (first, last): (Int64, Int64) = (earlier["first"], earlier["last"])
        let summaries = try Row.fetchAll(
            database,
            sql: """
                SELECT id, (SELECT count(*) FROM remembered WHERE session = :session AND id > :first AND id <= through)
                FROM summary WHERE session = :session AND through > :first AND through <= :last
                """, arguments: ["session": session.id, "first": first, "last": last])
        let end = try Int64.fetchOne(database, sql: "SELECT max(id) FROM remembered") ?? 0
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
                "session": session.id, "first": first, "last": last, "id": id,
                "now": time.microseconds,
            ])
        // What a summary stands for has other numbers now.
        for summary in summaries {
            let (number, count): (Int64, Int) = (summary[0], summary[1])
            guard count > 0 else { continue }
            try database.execute(
                sql: """
                    UPDATE summary SET through = (
                        SELECT id FROM remembered WHERE session = ? AND id > ? ORDER BY id LIMIT 1 OFFSET ?)
                    WHERE id = ?
                    """, arguments: [session.id, end, count - 1, number])
        }
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
                // A summary of one of them says nothing of the other.
                sql: """
                    DELETE FROM summary WHERE session IN (:target, :id);
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
