import PraisonCore
import PraisonSimulation
import Testing

@testable import TelegramSimulator

@Suite(.timeLimit(.minutes(1))) struct `updates of the simulated Bot API` {
    private let api = SimulatedAPI()

    @Test func `come until they are confirmed by a higher offset`() async throws {
        try api.say("one")
        try api.say("two")
        let updates = try await api.updates()
        #expect(updates.map { $0["message"]?["text"] } == ["one", "two"])
        let first = try #require(updates[0]["update_id"]?.int)
        #expect(updates[1]["update_id"]?.int == first + 1)
        api.clock.advance(by: .seconds(4))
        #expect(try await api.updates().count == 2)
        let rest = try await api.updates(["offset": JSONValue(first + 1)])
        #expect(rest.map { $0["message"]?["text"] } == ["two"])
        api.clock.advance(by: .seconds(4))
        #expect(try await api.updates().count == 1)
    }

    @Test func `count from the end for negative offsets`() async throws {
        for number in 1...5 { try api.say("\(number)") }
        let updates = try await api.updates(["offset": -2])
        #expect(updates.map { $0["message"]?["text"] } == ["4", "5"])
        api.clock.advance(by: .seconds(4))
        #expect(try await api.updates().count == 2)
    }

    @Test func `take no notice of an offset from another life`() async throws {
        try api.say("hello")
        let updates = try await api.updates(["offset": 4_000_000_000_000])
        #expect(updates.count == 1)
    }

    @Test func `wake a long poll`() async throws {
        async let updates = api.updates(["timeout": 50])
        await api.clock.nextSleeper()
        try api.say("now")
        #expect(try await updates.map { $0["message"]?["text"] } == ["now"])
        #expect(api.clock.uptime == .zero)
    }

    @Test func `end a long poll with nothing after its timeout`() async throws {
        async let updates = api.updates(["timeout": 80])
        #expect(await api.clock.advanceToNextSleeper() == .seconds(50))
        #expect(try await updates.isEmpty)
    }

    @Test func `slow down those who ask the same again and again`() async throws {
        _ = try await api.updates()
        try api.say("one")
        try api.say("two")
        #expect(try await api.updates().count == 1)
        let id = try #require(try await api.updates().first?["update_id"]?.int)
        let next = JSONValue(id + 2)
        _ = try await api.updates(["offset": next])
        async let repeated = api.updates(["offset": next])
        #expect(await api.clock.advanceToNextSleeper() == .seconds(3))
        #expect(try await repeated.isEmpty)
    }

    @Test func `are forgotten after a day`() async throws {
        try api.say("old")
        api.clock.advance(by: .seconds(86_400))
        try api.say("new")
        #expect(try await api.updates().map { $0["message"]?["text"] } == ["new"])
    }

    @Test func `go to the newer of two pollers, and the older is told`() async throws {
        async let older = api.refusal("getUpdates", ["timeout": 50])
        await api.clock.nextSleeper()
        async let newer = api.updates(["timeout": 40])
        #expect(try await older.hasPrefix("Conflict: terminated by other getUpdates request"))
        try api.say("for the newer")
        #expect(try await newer.count == 1)
    }

    @Test func `come only in the kinds asked for`() async throws {
        let reaction: JSONValue = [
            "message_reaction": [
                "chat": ["id": 1001, "type": "private"], "message_id": 1, "date": 1, "old_reaction": [],
                "new_reaction": [],
            ]
        ]
        try api.inject(reaction)
        #expect(try await api.updates().count == 1)
        api.clock.advance(by: .seconds(4))
        _ = try await api.updates(["allowed_updates": .string("[\"Callback_Query\"]"), "offset": -1])
        try api.say("nobody asked for this")
        api.clock.advance(by: .seconds(4))
        #expect(try await api.updates(["offset": -1]).map { $0["message"]?["text"] } == [nil])
    }

    @Test func `keep the number they are injected with, and count on from it`() async throws {
        try api.inject([
            "update_id": 7, "message": ["message_id": 1, "chat": ["id": 5, "type": "private"], "date": 1],
        ])
        try api.say("next")
        #expect(try await api.updates().map { $0["update_id"] } == [7, 8])
    }
}
