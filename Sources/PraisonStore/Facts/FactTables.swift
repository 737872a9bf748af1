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

    /// An index of pairs of letters besides, for scripts that have no spaces between words: SQLite takes a whole sentence
    /// of these for one word. Of what was kept before, the pairs are made here; see ``SpacelessText`` for what is new.
    static let spacelessFacts = Migration(
        name: "facts 2",
        sql: """
            ALTER TABLE fact ADD COLUMN pairs TEXT NOT NULL DEFAULT '';
            DROP TRIGGER fact_added;
            DROP TRIGGER fact_removed;
            DROP TABLE fact_words;

            UPDATE fact SET pairs = coalesce((
                WITH RECURSIVE place (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM place WHERE n < length(text))
                SELECT group_concat(substr(text, n, 2), ' ') FROM place
                WHERE unicode(substr(text, n, 1)) BETWEEN 0x0E00 AND 0x0EFF
                    OR unicode(substr(text, n, 1)) BETWEEN 0x1000 AND 0x109F
                    OR unicode(substr(text, n, 1)) BETWEEN 0x1780 AND 0x17FF
                    OR unicode(substr(text, n, 1)) BETWEEN 0x3040 AND 0xD7AF
                    OR unicode(substr(text, n, 1)) BETWEEN 0xF900 AND 0xFAFF
                    OR unicode(substr(text, n, 1)) BETWEEN 0x20000 AND 0x3FFFF
            ), '');

            CREATE VIRTUAL TABLE fact_words USING fts5 (
                text, pairs, content = 'fact', content_rowid = 'id', tokenize = 'unicode61 remove_diacritics 2'
            );
            INSERT INTO fact_words (fact_words) VALUES ('rebuild');
            CREATE TRIGGER fact_added AFTER INSERT ON fact BEGIN
                INSERT INTO fact_words (rowid, text, pairs) VALUES (new.id, new.text, new.pairs);
            END;
            CREATE TRIGGER fact_removed AFTER DELETE ON fact BEGIN
                INSERT INTO fact_words (fact_words, rowid, text, pairs)
                VALUES ('delete', old.id, old.text, old.pairs);
            END;
            """)
}
