import GRDB

/// Why a store can't be opened or did not carry out a call. Names the file, and what puts it right.
public struct StoreError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Kind: Hashable, Sendable {
        /// The file or its folder can't be made, read or written.
        case unusable
        /// A database of another program.
        case foreign
        /// Written by a newer version of this program.
        case newer
        /// Not a database, or one whose pages contradict each other.
        case damaged
        /// No room on the disk. Nothing of the call was kept; it may be repeated when there is room.
        case full
        /// Another process kept the file locked for too long. Nothing of the call was kept.
        case locked
        /// More calls wait than the store holds.
        case overloaded
        case closed
        /// The call contradicts what the store holds; repeating it won't help.
        case contradiction
        /// Anything else the disk or SQLite says.
        case failed
    }

    public var kind: Kind
    /// The file's path, or `:memory:`.
    public var file: String
    /// What is wrong and what puts it right, for people.
    public var problem: String

    public init(_ kind: Kind, file: String, _ problem: String) {
        self.kind = kind
        self.file = file
        self.problem = problem
    }

    public var description: String { "store \(file): \(problem)" }
}

extension StoreError {
    /// What SQLite's words mean for whoever runs the gateway.
    init(_ error: any Error, file: String) {
        switch error {
        case let error as StoreError: self = error
        case let error as DatabaseError: self = Self.translated(error, file: file)
        default: self.init(.failed, file: file, "\(error)")
        }
    }

    private static func translated(_ error: DatabaseError, file: String) -> StoreError {
        let words = "\(error.message ?? "no reason given"), SQLite \(error.extendedResultCode.rawValue)"
        return switch error.resultCode {
        case .SQLITE_FULL:
            StoreError(.full, file: file, "no room on the disk (\(words)); free some, nothing else is needed")
        case .SQLITE_CORRUPT, .SQLITE_NOTADB:
            StoreError(
                .damaged, file: file,
                """
                not a database, or damaged (\(words)); move it aside together with its -wal and -shm files and start \
                again, or save what can be read with: sqlite3 FILE .recover | sqlite3 NEW
                """)
        case .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_CANTOPEN:
            StoreError(
                .unusable, file: file,
                """
                can't be written (\(words)); make the file, its folder and its -wal and -shm files writable for the \
                user that runs the gateway, or choose another file with --store
                """)
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            StoreError(.locked, file: file, "another process keeps it locked (\(words)); stop that one or try again")
        case .SQLITE_MISUSE where error.message == "Connection is closed":
            StoreError(.closed, file: file, "closed")
        default: StoreError(.failed, file: file, words)
        }
    }
}
