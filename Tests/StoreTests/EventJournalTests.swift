import PraisonCore
import PraisonSimulation
import PraisonStore
import Testing

@Suite struct `a journal, hearing` {
    @Test func `keeps a redelivered event once`() async throws {
        let journal = try SQLiteJournal.make()
        let first = try await journal.append([.make(1), .make(2)])
        let second = try await journal.append([.make(2, text: "again"), .make(3)])
        #expect(first.map(\.event) == [.make(1), .make(2)])
        #expect(second.map(\.event) == [.make(3)])
        #expect(try await journal.unsettledEntries() == first + second)
    }

    @Test func `keeps an event that comes twice in one batch once`() async throws {
        let journal = try SQLiteJournal.make()
        #expect(try await journal.append([.make(1), .make(1)]).count == 1)
    }

    @Test func `numbers entries in the order accepted, and says when`() async throws {
        let clock = VirtualClock()
        let journal = try SQLiteJournal.make(clock: clock)
        let first = try await journal.append([.make(9)])
        clock.advance(by: .seconds(5))
        let second = try await journal.append([.make(1), .make(5)])
        let ids = (first + second).map(\.id)
        #expect(ids == ids.sorted() && Set(ids).count == 3)
        #expect(second.map(\.receivedAt) == [clock.now, clock.now])
    }

    @Test func `lists what a restart has to take up, oldest first`() async throws {
        let folder = try TemporaryFolder()
        let before = try SQLiteJournal.make(.file(folder.file()))
        let entries = try await before.append((1...5).map { .make($0) })
        _ = try await before.settle(.make([entries[1], entries[3]]))
        try await before.close()
        let after = try SQLiteJournal.make(.file(folder.file()))
        #expect(try await after.unsettledEntries() == [entries[0], entries[2], entries[4]])
    }

    @Test func `lists them page by page`() async throws {
        let journal = try SQLiteJournal.make()
        let entries = try await journal.append((1...5).map { .make($0) })
        #expect(try await journal.unsettledEntries(in: .everything, after: 0, limit: 2) == Array(entries[0...1]))
        #expect(
            try await journal.unsettledEntries(in: .everything, after: entries[1].id, limit: 2) == Array(entries[2...3])
        )
        #expect(try await journal.unsettledEntries(in: .everything, after: entries[4].id, limit: 2).isEmpty)
    }

    @Test func `tells the open entries of a channel, and of a conversation and its threads`() async throws {
        let journal = try SQLiteJournal.make()
        let places: [Conversation] = [
            .make(), .make(thread: "1"), .make("43"), .make(channel: "den"), .make(), .make(thread: "1"),
        ]
        let events = places.enumerated().map { number, place in
            GatewayEvent(
                message: InboundMessage(id: "1", conversation: place, sender: Sender(id: "ada")),
                id: EventID("\(number)"), timestamp: Timestamp(seconds: 1))
        }
        let entries = try await journal.append(events + [.make(type: .connect, source: "house")])
        _ = try await journal.settle(.make([entries[4]]))
        let house = try await journal.unsettledEntries(in: .channel("house"), after: 0, limit: 10)
        #expect(house == [entries[0], entries[1], entries[2], entries[5], entries[6]])
        let chat = try await journal.unsettledEntries(in: .conversation(.make()), after: 0, limit: 10)
        #expect(chat == [entries[0]])
        let thread = try await journal.unsettledEntries(
            in: .conversation(.make(thread: "1")), after: entries[1].id, limit: 10)
        #expect(thread == [entries[5]])
        #expect(try await journal.unsettledCounts() == ["house": 5, "den": 1])
    }

    @Test func `follows a conversation to its new place`() async throws {
        let journal = try SQLiteJournal.make()
        _ = try await journal.append([.make(1), .make(2, chat: "43")])
        try await journal.moveConversation(.make(), to: "-1001")
        let places = try await journal.unsettledEntries().map(\.event.message?.conversation)
        #expect(places == [.make("-1001"), .make("43")])
        #expect(try await journal.unsettledEntries(in: .conversation(.make("-1001")), after: 0, limit: 9).count == 1)
        #expect(try await journal.append([.make(1)]).isEmpty)
    }

    @Test func `counts how often a turn has started, over restarts`() async throws {
        let folder = try TemporaryFolder()
        let before = try SQLiteJournal.make(.file(folder.file()))
        let entries = try await before.append([.make(1), .make(2)])
        #expect(try await before.beginAttempt([entries[0].id]) == 1)
        try await before.close()
        let after = try SQLiteJournal.make(.file(folder.file()))
        #expect(try await after.unsettledEntries().map(\.attempts) == [1, 0])
        #expect(try await after.beginAttempt(entries.map(\.id)) == 2)
        #expect(try await after.beginAttempt([entries[1].id]) == 2)
    }

    @Test func `starts no turn for an entry it does not have`() async throws {
        let journal = try SQLiteJournal.make()
        await #expect(throws: StoreError.self) { try await journal.beginAttempt([7]) }
    }

    @Test func `carries every kind of event unchanged`() async throws {
        let folder = try TemporaryFolder()
        var message = InboundMessage(
            kind: .edit, id: "7", conversation: .make("-100", thread: "5"),
            sender: Sender(id: "1", username: "ada", displayName: "Ada 👩‍💻", isBot: true), text: "שלום \u{0} \"x\"",
            entities: [TextEntity(kind: .bold, offset: 0, length: 4)], mentionsBot: true,
            command: .init(name: "new", arguments: "a b"), attachments: [Attachment(kind: .image, reference: "f")])
        message.reply = .init(id: "3", sender: Sender(id: "2"), text: "what", quote: "wh", isToBot: true)
        message.album = "album"
        let events = [
            GatewayEvent(message: message, id: "a", timestamp: Timestamp(microseconds: 1_767_225_600_123_456)),
            GatewayEvent(
                type: .broadcast,
                payload: .fields(["n": .number("12345678901234567890.5"), "list": [1, nil, true]]), id: "b",
                timestamp: Timestamp(microseconds: 1), source: "client", target: "other"),
        ]
        let before = try SQLiteJournal.make(.file(folder.file()))
        _ = try await before.append(events)
        try await before.close()
        let after = try SQLiteJournal.make(.file(folder.file()))
        #expect(try await after.unsettledEntries().map(\.event) == events)
    }
}

