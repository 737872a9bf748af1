import GRDB
public import Logging
public import PraisonCore
import Synchronization

/// The journal in one SQLite file, or in memory for trials and tests.
///
/// Whoever makes it closes it. Calls at the same time share a commit (see ``GroupCommit``); reads wait for no write.
/// Every error thrown is a ``StoreError``, which names the file and what puts it right; after one (a full disk, say) the
/// journal goes on as soon as the cause is gone.
public final class SQLiteJournal: Journal {
    public enum Location: Hashable, Sendable {
        case memory
        /// A file; it and the folders on the way to it are made where they are missing, for their owner's eyes only.
        case file(String)
    }

    let store: Store
    let clock: any GatewayClock
    let logger: Logger
    let pairedSendersSeen = Mutex<PairedSenders>(PairedSenders())

    /// Opens the store, making or updating its tables. Blocks meanwhile, for a few milliseconds as a rule.
    ///
    /// - Throws: ``StoreError``.
    public init(_ location: Location, clock: any GatewayClock, logger: Logger) throws {
        let place: Store.Location =
            switch location {
            case .memory: .memory
            case .file(let path): .file(path)
            }
        store = try Store(place, migrations: Self.migrations)
        self.clock = clock
        self.logger = logger
    }

    /// The tables of the journal's own database, in the order in which they came to be. Append only.
    static let migrations: [Migration] = [.journal, .sessions]

    /// Lets the writes under way end, then closes the file. Later calls throw.
    public func close() async throws {
        try await store.close()
    }

    // MARK: Cursors

    public func cursor(_ key: String) async throws -> String? {
        try await store.read { database in
            try String.fetchOne(
                database.cachedStatement(sql: "SELECT value FROM cursor WHERE key = ?"), arguments: [key])
        }
    }

    public func save(_ value: String?, for key: String) async throws {
        try await store.write { database in
            if let value {
                try database.cachedStatement(
                    sql: "INSERT INTO cursor VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value"
                ).execute(arguments: [key, value])
            } else {
                try database.cachedStatement(sql: "DELETE FROM cursor WHERE key = ?").execute(arguments: [key])
            }
        }
    }

    // MARK: Sessions

    public func history(of session: SessionKey, limit: Int) async throws -> SessionHistory {
        let (lines, lastUsed) = try await store.read { database in
            try SessionTable(database: database).history(of: session, limit: limit)
        }
        let messages = lines.compactMap { line in
            do {
                return try JSONColumn.value(ChatMessage.self, from: line)
            } catch {
                logger.error(
                    "a remembered message can't be read, going on without it",
                    metadata: ["session": "\(session)", "error": "\(error)"])
                return nil
            }
        }
        return SessionHistory(messages: messages, lastUsed: lastUsed)
    }

    public func reset(_ session: SessionKey) async throws {
        try await store.write { try SessionTable(database: $0).reset(session) }
    }
}
