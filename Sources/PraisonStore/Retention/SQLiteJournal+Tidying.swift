import GRDB
import PraisonCore

extension SQLiteJournal {
    /// Drops what has been on record long enough, in small steps between which others write, and gives room back to the
    /// disk. ``run()`` calls it; so may a command.
    ///
    /// - Returns: how many rows went.
    @discardableResult
    public func tidy() async throws -> Int {
        let now = clock.now
        try await fileLeftovers()
        var count = try await store.sweep(Sweep.journal(retention, now: now) + Sweep.sessions(retention, now: now))
        if let separateSessions {
            let sweeps = Sweep.sessions(separateSessions.retention(retention), now: now)
            count += try await separateSessions.store.sweep(sweeps)
            try await separateSessions.forgetFiledTurns(before: now - retention.minimumSettled)
            try await separateSessions.store.giveBackRoom()
        }
        count += try await tidySpending(before: Int(now.microseconds / 86_400_000_000) - Self.daysOfSpending)
        try await store.giveBackRoom()
        return count
    }
}

extension SeparateSessions {
    /// What lives in memory keeps only what agents may still be shown.
    fileprivate func retention(_ retention: Retention) -> Retention {
        if isDurable { return retention }
        var retention = retention
        retention.pastHistory = .zero
        retention.idleSession = settings.timeout
        retention.maximumRemembered = settings.maxMessages
        return retention
    }

    /// Names of turns that the journal has let go of too, so that they can't come again.
    fileprivate func forgetFiledTurns(before time: Timestamp) async throws {
        while true {
            let dropped = try await store.write { database in
                try database.execute(
                    sql: """
                        DELETE FROM filed_turn WHERE name IN (SELECT name FROM filed_turn WHERE at < ? LIMIT ?)
                        """, arguments: [time.microseconds, Sweep.slice])
                return database.changesCount
            }
            if dropped < Sweep.slice { return }
        }
    }
}

extension Store {
    /// Pages an emptied database keeps for its next rows, and those given back in one step.
    private static let sparePages = 256
    /// Bytes of write-ahead log after which the next writer waits until all of it is in the database. Only readers that
    /// never pause let it come to that.
    private static let maximumLog = 64 << 20

    fileprivate func sweep(_ sweeps: [Sweep]) async throws -> Int {
        var total = 0
        for sweep in sweeps {
            // Looked for by a reader first: when nothing is due, which is the rule, no writer waits for the search.
            while try await read({ try Int64.fetchOne($0, sql: "\(sweep.due) LIMIT 1") }) != nil {
                total += try await write { database in
                    try database.execute(
                        sql: """
                            DELETE FROM \(sweep.table) WHERE rowid IN (SELECT id FROM (\(sweep.due) LIMIT \(Sweep.slice)))
                            """)
                    return database.changesCount
                }
            }
        }
        return total
    }

    fileprivate func giveBackRoom() async throws {
        while try await read({ try Int.fetchOne($0, sql: "PRAGMA freelist_count") ?? 0 }) > 2 * Self.sparePages {
            try await write { try $0.execute(sql: "PRAGMA incremental_vacuum(\(Self.sparePages))") }
        }
        if logLength > Self.maximumLog { try await maintain { _ = try $0.checkpoint(.truncate) } }
    }
}
