import PraisonCore
import PraisonSimulation
import PraisonStore
import Testing

@Suite struct `a journal, speaking` {
    @Test func `lists unsent messages in the order they were made`() async throws {
        let journal = try SQLiteJournal.make()
        let entry = try await journal.append([.make(1)])
        let settled = try await journal.settle(.make(entry, messages: [.make("b"), .make("a")]))
        let free = try await journal.enqueue([.make("0")])
        #expect(try await journal.unsentRows() == settled + free)
        #expect(try await journal.unsentRows(in: .everything, after: 0, limit: 1) == [settled[0]])
        #expect(try await journal.unsentRows(in: .everything, after: settled[1].id, limit: 9) == free)
        #expect(try await journal.unsentRows(in: .everything, after: free[0].id, limit: 9).isEmpty)
    }

    @Test func `forgets nothing that is postponed, and nothing sent or given up comes back`() async throws {
        let journal = try SQLiteJournal.make()
        let rows = try await journal.enqueue((1...3).map { .make("\($0)") })
        for row in rows { try await journal.claim(row.id) }
        try await journal.settle(rows[0].id, .sent(MessageReceipt(id: "99")))
        try await journal.settle(rows[1].id, .failed(reason: "blocked"))
        try await journal.settle(rows[2].id, .postponed(reason: "rate limit"))
        let unsent = try await journal.unsentRows()
        #expect(unsent == [OutboxRow(id: rows[2].id, message: rows[2].message, attempts: 1, interrupted: false)])
    }

    @Test func `marks what was being sent when the process ended`() async throws {
        let folder = try TemporaryFolder()
        let before = try SQLiteJournal.make(.file(folder.file()))
        let rows = try await before.enqueue([.make("1"), .make("2")])
        try await before.claim(rows[0].id)
        try await before.close()
        let after = try SQLiteJournal.make(.file(folder.file()))
        #expect(try await after.unsentRows().map(\.interrupted) == [true, false])
        #expect(try await after.unsentRows().map(\.attempts) == [1, 0])
    }

    @Test func `refuses to claim or settle twice`() async throws {
        let journal = try SQLiteJournal.make()
        let row = try await journal.enqueue([.make("1")])[0].id
        try await journal.settle(row, .failed(reason: "no"))
        await #expect(throws: StoreError.self) { try await journal.claim(row) }
        await #expect(throws: StoreError.self) {
            try await journal.settle(row, .sent(MessageReceipt(id: "1")))
        }
        await #expect(throws: StoreError.self) { try await journal.claim(row + 1) }
    }

    @Test func `tells the unsent rows of a channel, and of a conversation`() async throws {
        let journal = try SQLiteJournal.make()
        let rows = try await journal.enqueue([
            .make("1"), .make("2", in: .make(thread: "7")), .make("3", in: .make(channel: "den")), .make("4"),
        ])
        try await journal.settle(rows[3].id, .failed(reason: "no"))
        #expect(try await journal.unsentRows(in: .channel("house"), after: 0, limit: 9) == [rows[0], rows[1]])
        #expect(try await journal.unsentRows(in: .conversation(.make()), after: 0, limit: 9) == [rows[0]])
        #expect(
            try await journal.unsentRows(in: .conversation(.make(thread: "7")), after: 0, limit: 9) == [rows[1]])
        #expect(try await journal.unsentCounts() == ["house": 2, "den": 1])
    }

    @Test func `follows a conversation to its new place, in all threads, on its channel only`() async throws {
        let journal = try SQLiteJournal.make()
        let stranger = Conversation.make("42", channel: "elsewhere")
        let rows = try await journal.enqueue([
            .make("sent"), .make("open"), .make("thread", in: .make(thread: "7")), .make("other", in: .make("43")),
            .make("stranger", in: stranger),
        ])
        try await journal.settle(rows[0].id, .sent(MessageReceipt(id: "1")))
        try await journal.moveConversation(.make(), to: "-1001")
        let places = try await journal.unsentRows().map(\.message.conversation)
        #expect(places == [.make("-1001"), .make("-1001", thread: "7"), .make("43"), stranger])
    }
}
