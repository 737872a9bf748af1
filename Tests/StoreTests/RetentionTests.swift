import GRDB
import Logging
import PraisonCore
import PraisonSimulation
import Testing

@testable import PraisonStore

@Suite struct `a journal, tidying` {
    private let clock = VirtualClock()

    private func journal(_ retention: Retention, _ location: SQLiteJournal.Location = .memory) throws -> SQLiteJournal {
        try SQLiteJournal(
            location, retention: retention, clock: clock,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    private func answer(_ numbers: some Sequence<Int>, of journal: SQLiteJournal) async throws {
        let entries = try await journal.append(numbers.map { .make($0) })
        let rows = try await journal.settle(
            .make(
                entries, session: .make(), remember: entries.map { ChatMessage(.user, "\($0.id)") },
                messages: entries.map { .make("\($0.event.id)/0") }, at: clock.now))
        for row in rows { try await journal.settle(row.id, .sent(MessageReceipt(id: "1"))) }
    }

    @Test func `drops what is settled and old, and nothing that is open`() async throws {
        let journal = try journal(Retention(settled: .days(14)))
        try await answer(1...450, of: journal)
        let open = try await journal.append([.make(1000)])
        let unsent = try await journal.enqueue([.make("open"), .make("claimed")])
        try await journal.claim(unsent[1].id)
        clock.advance(by: .days(13))
        #expect(try await journal.tidy() == 0)
        clock.advance(by: .days(2))
        #expect(try await journal.tidy() == 900)
        #expect(try await journal.record(of: GatewayEvent.make(450).id) == nil)
        clock.advance(by: .days(4000))
        try await journal.tidy()
        #expect(try await journal.unsettledEntries() == open)
        #expect(try await journal.unsentRows().map(\.id) == unsent.map(\.id))
    }

    @Test func `keeps a number of each kind, and the key of what a platform may still repeat`() async throws {
        let journal = try journal(Retention(maximumSettled: 3))
        try await answer(1...5, of: journal)
        clock.advance(by: .seconds(60))
        try await answer(6...10, of: journal)
        clock.advance(by: .days(2) - .seconds(60))
        #expect(try await journal.tidy() == 0)
        #expect(try await journal.append([.make(1)]).isEmpty)
        clock.advance(by: .seconds(1))
        #expect(try await journal.tidy() == 10)
        #expect(try await journal.append([.make(6)]).isEmpty)
        #expect(try await journal.append([.make(5)]).count == 1)
    }

    @Test func `never uses a number again`() async throws {
        let journal = try journal(Retention(settled: .zero, minimumSettled: .zero))
        try await answer([1], of: journal)
        clock.advance(by: .seconds(1))
        try await journal.tidy()
        #expect(try await journal.append([.make(1)])[0].id == 2)
        #expect(try await journal.enqueue([.make("x")])[0].id == 2)
    }

    @Test func `keeps messages given up longer than those sent`() async throws {
        let journal = try journal(Retention(settled: .days(14), deadLetters: .days(60)))
        let row = try await journal.enqueue([.make("x")])[0].id
        try await journal.settle(row, .failed(reason: "blocked"))
        clock.advance(by: .days(59))
        try await journal.tidy()
        #expect(try await journal.deadLetterCount() == 1)
        clock.advance(by: .days(2))
        try await journal.tidy()
        #expect(try await journal.deadLetterCount() == 0)
    }

    @Test func `drops what was said before a fresh start, but not at once`() async throws {
        let journal = try journal(Retention(pastHistory: .days(30)))
        try await answer([1, 2], of: journal)
        try await journal.reset(.make())
        try await answer([3], of: journal)
        try await journal.tidy()
        #expect(try await journal.remembered() == ["1", "2", "3"])
        clock.advance(by: .days(31))
        try await journal.tidy()
        #expect(try await journal.remembered() == ["3"])
        #expect(try await journal.history(of: .make(), limit: 9).messages.map(\.text) == ["3"])
    }

    @Test func `keeps the latest messages of a session, and forgets sessions nobody uses`() async throws {
        let journal = try journal(Retention(idleSession: .days(365), maximumRemembered: 4))
        try await answer(1...10, of: journal)
        try await journal.tidy()
        #expect(try await journal.remembered() == ["7", "8", "9", "10"])
        clock.advance(by: .days(366))
        try await journal.tidy()
        #expect(try await journal.remembered().isEmpty)
        #expect(try await journal.history(of: .make(), limit: 9) == SessionHistory())
    }

    @Test func `gives room back to the disk`() async throws {
        let folder = try TemporaryFolder()
        let journal = try journal(Retention(settled: .days(3)), .file(folder.file()))
        let text = String(repeating: "x", count: 5_000)
        for start in stride(from: 0, to: 2_000, by: 500) {
            let entries = try await journal.append((start..<start + 500).map { .make($0, text: text) })
            _ = try await journal.settle(.make(entries, at: clock.now))
        }
        let before = try await journal.pages()
        clock.advance(by: .days(4))
        try await journal.tidy()
        let after = try await journal.pages()
        #expect(before > 2_000)
        #expect(after < 1_000)
    }

    @Test func `tidies by itself while it runs, and stops when told`() async throws {
        let journal = try journal(Retention(settled: .days(3)))
        try await answer([1], of: journal)
        clock.advance(by: .days(4))
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await journal.run() }
            await clock.advanceToNextSleeper()
            await clock.nextSleeper()
            group.cancelAll()
        }
        #expect(try await journal.record(of: GatewayEvent.make(1).id) == nil)
    }
}

extension SQLiteJournal {
    fileprivate func remembered() async throws -> [String] {
        try await store.read { database in
            try String.fetchAll(database, sql: "SELECT message_json FROM remembered ORDER BY id")
        }.map { try JSONColumn.value(ChatMessage.self, from: $0).text }
    }

    fileprivate func pages() async throws -> Int {
        try await store.read { try Int.fetchOne($0, sql: "PRAGMA page_count") ?? 0 }
    }
}