@Suite struct `a journal, settling` {
    @Test func `keeps outcome, memory and messages together`() async throws {
        let journal = try SQLiteJournal.make()
        let entries = try await journal.append([.make(1), .make(2)])
        let outcome = TurnOutcome(
            .answered, reason: "dm", agent: "helper", model: "offline/demo", usage: TokenUsage(input: 3, output: 4))
        let messages = [OutboundMessage.make("1/0"), .make("1/1", text: "there")]
        let remembered = [ChatMessage(.user, "hello"), ChatMessage(.assistant, "hi there")]
        let rows = try await journal.settle(
            SettledTurn(
                entries: entries.map(\.id), outcome: outcome, session: .make(), remember: remembered,
                messages: messages, at: Timestamp(seconds: 9)))
        #expect(rows.map(\.message) == messages)
        #expect(try await journal.unsentRows() == rows)
        #expect(try await journal.outcome(of: entries[0].event.id) == outcome)
        #expect(try await journal.outcome(of: entries[1].event.id) == outcome)
        #expect(try await journal.unsettledEntries().isEmpty)
        var history = try await journal.history(of: .make(), limit: 10)
        #expect(history.positions.count == remembered.count)
        history.positions = []
        #expect(history == SessionHistory(messages: remembered, lastUsed: Timestamp(seconds: 9), lastTurn: 2))
    }

    @Test func `gives an entry one outcome, and refuses a second with everything that came with it`() async throws {
        let journal = try SQLiteJournal.make()
        let entries = try await journal.append([.make(1), .make(2)])
        _ = try await journal.settle(.make([entries[0]], .stopped))
        await #expect(throws: StoreError.self) {
            try await journal.settle(
                .make(entries, session: .make(), remember: [ChatMessage(.user, "x")], messages: [.make("k")]))
        }
        #expect(try await journal.outcome(of: entries[0].event.id)?.status == .stopped)
        #expect(try await journal.outcome(of: entries[1].event.id) == nil)
        #expect(try await journal.unsentRows().isEmpty)
        #expect(try await journal.history(of: .make(), limit: 10) == SessionHistory())
    }

    @Test func `settles several turns together, or none of them`() async throws {
        let journal = try SQLiteJournal.make()
        let entries = try await journal.append([.make(1), .make(2), .make(3)])
        let rows = try await journal.settle([
            .make([entries[0]], messages: [.make("1/0")]), .make([entries[1]], .stopped, messages: [.make("2/0")]),
        ])
        #expect(rows.map(\.message.key) == ["1/0", "2/0"])
        #expect(try await journal.outcome(of: entries[1].event.id)?.status == .stopped)
        await #expect(throws: StoreError.self) {
            try await journal.settle([.make([entries[2]]), .make([entries[0]])])
        }
        #expect(try await journal.unsettledEntries() == [entries[2]])
    }

    @Test func `knows no outcome of what is unknown or still open`() async throws {
        let journal = try SQLiteJournal.make()
        _ = try await journal.append([.make(1)])
        #expect(try await journal.outcome(of: GatewayEvent.make(1).id) == nil)
        #expect(try await journal.outcome(of: "nobody/1") == nil)
    }

    @Test func `takes a message once under its key`() async throws {
        let journal = try SQLiteJournal.make()
        #expect(try await journal.enqueue([.make("schedule/morning/9")]).count == 1)
        #expect(
            try await journal.enqueue([.make("schedule/morning/9"), .make("other")]).map(\.message.key) == ["other"])
    }
}
