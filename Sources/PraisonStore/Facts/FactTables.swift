extension Migration {
    /// What agents remember, and an index of its words.
    static let facts = Migration(
        name: "facts 1",
        sql: """
            CREATE TABLE fact (
                id INTEGER PRIMARY KEY AUTOINCREMENT,
                subject TEXT NOT NULL,
                text TEXT NOT NULL,
                at INTEGER NOT NULL,
                UNIQUE (subject, text)
            );

            CREATE VIRTUAL TABLE fact_words USING fts5 (
                text, content = 'fact', content_rowid = 'id', tokenize = 'unicode61 remove_diacritics 2'
            );
            CREATE TRIGGER fact_added AFTER INSERT ON fact BEGIN
                INSERT INTO fact_words (rowid, text) VALUES (new.id, new.text);
            END;
            CREATE TRIGGER fact_removed AFTER DELETE ON fact BEGIN
                INSERT INTO fact_words (fact_words, rowid, text) VALUES ('delete', old.id, old.text);
            END;
            """)
}
