import Logging
import PraisonCore
import PraisonSimulation
import PraisonStore
import Testing

@Suite struct `a store, keeping clients' sessions` {
    private func record(_ id: String = "s-1", usedAt seconds: Double = 10, received: Int64 = 0) -> ClientSessionRecord {
        ClientSessionRecord(
            id: id, agent: "assistant", owner: "key:abc", createdAt: Timestamp(seconds: 1),
            usedAt: Timestamp(seconds: seconds), received: received)
    }

    private func frames(_ range: ClosedRange<Int64>) -> [SessionFrame] {
        range.map {
            SessionFrame(
                sequence: $0, type: "response", text: #"{"type":"response","seq":\#($0),"content":"é \u{1F600} \" "}"#,
                eventID: "s-1:\($0)", timestamp: Timestamp(seconds: Double($0)), target: $0 == 1 ? nil : "client",
                key: $0 == 2 ? "gateway/s-1/0" : nil)
        }
    }

    @Test func `gives back a session with its frames, also after a restart`() async throws {
        let folder = try TemporaryFolder()
        let before = try SQLiteJournal.make(.file(folder.file()))
        #expect(try await before.session("s-1") == nil)
        try await before.save(ClientSessionChange(session: record(), frames: frames(1...2)))
        try await before.save(ClientSessionChange(session: record(usedAt: 20, received: 2), frames: frames(3...3)))
        try await before.close()
        let after = try SQLiteJournal.make(.file(folder.file()))
        var expected = record(usedAt: 20, received: 2)
        expected.frames = frames(1...3)
        #expect(try await after.session("s-1") == expected)
        #expect(try await after.session("s-2") == nil)
    }

    @Test func `keeps them in session_config's folder, where there is one`() async throws {
        let folder = try TemporaryFolder()
        let settings = SessionSettings(persistPath: folder.file("elsewhere"))
        for _ in 0..<2 {
            let journal = try SQLiteJournal(
                .memory, sessions: settings, clock: VirtualClock(),
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            try await journal.save(ClientSessionChange(session: record(), frames: frames(1...3)))
            try await journal.close()
        }
        let journal = try SQLiteJournal(
            .memory, sessions: settings, clock: VirtualClock(),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        #expect(try await journal.session("s-1")?.frames.count == 3)
    }

    @Test func `drops the oldest frames with the change that says so`() async throws {
        let journal = try SQLiteJournal.make()
        try await journal.save(ClientSessionChange(session: record(), frames: frames(1...5)))
        try await journal.save(ClientSessionChange(session: record(), frames: frames(6...6), droppedThrough: 4))
        #expect(try await journal.session("s-1")?.frames.map(\.sequence) == [5, 6])
    }

    @Test func `takes the same change twice`() async throws {
        let journal = try SQLiteJournal.make()
        for _ in 0..<2 { try await journal.save(ClientSessionChange(session: record(), frames: frames(1...3))) }
        #expect(try await journal.session("s-1")?.frames == frames(1...3))
    }

    @Test func `forgets what nobody used, and nothing else`() async throws {
        let journal = try SQLiteJournal.make()
        try await journal.save(ClientSessionChange(session: record("old", usedAt: 10), frames: frames(1...3)))
        try await journal.save(ClientSessionChange(session: record("new", usedAt: 20), frames: frames(1...3)))
        #expect(try await journal.forgetSessions(unusedSince: Timestamp(seconds: 20)) == 1)
        #expect(try await journal.session("old") == nil)
        #expect(try await journal.session("new")?.frames.count == 3)
    }
}
