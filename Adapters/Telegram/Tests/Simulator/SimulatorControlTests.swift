import PraisonCore
import PraisonSimulation
import Testing

@testable import TelegramSimulator

@Suite(.timeLimit(.minutes(1))) struct `the control API of a simulator` {
    private let api = SimulatedAPI()

    @Test func `has somebody say something, and shows what people see of the answer`() async throws {
        let said = try await api.control(
            .post, "say",
            [
                "conversation": "family", "scope": "group", "thread": "games", "sender": "ada", "text": "hi",
                "mention": true,
            ])
        #expect(said.status == 200)
        let update = try #require(try await api.updates().first?["message"])
        #expect(update["text"] == "@sim_bot hi")
        #expect(update["message_id"]?.text() == said.body["id"]?.string)
        #expect(update["chat"]?["id"]?.text() == said.body["conversation"]?.string)
        #expect(update["from"]?["first_name"] == "Ada")
        try await api.call(
            "sendMessage",
            [
                "chat_id": update["chat"]?["id"] ?? nil, "message_thread_id": update["message_thread_id"] ?? nil,
                "text": "hello Ada", "reply_parameters": ["message_id": update["message_id"] ?? nil],
            ])
        let sent = try #require(try await api.control(.get, "sent").body[0])
        #expect(sent["text"] == "hello Ada")
        #expect(sent["conversation"] == said.body["conversation"])
        #expect(sent["thread"] == said.body["thread"])
        #expect(sent["reply_to"] == said.body["id"])
        #expect(sent["edited"] == false)
        #expect(sent["reactions"] == [])
        #expect(sent["files"] == [])
    }

    @Test(arguments: [Conversation.Scope.dm, .group])
    func `numbers no topic 1, which is the General topic's`(scope: Conversation.Scope) async throws {
        let said = try await api.control(
            .post, "say",
            [
                "conversation": "fresh", "scope": .string(scope.rawValue), "thread": "games", "sender": "ada",
                "text": "hi",
            ])
        let update = try #require(try await api.updates().first?["message"])
        #expect(update["message_thread_id"] == 2)
        #expect(said.body["thread"] == "2")
    }

    @Test func `tells every call without its token`() async throws {
        _ = try await api.call("getMe")
        _ = try await api.refusal("sendMessage", ["chat_id": 7, "text": "hi"])
        let calls = try await api.control(.get, "calls").body
        #expect(calls.array?.map { $0["call"] } == ["getMe", "sendMessage"])
        #expect(calls.array?.map { $0["status"] } == [200, 400])
        #expect(calls[1]?["parameters"] == ["chat_id": "7", "text": "hi"])
        #expect(!calls.text().contains("FAKE"))
    }

    @Test func `waits until people see what is asked for, or until time is up`() async throws {
        try api.say("hello", in: "1001")
        async let seen = api.control(.get, "sent?count=2&text=ada&wait=60")
        await api.clock.nextSleeper()
        for text in ["hi ada", "hi ben", "bye ada"] {
            try await api.call("sendMessage", ["chat_id": 1001, "text": .string(text)])
        }
        #expect(try await seen.body.array?.map { $0["text"] } == ["hi ada", "hi ben", "bye ada"])
        #expect(api.clock.uptime == .zero)

        async let never = api.control(.get, "calls?call=getUpdates&wait=60")
        await api.clock.nextSleeper()
        api.clock.advance(by: .seconds(60))
        #expect(try await never.body.array?.count == 3)
        #expect(
            try await api.control(.get, "sent?wait=soon").body["error"]
                == "sent: wait must be a number of seconds from 0 to 86400")
    }

    @Test func `lets things go wrong in their order, after and as often as told`() async throws {
        try await api.control(.post, "faults", ["kind": "rate_limit", "retry_after": 3, "match": "getme", "after": 1])
        try await api.control(
            .post, "faults", ["kind": "status", "code": 500, "times": 2, "description": "Internal Server Error"])
        #expect(try await api.control(.get, "faults").body.array?.count == 2)
        let statuses = [
            try await api.ask("getMe").0, try await api.ask("getMe").0, try await api.ask("getMe").0,
            try await api.ask("getMe").0,
        ]
        // The first passes the first fault and meets the second.
        #expect(statuses == [500, 429, 500, 200])
        #expect(try await api.control(.get, "faults").body == [])
    }

    @Test(
        arguments: [
            ("say", ["text": "hi"], "conversation is missing"),
            (
                "say", ["text": "hi", "scope": "grup", "conversation": "x"],
                "scope is \"grup\", which is none of dm, group, channel"
            ),
            ("say", ["txet": "hi", "conversation": "x"], "txet is not known here"),
            ("say", ["conversation": "x"], "text is missing"),
            ("say", ["conversation": "42", "scope": "group", "sender": "ada", "text": "hi"], "below zero"),
            ("say", ["conversation": "x", "sender": "ada", "text": "hi", "reply_to": "77"], "there is no message 77"),
            ("say", ["conversation": "x", "sender": "ada", "text": "hi", "bot": "nobody"], "nobody here is nobody"),
            ("inject", ["update_id": 1], "expected an Update"), ("faults", [:], "kind is missing"),
            ("faults", ["kind": "earthquake"], "none of rate_limit, status"),
            ("faults", ["kind": "status"], "code is missing"),
            ("faults", ["kind": "reset", "when": "later"], "before, after"),
            ("faults", ["kind": "hang", "seconds": -1], "from 0 to 86400"), ("webhook", [:], "url is missing"),
            ("webhook", ["url": "ftp://x/"], "must be an address such as http://"),
            ("webhook", ["url": "http:///x"], "must be an address such as http://"),
        ] as [(String, JSONValue, String)])
    func `says what is wrong with a request`(path: String, body: JSONValue, problem: String) async throws {
        let answer = try await api.control(.post, path, body)
        #expect(answer.status == 400)
        #expect(answer.body["error"]?.string?.contains(problem) == true, "\(answer.body.text())")
    }

    @Test func `says what there is when asked for something else`() async throws {
        let answer = try await api.control(.post, "shout")
        #expect(answer.status == 404)
        #expect(answer.body["error"]?.string?.contains("POST say, inject") == true)
    }

    @Test func `forgets everything`() async throws {
        try api.say("hello", in: "1001")
        _ = try await api.call("sendMessage", ["chat_id": 1001, "text": "hi"])
        try await api.control(.post, "faults", ["kind": "hang"])
        try await api.control(.post, "reset")
        #expect(try await api.control(.get, "sent").body == [])
        #expect(try await api.control(.get, "calls").body == [])
        #expect(try await api.control(.get, "faults").body == [])
        #expect(try await api.updates().isEmpty)
    }

    @Test func `cuts a call off before or after it was carried out`() async throws {
        try api.say("hello", in: "1001")
        for (moment, count) in [("before", 0), ("after", 1)] {
            try await api.control(.post, "faults", ["kind": "reset", "when": .string(moment)])
            let client = InMemoryHTTPClient(api.simulator)
            await #expect(throws: HTTPError.self) {
                try await client.execute(
                    HTTPRequest(.get, "http://x/bot\(api.token)/sendMessage?chat_id=1001&text=hi"))
            }
            #expect(api.simulator.sent.count == count)
        }
    }

    @Test func `keeps only the newest of everything`() async throws {
        for number in 0..<20_100 { try api.inject(["note": ["number": JSONValue(number)]]) }
        for _ in 0..<250 { _ = await api.simulator.respond(to: HTTPRequest(.get, "/bot\(api.token)/getMe")) }
        let simulator = api.simulator
        #expect(simulator.control.calls.entries.count <= 10_000)
        var store = FileStore()
        for number in 0..<10 {
            _ = store.add(.document, name: "\(number)", mimeType: nil, content: Array(repeating: 0, count: 20 << 20))
        }
        #expect(store.content(at: "documents/file_1") == nil)
        #expect(store.content(at: "documents/file_10") != nil)
    }
}
