import Foundation
import GRDB
import PraisonCore
import Testing

@testable import PraisonStore

@Suite struct `a store's file` {
    private func refusal(_ file: String) -> StoreError? {
        #expect(throws: StoreError.self) { try SQLiteJournal.make(.file(file)) }
    }

    private func permissions(_ path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }

    @Test func `is for its owner's eyes only, with everything beside it`() async throws {
        let folder = try TemporaryFolder()
        let journal = try SQLiteJournal.make(.file(folder.path + "/a/b/gateway.sqlite"))
        _ = try await journal.append([.make(1)])
        #expect(try permissions(folder.path + "/a") == 0o700)
        #expect(try permissions(folder.path + "/a/b") == 0o700)
        for suffix in ["", "-wal", "-shm"] {
            #expect(try permissions(folder.path + "/a/b/gateway.sqlite" + suffix) == 0o600)
        }
    }

    @Test func `is written ahead, and acknowledged when it is on the disk`() async throws {
        let folder = try TemporaryFolder()
        let journal = try SQLiteJournal.make(.file(folder.file()))
        #expect(try await journal.store.maintain { try String.fetchOne($0, sql: "PRAGMA journal_mode") } == "wal")
        #expect(try await journal.store.maintain { try Int.fetchOne($0, sql: "PRAGMA synchronous") } == 2)
        #expect(try await journal.store.maintain { try Int.fetchOne($0, sql: "PRAGMA auto_vacuum") } == 2)
    }

    @Test func `is refused when it is no database, and left as it is`() throws {
        let folder = try TemporaryFolder()
        let file = folder.file()
        let bytes = Data((0..<9_000).map { UInt8(truncatingIfNeeded: $0 &* 31) })
        try bytes.write(to: URL(filePath: file))
        let error = refusal(file)
        #expect(error?.kind == .damaged)
        #expect(error?.description.hasPrefix("store \(file): ") == true)
        #expect(error?.description.contains("move it aside") == true)
        #expect(try Data(contentsOf: URL(filePath: file)) == bytes)
    }

    @Test func `that a killed process has only begun is made whole`() async throws {
        let folder = try TemporaryFolder()
        // A first page, and nothing on it.
        try await DatabaseQueue(path: folder.file()).writeWithoutTransaction {
            try $0.execute(sql: "PRAGMA journal_mode = WAL")
            #expect(try Int.fetchOne($0, sql: "PRAGMA page_count") == 1)
        }
        let journal = try SQLiteJournal.make(.file(folder.file()))
        _ = try await journal.append([.make(1)])
        #expect(try await journal.store.maintain { try Int.fetchOne($0, sql: "PRAGMA auto_vacuum") } == 2)
        try await journal.close()
        _ = try SQLiteJournal.make(.file(folder.file()))
    }

    @Test func `is refused when another program's, and left as it is`() throws {
        let folder = try TemporaryFolder()
        let file = folder.file()
        try DatabaseQueue(path: file).write { try $0.execute(sql: "CREATE TABLE theirs (x)") }
        let bytes = try Data(contentsOf: URL(filePath: file))
        #expect(refusal(file)?.kind == .foreign)
        #expect(try Data(contentsOf: URL(filePath: file)) == bytes)
    }

    @Test func `is refused when a newer version wrote it`() async throws {
        let folder = try TemporaryFolder()
        let newer = try SQLiteJournal.make(.file(folder.file()))
        try await newer.store.write { try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('journal 99')") }
        try await newer.close()
        let error = refusal(folder.file())
        #expect(error?.kind == .newer)
        #expect(error?.description.contains("newer version") == true)
    }

    @Test func `is refused where it can't be, saying why`() throws {
        let folder = try TemporaryFolder()
        try Data("x".utf8).write(to: URL(filePath: folder.file("file")))
        #expect(refusal(folder.path)?.description.contains("that is a folder") == true)
        #expect(refusal(folder.path + "/file/gateway.sqlite")?.description.contains("is a file, not a folder") == true)
        #expect(refusal("/proc/gateway.sqlite")?.kind == .unusable)
    }

    @Test func `with damaged pages answers with an error that says so, again and again`() async throws {
        let folder = try TemporaryFolder()
        let before = try SQLiteJournal.make(.file(folder.file()))
        _ = try await before.append((1...500).map { .make($0) })
        try await before.close()
        let handle = try FileHandle(forUpdating: URL(filePath: folder.file()))
        let size = try handle.seekToEnd()
        // The schema, near the start, stays; what holds the rows goes.
        try handle.seek(toOffset: size / 2)
        try handle.write(contentsOf: Data(repeating: 0xA5, count: Int(size / 2)))
        try handle.close()
        let after = try SQLiteJournal.make(.file(folder.file()))
        for _ in 1...2 {
            let error = await #expect(throws: StoreError.self) { try await after.unsettledEntries() }
            #expect(error?.kind == .damaged)
            #expect(error?.file == folder.file())
        }
    }

    @Test func `survives a full disk: what was acknowledged is there, and writing goes on with room`() async throws {
        let folder = try TemporaryFolder()
        let journal = try SQLiteJournal.make(.file(folder.file()))
        try await journal.store.maintain { try $0.execute(sql: "PRAGMA max_page_count = 100") }
        let text = String(repeating: "x", count: 2_000)
        let kinds = await withTaskGroup(of: (Int, StoreError.Kind?).self) { group in
            for number in 1...400 {
                group.addTask {
                    do {
                        _ = try await journal.append([.make(number, text: text)])
                        return (number, nil)
                    } catch {
                        return (number, (error as? StoreError)?.kind ?? .failed)
                    }
                }
            }
            return await group.reduce(into: [Int: StoreError.Kind?]()) { $0[$1.0] = $1.1 }
        }
        let acknowledged = Set(kinds.filter { $0.value == nil }.keys)
        #expect(!acknowledged.isEmpty && acknowledged.count < 400)
        #expect(kinds.values.allSatisfy { $0 == nil || $0 == .full })
        let kept = try await journal.unsettledEntries()
        #expect(Set(kept.map(\.event.id)) == Set(acknowledged.map { GatewayEvent.make($0).id }))
        try await journal.store.maintain { try $0.execute(sql: "PRAGMA max_page_count = 100000") }
        #expect(try await journal.append([.make(1_000, text: text)]).count == 1)
    }

    @Test func `takes small writes although a large one finds no room`() async throws {
        let folder = try TemporaryFolder()
        let journal = try SQLiteJournal.make(.file(folder.file()))
        try await journal.store.maintain { try $0.execute(sql: "PRAGMA max_page_count = 100") }
        let huge = GatewayEvent.make(1, text: String(repeating: "x", count: 1 << 20))
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask { (try? await journal.append([huge])) == nil }
            for number in 2...20 { group.addTask { try await journal.append([.make(number)]).count == 1 } }
            for try await isRight in group { #expect(isRight) }
        }
        #expect(try await journal.unsettledEntries().count == 19)
    }
}
