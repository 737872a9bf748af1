extension Migration {
    /// What agents remember. In the journal's own database, and in that of control-plane sessions where they have one.
    ///
    /// A session's current history is what has an `id` above its `starts_after`; starting afresh moves that mark and
    /// deletes nothing. No thread and no sender are empty text.
    static let sessions = Migration(
        name: "sessions 1",
        sql: """
            CREATE TABLE session (
                id INTEGER PRIMARY KEY AUTOINCREMENT,
                agent TEXT NOT NULL,
                channel TEXT NOT NULL,
                conversation TEXT NOT NULL,
                thread TEXT NOT NULL,
                sender TEXT NOT NULL,
                starts_after INTEGER NOT NULL DEFAULT 0,
                last_used INTEGER,
                UNIQUE (channel, conversation, thread, sender, agent)
            );

            CREATE TABLE remembered (
                id INTEGER PRIMARY KEY AUTOINCREMENT,
                session INTEGER NOT NULL REFERENCES session ON DELETE CASCADE,
                message_json TEXT NOT NULL,
                at INTEGER NOT NULL
            );
            CREATE INDEX remembered_of_session ON remembered (session, id);
            """)

    /// The parts of `remembered` that were a session's current history once: above `first`, up to and with `last`.
    static let earlierHistories = Migration(
        name: "earlier histories 1",
        sql: """
            CREATE TABLE earlier_history (
                id INTEGER PRIMARY KEY AUTOINCREMENT,
                session INTEGER NOT NULL REFERENCES session ON DELETE CASCADE,
                first INTEGER NOT NULL,
                last INTEGER NOT NULL
            );
            CREATE INDEX earlier_history_of_session ON earlier_history (session, id);
            """)

    /// What stands for the messages of a session's history up to and with `through`, which stay.
    static let summaries = Migration(
        name: "summaries 1",
        sql: """
            CREATE TABLE summary (
                id INTEGER PRIMARY KEY AUTOINCREMENT,
                session INTEGER NOT NULL REFERENCES session ON DELETE CASCADE,
                text TEXT NOT NULL,
                through INTEGER NOT NULL,
                at INTEGER NOT NULL
            );
            CREATE INDEX summary_of_session ON summary (session, through);
            """)

    /// In the journal: a summary on its way into a database of sessions alone.
    static let unfiledSummaries = Migration(
        name: "unfiled turns 3", sql: "ALTER TABLE unfiled ADD COLUMN summary_json TEXT;")

    /// In the journal: what becomes of a session before such messages are remembered.
    static let unfiledChanges = Migration(
        name: "unfiled turns 2", sql: "ALTER TABLE unfiled ADD COLUMN change_json TEXT;")

    /// In a database of sessions alone: which turns' messages it has, so that none is filed twice.
    static let filedTurns = Migration(
        name: "filed turns 1",
        sql: """
            CREATE TABLE filed_turn (
                name TEXT PRIMARY KEY,
                at INTEGER NOT NULL
            ) WITHOUT ROWID;
            CREATE INDEX filed_turn_at ON filed_turn (at);
            """)

    /// In the journal: messages on their way into a database of sessions alone, and a name no other store has.
    static let unfiledTurns = Migration(
        name: "unfiled turns 1",
        sql: """
            CREATE TABLE unfiled (
                id INTEGER PRIMARY KEY AUTOINCREMENT,
                session_json TEXT NOT NULL,
                messages_json TEXT NOT NULL,
                at INTEGER NOT NULL
            );
            CREATE TABLE store_name (name TEXT NOT NULL);
            INSERT INTO store_name VALUES (lower(hex(randomblob(16))));
            """)
}
