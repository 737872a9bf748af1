import GRDB
import Synchronization

/// Carries out writes one group at a time: those that wait while one group is being committed are the next group, and
/// share its commit.
///
/// A commit waits for the disk, once for all of its group; so the more callers there are, the less each of them costs.
/// It happens on the database's own thread; callers are suspended meanwhile and block no thread of Swift's pool. Each
/// caller has an answer of its own: a write that throws is undone and leaves its neighbours untouched.
final class GroupCommit: Sendable {
    /// Writes in one transaction at most; bounds how long the first waits for the last.
    static let maximumGroup = 512
    /// Writes that may wait. Each is a suspended task of some room that has a bound of its own, far below this one.
    static let maximumWaiting = 65_536

    /// One caller's write, and the ways to answer it.
    private struct PendingWrite: Sendable {
        /// Does the work, and returns what tells the caller once it is durable. Is called again after a rollback.
        let perform: @Sendable (Database) throws -> @Sendable () -> Void
        let fail: @Sendable (any Error) -> Void
    }

    private struct State {
        var waiting: [PendingWrite] = []
        var isWriting = false
        var isClosed = false
        var closers: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())
    private let writer: any DatabaseWriter
    private let file: String

    init(_ writer: any DatabaseWriter, file: String) {
        self.writer = writer
        self.file = file
    }

    /// Returns once `work`'s changes are durable. Does not react to cancellation: what was asked for is done.
    ///
    /// - Parameter work: looks at nothing but the database; it is run again after a rollback.
    func write<Value: Sendable>(_ work: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let write = PendingWrite(
                perform: { database in
                    let value = try work(database)
                    return { continuation.resume(returning: value) }
                },
                fail: { [file] in continuation.resume(throwing: StoreError($0, file: file)) })
            enqueue(write)
        }
    }

    /// Takes no more writes, and returns once those that were taken have their answer.
    func close() async {
        await withCheckedContinuation { continuation in
            let isIdle = state.withLock { state in
                state.isClosed = true
                if state.isWriting { state.closers.append(continuation) }
                return !state.isWriting
            }
            if isIdle { continuation.resume() }
        }
    }

    /// Writes taken and not begun.
    var waitingCount: Int { state.withLock { $0.waiting.count } }

    private func enqueue(_ write: PendingWrite) {
        let (refusal, isFirst) = state.withLock { state -> (StoreError?, Bool) in
            if state.isClosed { return (StoreError(.closed, file: file, "closed"), false) }
            guard state.waiting.count < Self.maximumWaiting else {
                return (StoreError(.overloaded, file: file, "\(state.waiting.count) writes wait for the disk"), false)
            }
            state.waiting.append(write)
            defer { state.isWriting = true }
            return (nil, !state.isWriting)
        }
        if let refusal { write.fail(refusal) }
        if isFirst { scheduleGroup() }
    }

    private func scheduleGroup() {
        writer.asyncWriteWithoutTransaction { database in
            self.commit(self.nextGroup(), database)
            // One group at a time, so that what else wants this connection gets its turn.
            if self.hasMore() { self.scheduleGroup() }
        }
    }

    private func nextGroup() -> [PendingWrite] {
        state.withLock { state in
            let group = Array(state.waiting.prefix(Self.maximumGroup))
            state.waiting.removeFirst(group.count)
            return group
        }
    }

    private func hasMore() -> Bool {
        let closers = state.withLock { state -> [CheckedContinuation<Void, Never>]? in
            guard state.waiting.isEmpty else { return nil }
            state.isWriting = false
            defer { state.closers = [] }
            return state.closers
        }
        for closer in closers ?? [] { closer.resume() }
        return closers == nil
    }

    private func commit(_ group: [PendingWrite], _ database: Database) {
        do {
            // Savepoints cost more than most writes, and hardly any write throws: the first that does undoes the group.
            for answer in try transaction(group, database, { try $0.perform(database) }) { answer() }
        } catch {
            guard group.count > 1 else {
                for write in group { write.fail(error) }
                return
            }
            commitApart(group, database)
        }
    }

    /// Commits what of a group can be kept, after one of its writes was the undoing of all.
    private func commitApart(_ group: [PendingWrite], _ database: Database) {
        do {
            let answers = try transaction(group, database) { write in
                do {
                    var answer: @Sendable () -> Void = {}
                    try database.inSavepoint {
                        answer = try write.perform(database)
                        return .commit
                    }
                    return answer
                } catch {
                    // Some errors (a full disk among them) make SQLite undo the whole transaction.
                    guard database.isInsideTransaction else { throw error }
                    return { write.fail(error) }
                }
            }
            for answer in answers { answer() }
        } catch {
            for write in group { commit([write], database) }
        }
    }

    /// - Parameter perform: carries out one write, and returns what tells its caller.
    /// - Returns: what tells each caller, in order, to be called after this.
    /// - Throws: when nothing at all was kept.
    private func transaction(
        _ group: [PendingWrite], _ database: Database, _ perform: (PendingWrite) throws -> @Sendable () -> Void
    ) throws -> [@Sendable () -> Void] {
        var answers: [@Sendable () -> Void] = []
        answers.reserveCapacity(group.count)
        try database.inTransaction(.immediate) {
            for write in group { answers.append(try perform(write)) }
            return .commit
        }
        return answers
    }
}
