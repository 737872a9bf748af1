import GRDB
import Logging
import PraisonCore
import PraisonSimulation
import Testing

@testable import PraisonStore

@Suite struct `control-plane histories` {
    private static let client = SessionKey.make(in: .make("session-1", channel: .gateway))

    private func journal(
        _ location: SQLiteJournal.Location, _ sessions: SessionSettings, clock: any GatewayClock = VirtualClock()
    ) throws -> SQLiteJournal {
        try SQLiteJournal(
            location, sessions: sessions, clock: clock,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    private func say(
        _ text: String, _ event: Int, in session: SessionKey = client, of journal: SQLiteJournal,
        at time: Timestamp = VirtualClock().now
    ) async throws {
        let entries = try await journal.append([.make(event)])
        _ = try await journal.settle(
            .make(
                entries, session: session, remember: [ChatMessage(.user, text)], messages: [.make("\(event)/0")],
                at: time))
    }

    private func texts(_ journal: SQLiteJournal, _ session: SessionKey = client) async throws -> [String] {
        try await journal.history(of: session, limit: 100).messages.map(\.text)
    }

    @Test func `stay in memory where they are not to be kept, while messages stay on disk`() async throws {
        let folder = try TemporaryFolder()
        let settings = SessionSettings(persist: false)
        let before = try journal(.file(folder.file()), settings)
        try await say("secret words", 1, of: before)
        try await say("elsewhere", 2, in: .make(), of: before)
        #expect(try await texts(before) == ["secret words"])
        try await before.close()
        #expect(try !folder.contents().contains { $0.contains("secret words") })
        let after = try journal(.file(folder.file()), settings)
        #expect(try await texts(after).isEmpty)
        #expect(try await texts(after, .make()) == ["elsewhere"])
        #expect(try await after.unsentRows().count == 2)
        #expect(try await after.outcome(of: GatewayEvent.make(1).id)?.status == .answered)
    }

    @Test func `live in the folder they are given`() async throws {
        let folder = try TemporaryFolder()
        let settings = SessionSettings(persistPath: folder.path + "/sessions")
        let before = try journal(.file(folder.file()), settings)
        try await say("one", 1, of: before)
        try await say("elsewhere", 2, in: .make(), of: before)
        try await before.close()
        let after = try journal(.file(folder.file()), settings)
        try await say("two", 3, of: after)
        #expect(try await texts(after) == ["one", "two"])
        #expect(try await texts(after, .make()) == ["elsewhere"])
        try await after.reset(Self.client)
        #expect(try await after.history(of: Self.client, limit: 9) == SessionHistory())
        try await after.close()
        let plain = try journal(.file(folder.file()), SessionSettings())
        #expect(try await texts(plain).isEmpty)
    }

    @Test func `are made whole after a crash between the two databases, and nothing is filed twice`() async throws {
        let folder = try TemporaryFolder()
        let settings = SessionSettings(persistPath: folder.path)
        let before = try journal(.file(folder.file()), settings)
        try await say("one", 1, of: before)
        try await say("two", 2, of: before)
        // As if the process had ended after the second turn was settled and before it was filed.
        try await before.separateSessions?.store.write { database in
            try database.execute(sql: "DELETE FROM remembered WHERE id = (SELECT max(id) FROM remembered)")
            try database.execute(sql: "DELETE FROM filed_turn WHERE name LIKE '%/2'")
        }
        try await before.close()
        for _ in 1...2 {
            let after = try journal(.file(folder.file()), settings)
            #expect(try await texts(after) == ["one", "two"])
            try await after.tidy()
            #expect(try await texts(after) == ["one", "two"])
            try await after.close()
        }
    }

    @Test func `catch up when their own database could not be written for a while`() async throws {
        let folder = try TemporaryFolder()
        let journal = try journal(.file(folder.file()), SessionSettings(persistPath: folder.path))
        let sessions = try #require(journal.separateSessions?.store)
        try await say("one", 1, of: journal)
        try await sessions.maintain { try $0.execute(sql: "PRAGMA query_only = ON") }
        try await say("two", 2, of: journal)
        #expect(try await journal.unsentRows().count == 2)
        #expect(try await texts(journal) == ["one"])
        await #expect(throws: StoreError.self) { try await journal.tidy() }
        try await sessions.maintain { try $0.execute(sql: "PRAGMA query_only = OFF") }
        try await journal.tidy()
        #expect(try await texts(journal) == ["one", "two"])
    }

    @Test func `in memory are bounded by number and by idle time`() async throws {
        let clock = VirtualClock()
        let settings = SessionSettings(timeout: .seconds(60), maxMessages: 3, persist: false)
        let journal = try journal(.memory, settings, clock: clock)
        for number in 1...5 { try await say("\(number)", number, of: journal, at: clock.now) }
        try await journal.tidy()
        #expect(try await texts(journal) == ["3", "4", "5"])
        clock.advance(by: .seconds(61))
        try await journal.tidy()
        #expect(try await journal.history(of: Self.client, limit: 9) == SessionHistory())
    }

    @Test func `refuse to share the store's own file`() throws {
        let folder = try TemporaryFolder()
        let error = #expect(throws: StoreError.self) {
            try journal(.file(folder.file("sessions.sqlite")), SessionSettings(persistPath: folder.path))
        }
        #expect(error?.description.contains("persist_path") == true)
    }
}
