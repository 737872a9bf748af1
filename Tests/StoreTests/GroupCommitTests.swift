import Dispatch
import GRDB
import PraisonCore
import Testing

@testable import PraisonStore

@Suite struct `a group commit` {
    private static let counting = [Migration(name: "1", sql: "CREATE TABLE number (n INTEGER PRIMARY KEY)")]

    private struct Refused: Error {}

    private static func store(_ location: Store.Location = .memory) throws -> Store {
        try Store(location, migrations: counting)
    }

    private static func insert(_ number: Int, into store: Store) async throws {
        try await store.write { try $0.execute(sql: "INSERT INTO number VALUES (?)", arguments: [number]) }
    }

    private static func numbers(_ store: Store) async throws -> [Int] {
        try await store.read { try Int.fetchAll($0, sql: "SELECT n FROM number ORDER BY n") }
    }

    @Test func `answers a thousand callers, each once`() async throws {
        let folder = try TemporaryFolder()
        let store = try Self.store(.file(folder.file()))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 1...1_000 { group.addTask { try await Self.insert(number, into: store) } }
            try await group.waitForAll()
        }
        #expect(try await Self.numbers(store) == Array(1...1_000))
    }

    /// Holds the writer until `count` more writes wait, so that they are one group for certain.
    private func grouped<Value: Sendable>(
        _ count: Int, on store: Store, _ write: @escaping @Sendable (Int) async throws -> Value
    ) async throws -> [Result<Value, any Error>] {
        let gate = DispatchSemaphore(value: 0)
        let (held, holds) = AsyncStream.makeStream(of: Void.self)
        return try await withThrowingTaskGroup(of: (Int, Result<Value, any Error>)?.self) { group in
            group.addTask {
                try await store.write { _ in
                    holds.yield()
                    gate.wait()
                }
                return nil
            }
            for await _ in held.prefix(1) {}
            for number in 1...count {
                group.addImmediateTask {
                    do { return (number, .success(try await write(number))) } catch { return (number, .failure(error)) }
                }
            }
            // An immediate task runs to where it waits for the writer before the next is made.
            #expect(store.commits.waitingCount == count)
            gate.signal()
            var results: [Int: Result<Value, any Error>] = [:]
            for try await case (let number, let result)? in group { results[number] = result }
            return (1...count).compactMap { results[$0] }
        }
    }

    @Test func `undoes a write that fails, and leaves its neighbours untouched`() async throws {
        let store = try Self.store()
        let results = try await grouped(5, on: store) { number in
            try await store.write { database in
                try database.execute(sql: "INSERT INTO number VALUES (?)", arguments: [number])
                if number == 3 { throw Refused() }
            }
        }
        #expect(results.map { (try? $0.get()) != nil } == [true, true, false, true, true])
        #expect(try await Self.numbers(store) == [1, 2, 4, 5])
    }

    @Test func `repeats the others when one write makes SQLite undo everything`() async throws {
        let store = try Self.store()
        let results = try await grouped(4, on: store) { number in
            try await store.write { database in
                // A conflict with ROLLBACK ends the whole transaction, as a full disk may.
                let verb = number == 4 ? "INSERT OR ROLLBACK" : "INSERT"
                try database.execute(sql: "\(verb) INTO number VALUES (?)", arguments: [min(number, 3)])
            }
        }
        #expect(results.map { (try? $0.get()) != nil }.filter { $0 }.count == 3)
        #expect(try await Self.numbers(store) == [1, 2, 3])
    }

    @Test func `lets readers see the last commit while a write goes on`() async throws {
        let folder = try TemporaryFolder()
        let store = try Self.store(.file(folder.file()))
        try await Self.insert(1, into: store)
        let gate = DispatchSemaphore(value: 0)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await store.write { database in
                    try database.execute(sql: "INSERT INTO number VALUES (2)")
                    gate.wait()
                }
            }
            #expect(try await Self.numbers(store) == [1])
            gate.signal()
            try await group.waitForAll()
        }
        #expect(try await Self.numbers(store) == [1, 2])
    }

    @Test(.timeLimit(.minutes(1)))
    func `holds no thread of Swift's pool while the disk is slow`() async throws {
        let stores = try (1...8).map { _ in try Self.store() }
        let gate = DispatchSemaphore(value: 0)
        try await withThrowingTaskGroup(of: Void.self) { group in
            let (standing, stands) = AsyncStream.makeStream(of: Void.self)
            for store in stores {
                group.addTask {
                    try await store.write { _ in
                        stands.yield()
                        gate.wait()
                    }
                }
            }
            // More writers stand still than the pool has threads; this task goes on none the less.
            for await _ in standing.prefix(stores.count) {}
            for _ in stores { gate.signal() }
            try await group.waitForAll()
        }
    }

    @Test func `finishes what it has taken before it closes, and takes no more`() async throws {
        let folder = try TemporaryFolder()
        let store = try Self.store(.file(folder.file()))
        let gate = DispatchSemaphore(value: 0)
        try await withThrowingTaskGroup(of: Void.self) { group in
            let (begun, begin) = AsyncStream.makeStream(of: Void.self)
            group.addTask {
                try await store.write { _ in
                    begin.yield()
                    gate.wait()
                }
            }
            // Only when it holds the database do all the others have to wait.
            for await _ in begun { break }
            for number in 1...20 { group.addImmediateTask { try await Self.insert(number, into: store) } }
            #expect(store.commits.waitingCount == 20)
            group.addTask { try await store.close() }
            gate.signal()
            try await group.waitForAll()
        }
        let error = await #expect(throws: StoreError.self) { try await Self.insert(99, into: store) }
        #expect(error?.kind == .closed)
        let lateRead = await #expect(throws: StoreError.self) { try await Self.numbers(store) }
        #expect(lateRead?.kind == .closed)
        let again = try Self.store(.file(folder.file()))
        #expect(try await Self.numbers(again) == Array(1...20))
    }
}
