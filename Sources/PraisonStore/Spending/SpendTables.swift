extension Migration {
    /// What models have cost, a row for each day, agent, channel, person and model; and what is set aside for calls that
    /// have not come back. Amounts are billionths of a US dollar.
    static let spending = Migration(
        name: "spending 1",
        sql: """
            CREATE TABLE spend (
                day INTEGER NOT NULL,
                agent TEXT NOT NULL,
                channel TEXT NOT NULL,
                sender TEXT NOT NULL,
                model TEXT NOT NULL,
                calls INTEGER NOT NULL,
                input INTEGER NOT NULL,
                cached_input INTEGER NOT NULL,
                output INTEGER NOT NULL,
                cost INTEGER NOT NULL,
                PRIMARY KEY (day, agent, channel, sender, model)
            ) WITHOUT ROWID;

            CREATE TABLE spend_reservation (
                id INTEGER PRIMARY KEY AUTOINCREMENT,
                day INTEGER NOT NULL,
                agent TEXT NOT NULL,
                channel TEXT NOT NULL,
                sender TEXT NOT NULL,
                amount INTEGER NOT NULL
            );
            CREATE INDEX spend_reservation_by_day ON spend_reservation (day);
            """)
}
