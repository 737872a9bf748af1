import Logging
import PraisonCore
import PraisonSimulation
import PraisonStore
import Testing

@Suite struct `a journal, remembering` {
    private func remember(
        _ texts: [String], in session: SessionKey, of journal: SQLiteJournal, event: Int, at seconds: Double = 1
    ) async throws {
        let entries = try await journal.append([.make(event)])
        _ = try await journal.settle(
            .make(
                entries, session: session, remember: texts.map { ChatMessage(.user, $0) },
                at: Timestamp(seconds: seconds)))
    }

    private func texts(_ session: SessionKey, _ journal: SQLiteJournal, limit: Int = 100) async throws -> [String] {
        try await journal.history(of: session, limit: limit).messages.map(\.text)
    }

    @Test func `shows the last messages, oldest first`() async throws {
        let journal = try SQLiteJournal.make()
        try await remember(["a", "b"], in: .make(), of: journal, event: 1)
        try await remember(["c", "d"], in: .make(), of: journal, event: 2)
        #expect(try await texts(.make(), journal) == ["a", "b", "c", "d"])
        #expect(try await texts(.make(), journal, limit: 3) == ["b", "c", "d"])
        #expect(try await texts(.make(), journal, limit: 0).isEmpty)
    }

    @Test func `gives every kind of message back as it was`() async throws {
        var forwarded = ChatMessage(.user, "look")
        forwarded.isForwarded = true
        let messages = [
            ChatMessage(.user, ""),
            ChatMessage(.assistant, "\"quoted\" \\ / \u{1} 🧀\n", timestamp: Timestamp(seconds: -1.5)),
            ChatMessage(.user, "see", attachments: [Attachment(kind: .image, reference: "r")]),
            ChatMessage(.assistant, "", toolCalls: [ToolCall(id: "1", name: "add", arguments: "{}")]),
            ChatMessage(.tool, "3", toolCallID: "1", isError: false), forwarded,
            ChatMessage(.assistant, "x", continuation: ModelContinuation(provider: "p", value: ["k": [1, true]])),
        ]
        let journal = try SQLiteJournal.make()
        let entries = try await journal.append([.make(1)])
        _ = try await journal.settle(.make(entries, session: .make(), remember: messages))
        #expect(try await journal.history(of: .make(), limit: 100).messages == messages)
    }

    @Test func `keeps sessions apart by agent, chat, thread, channel and person`() async throws {
        let journal = try SQLiteJournal.make()
        let sessions: [SessionKey] = [
            .make(), .make("other"), .make(in: .make("43")), .make(in: .make(thread: "1")),
            .make(in: .make(channel: "elsewhere")), .make(sender: "ada"), .make(sender: "bob"),
            .make(in: .make("42/1")), .make(in: .make("42#ada")),
        ]
        for (number, session) in sessions.enumerated() {
            try await remember(["\(number)"], in: session, of: journal, event: number)
        }
        for (number, session) in sessions.enumerated() {
            #expect(try await texts(session, journal) == ["\(number)"])
        }
    }

    @Test func `starts afresh without deleting, and again after a restart`() async throws {
        let folder = try TemporaryFolder()
        let before = try SQLiteJournal.make(.file(folder.file()))
        try await remember(["old"], in: .make(), of: before, event: 1)
        try await before.reset(.make())
        #expect(try await before.history(of: .make(), limit: 9) == SessionHistory())
        try await remember(["new"], in: .make(), of: before, event: 2, at: 5)
        try await before.close()
        let after = try SQLiteJournal.make(.file(folder.file()))
        #expect(try await texts(.make(), after) == ["new"])
        #expect(try await after.history(of: .make(), limit: 9).lastUsed == Timestamp(seconds: 5))
    }

    @Test func `lets a session that never was start afresh`() async throws {
        let journal = try SQLiteJournal.make()
        try await journal.reset(.make())
        #expect(try await journal.history(of: .make(), limit: 9) == SessionHistory())
    }

    @Test func `takes histories along when the conversation moves`() async throws {
        let journal = try SQLiteJournal.make()
        try await remember(["a"], in: .make(), of: journal, event: 1)
        try await remember(["b"], in: .make(in: .make(thread: "7")), of: journal, event: 2)
        try await journal.moveConversation(.make(), to: "-1001")
        #expect(try await texts(.make(), journal).isEmpty)
        #expect(try await texts(.make(in: .make("-1001")), journal) == ["a"])
        #expect(try await texts(.make(in: .make("-1001", thread: "7")), journal) == ["b"])
    }

