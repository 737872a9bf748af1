extension Migration {
    /// Events in, messages out, people and cursors.
    ///
    /// An event or message is open while `settled_at` is null; partial indexes keep the open ones at hand however many
    /// are settled. Times are microseconds since 1970. Columns named `…_json` hold the value as JSON; where the chat
    /// moved since, the column `conversation` is right and the JSON is not.
    static let journal = Migration(
        name: "journal 1",
        sql: """
            CREATE TABLE event (
                id INTEGER PRIMARY KEY AUTOINCREMENT,
                key TEXT NOT NULL UNIQUE,
                channel TEXT NOT NULL,
                conversation TEXT,
                thread TEXT,
                event_json TEXT NOT NULL,
                received_at INTEGER NOT NULL,
                attempts INTEGER NOT NULL DEFAULT 0,
                outcome_json TEXT,
                settled_at INTEGER
            );
            CREATE INDEX event_open ON event (id) WHERE settled_at IS NULL;
            CREATE INDEX event_open_in ON event (channel, conversation, thread) WHERE settled_at IS NULL;
            CREATE INDEX event_settled ON event (settled_at) WHERE settled_at IS NOT NULL;

            CREATE TABLE outbox (
                id INTEGER PRIMARY KEY AUTOINCREMENT,
                key TEXT NOT NULL UNIQUE,
                answers TEXT,
                channel TEXT NOT NULL,
                conversation TEXT NOT NULL,
                thread TEXT,
                message_json TEXT NOT NULL,
                state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'claimed', 'sent', 'failed')),
                attempts INTEGER NOT NULL DEFAULT 0,
                receipt_json TEXT,
                reason TEXT,
                created_at INTEGER NOT NULL,
                settled_at INTEGER
            );
            CREATE INDEX outbox_open ON outbox (id) WHERE settled_at IS NULL;
            CREATE INDEX outbox_open_in ON outbox (channel, conversation, thread) WHERE settled_at IS NULL;
            CREATE INDEX outbox_settled ON outbox (state, settled_at) WHERE settled_at IS NOT NULL;
            CREATE INDEX outbox_failed ON outbox (id) WHERE state = 'failed';
            CREATE INDEX outbox_answers ON outbox (answers) WHERE answers IS NOT NULL;

            CREATE TABLE cursor (
                key TEXT PRIMARY KEY,
                value TEXT NOT NULL
            ) WITHOUT ROWID;

            CREATE TABLE pairing_request (
                channel TEXT NOT NULL,
                sender TEXT NOT NULL,
                code TEXT NOT NULL,
                request_json TEXT NOT NULL,
                requested_at INTEGER NOT NULL,
                expires_at INTEGER NOT NULL,
                PRIMARY KEY (channel, sender),
                UNIQUE (channel, code)
            );
            CREATE INDEX pairing_request_expires ON pairing_request (expires_at);

            CREATE TABLE paired (
                channel TEXT NOT NULL,
                sender TEXT NOT NULL,
                request_json TEXT NOT NULL,
                paired_at INTEGER NOT NULL,
                PRIMARY KEY (channel, sender)
            ) WITHOUT ROWID;

            -- One row; its number changes with every change of `paired`, whoever made it.
            CREATE TABLE paired_version (version INTEGER NOT NULL);
            INSERT INTO paired_version VALUES (0);
            CREATE TRIGGER paired_inserted AFTER INSERT ON paired
                BEGIN UPDATE paired_version SET version = version + 1; END;
            CREATE TRIGGER paired_deleted AFTER DELETE ON paired
                BEGIN UPDATE paired_version SET version = version + 1; END;
            """)
}
