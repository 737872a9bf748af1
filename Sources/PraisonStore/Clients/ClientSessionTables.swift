extension Migration {
    /// Sessions of control-plane clients, and the frames kept for those that come back.
    static let clientSessions = Migration(
        name: "client sessions 1",
        sql: """
            CREATE TABLE client_session (
                id INTEGER PRIMARY KEY,
                name TEXT NOT NULL UNIQUE,
                agent TEXT NOT NULL,
                owner TEXT NOT NULL,
                created_at INTEGER NOT NULL,
                used_at INTEGER NOT NULL,
                received INTEGER NOT NULL
            );
            CREATE INDEX client_session_by_use ON client_session (used_at);

            CREATE TABLE client_frame (
                session INTEGER NOT NULL REFERENCES client_session ON DELETE CASCADE,
                sequence INTEGER NOT NULL,
                type TEXT NOT NULL,
                text TEXT NOT NULL,
                event_id TEXT NOT NULL,
                at INTEGER NOT NULL,
                target TEXT,
                key TEXT,
                PRIMARY KEY (session, sequence)
            ) WITHOUT ROWID;
            """)
}
