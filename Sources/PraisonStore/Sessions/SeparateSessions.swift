import GRDB
import PraisonCore

/// Control-plane histories in a database of their own: a file in `session_config.persist_path`, or memory where
/// `session_config.persist` is off.
///
/// SQLite keeps no promise about one transaction over two files in WAL mode, so a turn's messages go two steps: they are
/// kept in the journal (table `unfiled`) by the transaction that settles the turn, and then filed here under the turn's
/// name, which is taken once. After a crash between the two steps the next start files what is left. Histories in memory
/// skip the first step; they end with the process anyway.
struct SeparateSessions: Sendable {
    static let fileName = "sessions.sqlite"

    let store: Store
    /// Whether it outlives the process.
    let isDurable: Bool
    let settings: SessionSettings

    /// `nil` where histories belong into the journal's own database.
    init?(_ settings: SessionSettings, journal: Store) throws(StoreError) {
        self.settings = settings
        let migrations: [Migration] = [.sessions, .filedTurns, .clientSessions, .earlierHistories, .summaries]
        if !settings.persist {
            store = try Store(.memory, migrations: migrations)
            isDurable = false
        } else if let folder = settings.persistPath {
            let file = (folder.hasSuffix("/") ? folder : folder + "/") + Self.fileName
            guard file != journal.file else {
                throw StoreError(
                    .contradiction, file: file,
                    "is to be the store and the session database; give session_config.persist_path another folder")
            }
            store = try Store(.file(file), migrations: migrations)
            isDurable = true
        } else {
            return nil
        }
    }

    /// Files a turn's messages, unless they were filed before.
    static func file(_ turn: UnfiledTurn, in database: Database) throws {
        if let name = turn.name {
            try database.cachedStatement(sql: "INSERT INTO filed_turn VALUES (?, ?) ON CONFLICT (name) DO NOTHING")
                .execute(arguments: [name, turn.at.microseconds])
            guard database.changesCount > 0 else { return }
        }
        try turn.apply(in: database)
    }
}

/// A settled turn whose messages are on their way into ``SeparateSessions``.
struct UnfiledTurn: Sendable {
    /// Unique among all turns of all stores; `nil` where it is filed from memory, which happens once.
    var name: String?
    var session: SessionKey
    var change: SessionChange?
    var summary: SessionSummary?
    /// ``ChatMessage``s as JSON.
    var lines: [String]
    var at: Timestamp

    /// Changes the session, and remembers the messages in it.
    func apply(in database: Database) throws {
        let table = SessionTable(database: database)
        if let change { try table.apply(change, to: session, at: at) }
        if let summary { try table.keep(summary, of: session, at: at) }
        try table.remember(lines, in: session, at: at)
    }

    /// Keeps the turn until it is filed.
    ///
    /// - Returns: it, with its name.
    func kept(in database: Database) throws -> UnfiledTurn {
        try database.execute(
            sql: """
                INSERT INTO unfiled (session_json, messages_json, at, change_json, summary_json) VALUES (?, ?, ?, ?, ?)
                """,
            arguments: [
                try JSONColumn.text(session), "[" + lines.joined(separator: ",") + "]", at.microseconds,
                try change.map(JSONColumn.text), try summary.map(JSONColumn.text),
            ])
        var turn = self
        let store = try String.fetchOne(database.cachedStatement(sql: "SELECT name FROM store_name")) ?? ""
        turn.name = "\(store)/\(database.lastInsertedRowID)"
        return turn
    }

    /// The oldest turns kept, with their numbers.
    static func kept(in database: Database, limit: Int) throws -> [(id: Int64, turn: UnfiledTurn)] {
        let rows = try Row.fetchAll(
            database, sql: "SELECT * FROM unfiled, store_name ORDER BY id LIMIT ?", arguments: [limit])
        return try rows.map { row in
            let id: Int64 = row["id"]
            let name: String = row["name"]
            let messages = try JSONColumn.value([ChatMessage].self, from: row["messages_json"])
            let turn = UnfiledTurn(
                name: "\(name)/\(id)", session: try JSONColumn.value(SessionKey.self, from: row["session_json"]),
                change: try (row["change_json"] as String?).map { try JSONColumn.value(SessionChange.self, from: $0) },
                summary: try (row["summary_json"] as String?).map {
                    try JSONColumn.value(SessionSummary.self, from: $0)
                },
                lines: try messages.map(JSONColumn.text), at: Timestamp(microseconds: row["at"]))
            return (id, turn)
        }
    }

    static func drop(_ ids: [Int64], in database: Database) throws {
        let delete = try database.cachedStatement(sql: "DELETE FROM unfiled WHERE id = ?")
        for id in ids { try delete.execute(arguments: [id]) }
    }
}
