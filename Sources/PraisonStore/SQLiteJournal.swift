import GRDB
public import Logging
public import PraisonCore
import Synchronization

/// The journal in one SQLite file, or in memory for trials and tests.
///
/// Whoever makes it closes it. Calls at the same time share a commit (see `GroupCommit`); reads wait for no write.
/// Every error thrown is a ``StoreError``, which names the file and what puts it right; after one (a full disk, say) the
/// journal goes on as soon as the cause is gone.
public final class SQLiteJournal: Journal {
    public enum Location: Hashable, Sendable {
        case memory
        /// A file; it and the folders on the way to it are made where they are missing, for their owner's eyes only.
        case file(String)
    }

    let store: Store
    let separateSessions: SeparateSessions?
    let retention: Retention
    let clock: any GatewayClock
    let logger: Logger
    let pairedSendersSeen = Mutex<PairedSenders>(PairedSenders())

    /// Opens the store, making or updating its tables, and takes up what an earlier process left half-filed. Blocks
    /// meanwhile, for a few milliseconds as a rule.
    ///
    /// - Parameters:
    ///   - sessions: `session_config`: where control-plane histories live. With `persist` off they are in memory only.
    ///     With `persistPath` they are in the file `sessions.sqlite` of that folder; `~` is not resolved here. Changing
    ///     the place starts those histories afresh.
    ///   - retention: how long what is settled stays on record; in effect while ``run()`` runs.
    /// - Throws: ``StoreError``.
    public init(
        _ location: Location, sessions: SessionSettings = SessionSettings(), retention: Retention = Retention(),
        clock: any GatewayClock, logger: Logger
    ) throws {
        let place: Store.Location =
            switch location {
            case .memory: .memory
            case .file(let path): .file(path)
            }
        store = try Store(place, migrations: Self.migrations)
        separateSessions = try SeparateSessions(sessions, journal: store)
        self.retention = retention
        self.clock = clock
        self.logger = logger
        try fileLeftoversOnStart()
    }

    /// The tables of the journal's own database, in the order in which they came to be. Append only.
    static let migrations: [Migration] = [
        .journal, .sessions, .unfiledTurns, .clientSessions, .earlierHistories, .unfiledChanges, .spending, .facts,
        .summaries, .unfiledSummaries, .spacelessFacts,
    ]

    /// Keeps the store small until cancelled: every ten minutes drops what is old enough; see ``Retention``.
    public func run() async {
        while !Task.isCancelled {
            do {
                try await clock.sleep(for: .seconds(600))
                try await tidy()
            } catch is CancellationError {
                return
            } catch {
                logger.error("the store can't be tidied", metadata: ["error": "\(error)"])
            }
        }
    }

    /// Lets the writes under way end, then closes the file. Later calls throw.
    public func close() async throws {
        try await store.close()
        try await separateSessions?.store.close()
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
}
