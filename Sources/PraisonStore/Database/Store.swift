import Dispatch
import GRDB
import PraisonCore

#if canImport(Glibc)
    import Glibc
#endif

/// One SQLite database: opened with suspicion, written in groups, read by several at once.
///
/// Readers see the last commit and wait for no writer (write-ahead log). A write returns once it is on the disk
/// (`synchronous = FULL`).
final class Store: Sendable {
    /// Where a database lives.
    enum Location: Hashable, Sendable {
        case memory
        case file(String)
    }

    /// Written into the file's header (`PRAI`), so that no other program's database is taken for ours.
    static let applicationID: Int32 = 0x5052_4149
    /// How long a lock of another process is waited for: `praisonai` commands look into the store of a running gateway.
    private static let lockPatience = 5.0
    /// The write-ahead log's size after a checkpoint, in bytes; what a burst made it grow to is given back.
    private static let logSize = 16 << 20

    let file: String
    private let isFile: Bool
    private let database: any DatabaseWriter
    let commits: GroupCommit

    /// Opens the database and brings its tables up to date. Blocks meanwhile: call it while starting.
    init(_ location: Location, migrations: [Migration]) throws(StoreError) {
        let file = if case .file(let path) = location { path } else { ":memory:" }
        do {
            database = try Self.open(location, file)
            try Self.migrate(database, migrations, file)
        } catch {
            throw StoreError(error, file: file)
        }
        commits = GroupCommit(database, file: file)
        self.file = file
        isFile = location != .memory
    }

    /// Returns once the changes are durable. Calls at the same time share a commit; each fails on its own.
    func write<Value: Sendable>(_ work: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        try await commits.write(work)
    }

    /// Looks at one consistent state.
    func read<Value: Sendable>(_ look: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        do {
            return try await database.read(look)
        } catch let error as CancellationError {
            throw error
        } catch {
            throw StoreError(error, file: file)
        }
    }

    /// Uses the writing connection outside any transaction; for what SQLite does not allow inside one.
    func maintain<Value: Sendable>(_ work: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            database.asyncWriteWithoutTransaction { [file] database in
                continuation.resume(with: Result { try work(database) }.mapError { StoreError($0, file: file) })
            }
        }
    }

    /// The same from outside Swift's tasks, while starting.
    func startUp<Value>(_ work: (Database) throws -> Value) throws(StoreError) -> Value {
        do { return try database.write(work) } catch { throw StoreError(error, file: file) }
    }

    /// Lets the writes that wait end, then closes. Later calls throw ``StoreError/Kind/closed``.
    ///
    /// The write-ahead log is emptied into the database first, so that the file alone is the whole store.
    func close() async throws {
        await commits.close()
        // A reader of another process may hold it back; then the log stays and is as good.
        if isFile { try? await maintain { _ = try $0.checkpoint(.truncate) } }
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            // Closing waits for readers: not on a thread of Swift's pool.
            DispatchQueue.global().async { [self] in
                continuation.resume(with: Result { try database.close() }.mapError { StoreError($0, file: file) })
            }
        }
    }

    /// Bytes of the write-ahead log.
    var logLength: Int {
        var status = stat()
        return stat(file + "-wal", &status) == 0 ? Int(status.st_size) : 0
    }

    // MARK: Opening

    private static func open(_ location: Location, _ file: String) throws -> any DatabaseWriter {
        var configuration = Configuration()
        configuration.label = "praisonai.store"
        configuration.busyMode = .timeout(lockPatience)
        configuration.prepareDatabase { database in
            guard !database.configuration.readonly else { return }
            try claim(database, file)
        }
        switch location {
        case .memory: return try DatabaseQueue(configuration: configuration)
        case .file(let path):
            try StorePath(path).create()
            let pool = try DatabasePool(path: path, configuration: configuration)
            // Not earlier: opening a pool sets NORMAL, with which a power cut can lose acknowledged commits.
            try pool.writeWithoutTransaction { database in
                try database.execute(sql: "PRAGMA synchronous = FULL; PRAGMA journal_size_limit = \(logSize)")
            }
            return pool
        }
    }

    /// Marks a new database as ours, and refuses another program's before anything in it is changed.
    private static func claim(_ database: Database, _ file: String) throws {
        let mark = try Int32.fetchOne(database, sql: "PRAGMA application_id") ?? 0
        let isEmpty = try mark == 0 && Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_master") == 0
        if isEmpty {
            // A process that was killed while it made the file may have left a page without anything on it.
            let hasPages = try Int.fetchOne(database, sql: "PRAGMA page_count") != 0
            // Only an empty database can learn to give pages back; one with pages has to be written anew for that.
            try database.execute(
                sql: "PRAGMA auto_vacuum = INCREMENTAL; PRAGMA application_id = \(applicationID)"
                    + (hasPages ? "; VACUUM" : ""))
            return
        }
        // What `.recover` saves of a damaged store has our tables but not the mark.
        let isOurs = try mark == applicationID || (mark == 0 && database.tableExists("grdb_migrations"))
        guard isOurs else {
            throw StoreError(
                .foreign, file: file, "a database of another program; choose another file with --store")
        }
    }

    private static func migrate(_ database: any DatabaseWriter, _ migrations: [Migration], _ file: String) throws {
        var migrator = DatabaseMigrator()
        for migration in migrations {
            migrator.registerMigration(migration.name) { try $0.execute(sql: migration.sql) }
        }
        guard try !database.read(migrator.hasBeenSuperseded) else {
            throw StoreError(
                .newer, file: file,
                "written by a newer version of praisonai; use that version, or choose another file with --store")
        }
        try migrator.migrate(database)
    }
}