    @Test func `joins two histories in the order things were said`() async throws {
        let journal = try SQLiteJournal.make()
        let new = SessionKey.make(in: .make("-1001"))
        try await remember(["1"], in: .make(), of: journal, event: 1, at: 1)
        try await remember(["2"], in: new, of: journal, event: 2, at: 2)
        try await remember(["3"], in: .make(), of: journal, event: 3, at: 3)
        try await journal.moveConversation(.make(), to: "-1001")
        #expect(try await texts(new, journal) == ["1", "2", "3"])
        #expect(try await journal.history(of: new, limit: 9).lastUsed == Timestamp(seconds: 3))
        try await remember(["4"], in: new, of: journal, event: 4, at: 4)
        #expect(try await texts(new, journal) == ["1", "2", "3", "4"])
    }

    @Test func `does not bring back what was said before a fresh start when conversations join`() async throws {
        let journal = try SQLiteJournal.make()
        let new = SessionKey.make(in: .make("-1001"))
        try await remember(["old"], in: .make(), of: journal, event: 1)
        try await journal.reset(.make())
        try await remember(["fresh"], in: new, of: journal, event: 2)
        try await journal.moveConversation(.make(), to: "-1001")
        #expect(try await texts(new, journal) == ["fresh"])
    }

    private func change(
        _ change: SessionChange, _ session: SessionKey = .make(), of journal: SQLiteJournal, event: Int
    ) async throws {
        let entries = try await journal.append([.make(event)])
        var turn = SettledTurn.make(entries, .command, session: session, at: Timestamp(seconds: Double(event)))
        turn.change = change
        _ = try await journal.settle(turn)
    }

    @Test func `forgets the last turn, whole and alone`() async throws {
        let journal = try SQLiteJournal.make()
        try await remember(["a", "b"], in: .make(), of: journal, event: 1, at: 1)
        try await remember(["c", "d", "e"], in: .make(), of: journal, event: 2, at: 2)
        #expect(try await journal.history(of: .make(), limit: 9).lastTurn == 3)
        #expect(try await journal.history(of: .make(), limit: 2).lastTurn == 2)
        try await change(.forgetLastTurn, of: journal, event: 3)
        #expect(try await texts(.make(), journal) == ["a", "b"])
        try await change(.startAfresh, of: journal, event: 4)
        try await change(.forgetLastTurn, of: journal, event: 5)
        #expect(try await journal.earlierHistories(of: .make(), limit: 9).map(\.messageCount) == [2])
    }

    @Test(arguments: [false, true]) func `brings earlier histories back, the current one becoming earlier`(
        isControlPlane: Bool
    ) async throws {
        let folder = try TemporaryFolder()
        let session = isControlPlane ? SessionKey.make(in: .make(channel: .gateway)) : .make()
        let journal = try SQLiteJournal(
            .file(folder.file()), sessions: SessionSettings(persistPath: folder.path + "/sessions"),
            clock: VirtualClock(), logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        for (number, word) in zip(1..., ["one", "two", "three"]) {
            try await remember([word, word + "!"], in: session, of: journal, event: number, at: Double(number))
            if number < 3 { try await change(.startAfresh, session, of: journal, event: 10 + number) }
        }
        let earlier = try await journal.earlierHistories(of: session, limit: 9)
        #expect(earlier.map(\.firstWords) == ["two", "one"] && earlier.map(\.messageCount) == [2, 2])
        #expect(earlier.map(\.lastUsed) == [Timestamp(seconds: 2), Timestamp(seconds: 1)])
        #expect(try await journal.earlierHistories(of: session, limit: 1).map(\.firstWords) == ["two"])
        try await change(.resume(earlier[1].id), session, of: journal, event: 20)
        #expect(try await texts(session, journal) == ["one", "one!"])
        #expect(try await journal.history(of: session, limit: 9).lastUsed == Timestamp(seconds: 20))
        #expect(try await journal.earlierHistories(of: session, limit: 9).map(\.firstWords) == ["three", "two"])
        // It is gone from among the earlier ones; asking again changes nothing.
        try await change(.resume(earlier[1].id), session, of: journal, event: 21)
        #expect(try await texts(session, journal) == ["one", "one!"])
    }
}

@Suite struct `a journal's cursors` {
    @Test func `come back after a restart, and go when told`() async throws {
        let folder = try TemporaryFolder()
        let before = try SQLiteJournal.make(.file(folder.file()))
        #expect(try await before.cursor("house/offset") == nil)
        try await before.save("1", for: "house/offset")
        try await before.save("2", for: "house/offset")
        try await before.save("x", for: "den/offset")
        try await before.close()
        let after = try SQLiteJournal.make(.file(folder.file()))
        #expect(try await after.cursor("house/offset") == "2")
        try await after.save(nil, for: "house/offset")
        #expect(try await after.cursor("house/offset") == nil)
        #expect(try await after.cursor("den/offset") == "x")
    }
}
