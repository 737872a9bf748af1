import GRDB
import Logging
import PraisonCore
import PraisonSimulation
import Testing

@testable import PraisonStore

@Suite struct `a summary in the journal` {
    private func settle(
        _ text: String?, _ number: Int, in journal: SQLiteJournal, session: SessionKey = .make(),
        change: SessionChange? = nil, summary: SessionSummary? = nil
    ) async throws {
        let entries = try await journal.append([.make(number)])
        var turn = SettledTurn.make(
            entries, session: session,
            remember: text.map { [ChatMessage(.user, $0), ChatMessage(.assistant, $0)] } ?? [],
            at: Timestamp(seconds: Double(number)))
        (turn.change, turn.summary) = (change, summary)
        _ = try await journal.settle(turn)
    }

    private func shown(_ journal: SQLiteJournal, session: SessionKey = .make()) async throws -> [String] {
        let history = try await journal.history(of: session, limit: 100)
        return [history.summary?.text].compactMap { $0 } + history.messages.map(\.text)
    }

    /// Three turns, the first of which is summed up.
    private func summedUp(_ journal: SQLiteJournal, session: SessionKey = .make()) async throws {
        try await settle("a", 1, in: journal, session: session)
        try await settle("b", 2, in: journal, session: session)
        let through = try #require(try await journal.history(of: session, limit: 9).positions[1..<2].first)
        try await settle(
            "c", 3, in: journal, session: session, summary: SessionSummary(text: "A", through: through))
    }

    @Test func `stands for the oldest messages, also after a restart`() async throws {
        let folder = try TemporaryFolder()
        let before = try SQLiteJournal.make(.file(folder.file()))
        try await summedUp(before)
        #expect(try await shown(before) == ["A", "b", "b", "c", "c"])
        try await before.close()
        let after = try SQLiteJournal.make(.file(folder.file()))
        #expect(try await shown(after) == ["A", "b", "b", "c", "c"])
        #expect(try await after.history(of: .make(), limit: 3).summary?.text == "A")
        try await after.close()
    }

    @Test func `comes with its turn or not at all`() async throws {
        let journal = try SQLiteJournal.make()
        try await summedUp(journal)
        let positions = try await journal.history(of: .make(), limit: 9).positions
        var turn = SettledTurn.make([], session: .make(), at: Timestamp(seconds: 9))
        turn.entries = [4711]
        turn.summary = SessionSummary(text: "never", through: positions[1])
        await #expect(throws: StoreError.self) { try await journal.settle(turn) }
        #expect(try await shown(journal).first == "A")
    }

    @Test func `goes with what is forgotten, and the summary before it counts again`() async throws {
        let journal = try SQLiteJournal.make()
        try await summedUp(journal)
        let positions = try await journal.history(of: .make(), limit: 9).positions
        try await settle("d", 4, in: journal, summary: SessionSummary(text: "A, b", through: positions[1]))
        #expect(try await shown(journal) == ["A, b", "c", "c", "d", "d"])
        try await settle(nil, 5, in: journal, change: .forgetLastTurn)
        try await settle(nil, 6, in: journal, change: .forgetLastTurn)
        // The last turn is always shown word for word.
        #expect(try await shown(journal) == ["A", "b", "b"])
        try await settle(nil, 7, in: journal, change: .forgetLastTurn)
        #expect(try await shown(journal) == ["a", "a"])
        try await settle("e", 8, in: journal)
        #expect(try await shown(journal) == ["A", "e", "e"])
        try await settle(nil, 9, in: journal, change: .forgetLastTurn)
        try await settle(nil, 10, in: journal, change: .forgetLastTurn)
        try await settle("f", 11, in: journal)
        #expect(try await shown(journal) == ["f", "f"])
    }

    @Test func `belongs to its history: a fresh one has none, and an earlier one brings it back`() async throws {
        let journal = try SQLiteJournal.make()
        try await summedUp(journal)
        try await settle(nil, 4, in: journal, change: .startAfresh)
        #expect(try await shown(journal).isEmpty)
        try await settle("x", 5, in: journal)
        #expect(try await shown(journal) == ["x", "x"])
        let earlier = try #require(try await journal.earlierHistories(of: .make(), limit: 9).first)
        try await settle(nil, 6, in: journal, change: .resume(earlier.id))
        #expect(try await shown(journal) == ["A", "b", "b", "c", "c"])
        // One that was made for a history that has ended meanwhile stands for nothing.
        try await settle("y", 7, in: journal, change: .startAfresh, summary: SessionSummary(text: "old", through: 2))
        #expect(try await shown(journal) == ["y", "y"])
    }

    @Test func `is dropped when two sessions become one, and goes along when one moves`() async throws {
        let journal = try SQLiteJournal.make()
        try await summedUp(journal)
        try await journal.moveConversation(.make(), to: "43")
        let moved = SessionKey.make(in: .make("43"))
        #expect(try await shown(journal, session: moved) == ["A", "b", "b", "c", "c"])
        try await settle("z", 9, in: journal)
        try await journal.moveConversation(.make(), to: "43")
        #expect(try await shown(journal, session: moved) == ["a", "a", "b", "b", "c", "c", "z", "z"])
    }

    @Test func `of a client's session is filed with its turn where sessions have a file of their own`() async throws {
        let folder = try TemporaryFolder()
        let settings = SessionSettings(persistPath: folder.path)
        let client = SessionKey.make(in: .make(channel: .gateway))
        func open() throws -> SQLiteJournal {
            try SQLiteJournal(
                .file(folder.file()), sessions: settings, clock: VirtualClock(),
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        }
        let journal = try open()
        try await summedUp(journal, session: client)
        #expect(try await shown(journal, session: client) == ["A", "b", "b", "c", "c"])
        // What was kept and not filed, as after a crash between the two, is filed by the next start, once.
        try await journal.separateSessions?.store.write { database in
            try database.execute(sql: "DELETE FROM summary; DELETE FROM filed_turn WHERE at = 3000000;")
            try database.execute(sql: "DELETE FROM remembered WHERE at = 3000000;")
        }
        #expect(try await shown(journal, session: client) == ["a", "a", "b", "b"])
        try await journal.close()
        let after = try open()
        #expect(try await shown(after, session: client) == ["A", "b", "b", "c", "c"])
        try await after.close()
    }

    @Test func `is kept as long as anything it stands for, and not longer`() async throws {
        let clock = VirtualClock()
        let journal = try SQLiteJournal.make(clock: clock)
        try await summedUp(journal)
        try await settle(nil, 4, in: journal, change: .startAfresh)
        clock.advance(by: .seconds(86_400 * 40))
        try await journal.tidy()
        let count = try await journal.store.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM summary") }
        #expect(count == 0)
    }
}
