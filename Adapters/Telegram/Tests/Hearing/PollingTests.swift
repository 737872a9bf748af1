import PraisonCore
import PraisonSimulation
import PraisonTesting
import TelegramAdapter
import Testing

@Suite(.timeLimit(.minutes(1))) struct `a channel that polls` {
    private let clock: VirtualClock
    private let api: ScriptedAPI
    private let channel: TestChannel

    init() {
        clock = VirtualClock()
        api = ScriptedAPI(clock: clock)
        channel = TestChannel(api, clock: clock)
    }

    private var polls: [JSONValue] { api.calls("getUpdates") }

    /// Runs until the channel has nothing to do but wait.
    private func settle(_ channel: TestChannel? = nil) async throws {
        try await (channel ?? self.channel).running { _ in await clock.nextSleeper() }
    }

    // MARK: Asking

    @Test func `asks first without waiting, so that it is known at once how it fares`() async throws {
        try await settle()
        #expect(polls.map { $0["timeout"] } == [0, 50])
        #expect(channel.recorder.snapshot.health == [.starting, .receiving])
    }

    @Test func `asks for reactions and memberships, which come only when asked for`() async throws {
        try await settle()
        let kinds = Set((polls[0]["allowed_updates"]?.array ?? []).compactMap(\.string))
        #expect(
            kinds == [
                "message", "edited_message", "channel_post", "edited_channel_post", "callback_query",
                "message_reaction", "message_reaction_count", "my_chat_member", "chat_member",
            ])
    }

    @Test func `waits as long as poll_timeout says`() async throws {
        var channel = channel
        channel.options["poll_timeout"] = 7
        try await settle(channel)
        #expect(polls.last?["timeout"] == 7)
    }

    @Test func `does not ask without end a server that does not wait`() async throws {
        api.answer("getUpdates", .result([]), .result([]), .result([]), .result([]), .result([]))
        try await settle()
        #expect(polls.count == 4)
        #expect(clock.sleeperCount == 0)
    }

    // MARK: Confirming

    @Test func `confirms the highest of a batch, whatever its order`() async throws {
        api.answer("getUpdates", .updates(12, 11, 13))
        try await settle()
        #expect(polls.map { $0["offset"] } == [nil, 14])
        #expect(channel.recorder.snapshot.texts == ["update 12", "update 11", "update 13"])
    }

    @Test func `confirms nothing the journal has not taken`() async throws {
        api.answer("getUpdates", .updates(11), .updates(11))
        channel.recorder.refuse(next: 1)
        try await channel.running { _ in
            await clock.nextSleeper()
            #expect(channel.cursors.all.isEmpty)
            await channel.until { !$0.events.isEmpty }
            await clock.nextSleeper()
        }
        #expect(polls.prefix(3).map { $0["offset"] } == [nil, nil, 12])
    }

    @Test func `goes on after a restart where it was`() async throws {
        api.answer("getUpdates", .updates(11))
        try await settle()
        try await settle()
        #expect(polls.map { $0["offset"] } == [nil, 12, 12, 12])
    }

    @Test func `uses no offset that is older than Telegram keeps numbers`() async throws {
        api.answer("getUpdates", .updates(11))
        try await settle()
        clock.advance(by: .seconds(7 * 86_400))
        try await settle()
        #expect(polls.map { $0["offset"] } == [nil, 12, nil, nil])
    }

    @Test func `follows numbers that start anew, and lower`() async throws {
        api.answer("getUpdates", .updates(900_000_001), .updates(17), .updates(18))
        try await settle()
        #expect(polls.map { $0["offset"] } == [nil, 900_000_002, 18, 19])
        #expect(channel.recorder.snapshot.texts.count == 3)
    }

    @Test func `keeps the offset of one bot from another that takes its place`() async throws {
        api.answer("getUpdates", .updates(11))
        try await settle()
        api.answer("getMe", .result(["id": 222, "is_bot": true, "first_name": "Other", "username": "other_bot"]))
        try await settle()
        #expect(polls.map { $0["offset"] } == [nil, 12, nil, nil])
    }

    // MARK: Updates that cannot be read

    @Test func `takes the others when one of a batch is not what it should be`() async throws {
        api.answer(
            "getUpdates",
            .result([
                ["update_id": 20, "message": "a string where a message should be"],
                ["update_id": 21, "message": ["message_id": 1]], ["update_id": 22], 23, nil,
                [
                    "update_id": 24,
                    "message": ["message_id": 5, "chat": ["id": 1001, "type": "private"], "date": 1, "text": "good"],
                ],
            ]))
        try await settle()
        #expect(channel.recorder.snapshot.texts == ["good"])
        #expect(polls.map { $0["offset"] } == [nil, 25])
        #expect(channel.log.lines.filter { $0.contains("could not be read") }.count == 5)
    }

    @Test func `asks for one at a time after an answer that is no JSON`() async throws {
        let broken = HTTPResponse(
            status: 200, headers: ["Content-Type": "application/json"], body: .bytes(Array("{\"ok\":true,\"resu".utf8)))
        api.answer("getUpdates", broken, .updates(11))
        try await channel.running { _ in await channel.until { !$0.events.isEmpty } }
        #expect(polls.prefix(2).map { $0["limit"] } == [100, 1])
    }

    // MARK: Trouble

    @Test func `waits exactly as long as it is told`() async throws {
        api.answer("getUpdates", .refused(429, "Too Many Requests: retry after 14", parameters: ["retry_after": 14]))
        try await channel.running { _ in #expect(await clock.advanceToNextSleeper() == .seconds(14)) }
    }

    @Test func `waits longer and longer while Telegram is out of reach, a minute at most`() async throws {
        for _ in 0..<10 {
            api.answer("getUpdates", .text("<html>502</html>", status: 502, type: "text/html"))
        }
        try await channel.running { _ in
            for failure in 0..<10 {
                let pause = await clock.advanceToNextSleeper()
                let full = min(Double(1 << failure), 60)
                #expect(pause.inSeconds <= full && pause.inSeconds >= full * 0.75)
            }
        }
        #expect(channel.recorder.snapshot.health.contains { $0.word == "degraded" })
    }

    @Test func `stops when the token is revoked`() async throws {
        api.answer("getUpdates", .refused(401, "Unauthorized"))
        let error = await #expect(throws: ChannelError.self) { try await channel.adapter().run() }
        #expect(error?.description.contains("channels.telegram.token") == true)
    }

    // MARK: Conflicts

    @Test func `makes way for another poller, and says that there is one`() async throws {
        for _ in 0..<3 {
            api.answer("getUpdates", .refused(409, "Conflict: terminated by other getUpdates request; make sure …"))
        }
        try await channel.running { _ in
            for shortest in [2.25, 4.5, 9] {
                #expect(await clock.advanceToNextSleeper().inSeconds >= shortest)
            }
        }
        #expect(channel.recorder.snapshot.health.contains { $0.reason?.contains("another program polls") == true })
        #expect(api.calls("deleteWebhook").isEmpty)
    }

    @Test func `removes a webhook left over from before, once, and loses nothing by it`() async throws {
        let conflict = HTTPResponse.refused(
            409, "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete …")
        api.answer("getUpdates", conflict, .updates(11), conflict)
        try await channel.running { _ in
            await channel.until { !$0.events.isEmpty }
            await clock.nextSleeper()
        }
        #expect(api.calls("deleteWebhook") == [["drop_pending_updates": false]])
        #expect(channel.recorder.snapshot.health.contains { $0.reason?.contains("mode: webhook") == true })
    }

    @Test func `leaves a webhook alone that somebody sets while it polls`() async throws {
        api.answer("getUpdates", .refused(409, "Conflict: terminated by setWebhook request"))
        try await settle()
        #expect(api.calls("deleteWebhook").isEmpty)
    }

    // MARK: Buttons

    @Test func `answers a pressed button at once, also after it was stopped and started`() async throws {
        let adapter = try channel.adapter()
        for number in 1...2 {
            let query: JSONValue = [
                "id": .string("query \(number)"), "from": ["id": 1001, "is_bot": false, "first_name": "Ada"],
                "data": "yes",
            ]
            api.answer("getUpdates", .result([["update_id": JSONValue(number), "callback_query": query]]))
            try await channel.running(adapter) { _ in
                await clock.nextSleeper()
                while api.calls("answerCallbackQuery").count < number { await Task.yield() }
            }
        }
        #expect(api.calls("answerCallbackQuery").map { $0["callback_query_id"] } == ["query 1", "query 2"])
    }
}
