import Foundation
import PraisonCore
import PraisonSimulation
import Testing

@testable import PraisonControlPlane

@Suite(.timeLimit(.minutes(1))) struct `the OpenAI API` {
    let plane = TestPlane(.withAPIs)

    private func json(_ response: HTTPResponse) throws -> JSONValue { try JSONDocument(parsing: response.bytes).value }

    /// The events of a streamed answer, without those that only show life.
    private func events(_ response: HTTPResponse) async throws -> [JSONValue] {
        try await lines(response).filter { $0.hasPrefix("data: {") }.map {
            try JSONDocument(parsing: String($0.dropFirst(6))).value
        }
    }

    private func lines(_ response: HTTPResponse) async throws -> [String] {
        guard case .stream(let stream) = response.body else { return [] }
        var text = ""
        for try await piece in stream { text += String(decoding: piece, as: UTF8.self) }
        return text.split(separator: "\n").map(String.init)
    }

    private let hello = #"{"model":"assistant","messages":[{"role":"user","content":"hello"}]}"#

    /// Asks, and answers as the hub would.
    private func exchange(
        _ path: String, _ body: String, on plane: TestPlane? = nil,
        _ reply: @escaping @Sendable (TestPlane, GatewayEvent) async throws -> Void
    ) async throws -> (GatewayEvent, HTTPResponse) {
        let plane = plane ?? self.plane
        let before = plane.hub.accepted.count
        async let response = plane.post(path, body)
        let event = await plane.hub.event(before + 1)
        try await reply(plane, event)
        return (event, await response)
    }

    @Test func `is not there unless it is switched on`() async {
        let off = TestPlane()
        #expect(await off.get("/v1/models").status == 404)
        #expect(await off.post("/v1/chat/completions", hello).status == 404)
        #expect(await off.post("/mcp", "{}").status == 404)
    }

    @Test func `lists the agents as models`() async throws {
        let list = try json(await plane.get("/v1/models"))
        #expect(list["object"] == "list")
        #expect(list["data"]?.array?.map { $0["id"] } == ["assistant", "streamer"])
        #expect(try json(await plane.get("/v1/models/streamer"))["object"] == "model")
        let unknown = await plane.get("/v1/models/gpt-99")
        #expect(unknown.status == 404)
        #expect(try json(unknown)["error"]?["code"] == "model_not_found")
    }

    @Test func `puts a question to an agent and gives its answer with what it took`() async throws {
        let (event, response) = try await exchange("/v1/chat/completions", hello) { plane, event in
            try await plane.reply(
                "Hi!", to: event,
                outcome: TurnOutcome(.answered, usage: TokenUsage(input: 7, cachedInput: 2, output: 3)))
        }
        #expect(event.target == "assistant")
        #expect(event.message?.text == "hello")
        #expect(response.status == 200)
        let body = try json(response)
        #expect(body["object"] == "chat.completion")
        #expect(body["choices"]?[0]?["message"]?["content"] == "Hi!")
        #expect(body["choices"]?[0]?["finish_reason"] == "stop")
        #expect(body["usage"]?["prompt_tokens"] == 7)
        #expect(body["usage"]?["total_tokens"] == 10)
        #expect(body["usage"]?["prompt_tokens_details"]?["cached_tokens"] == 2)
    }

    @Test func `hands on the conversation, instructions, tools and limits that the caller brings`() async throws {
        let body = #"""
            {"model":"assistant","temperature":0.5,"max_tokens":99,"tool_choice":"required",
             "tools":[{"type":"function","function":{"name":"clock","parameters":{"type":"object"}}}],
             "messages":[{"role":"system","content":"Be brief."},
              {"role":"user","content":"hi"},{"role":"assistant","content":"hello"},
              {"role":"user","content":[{"type":"text","text":"what time"},{"type":"text","text":"is it?"}]},
              {"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"clock","arguments":"{}"}}]},
              {"role":"tool","tool_call_id":"c1","content":"noon"}]}
            """#
        let (event, _) = try await exchange("/v1/chat/completions", body) { try await $0.reply("Noon.", to: $1) }
        let caller = try #require(event.message?.caller)
        #expect(event.message?.text == "what time\nis it?")
        #expect(caller.instructions == "Be brief.")
        #expect(caller.history == [ChatMessage(.user, "hi"), ChatMessage(.assistant, "hello")])
        #expect(caller.input.map(\.role) == [.user, .assistant, .tool])
        #expect(caller.input[1].toolCalls == [ToolCall(id: "c1", name: "clock", arguments: "{}")])
        #expect(caller.tools.map(\.name) == ["clock"])
        #expect(caller.toolChoice == .required)
        #expect(caller.temperature == 0.5)
        #expect(caller.maximumOutputTokens == 99)
        // What a restart finds in the journal is the same.
        #expect(try GatewayEvent.copiedThroughJSON(event) == event)
    }

    @Test func `gives tools of the caller back to the caller`() async throws {
        let calls = [ToolCall(id: "c1", name: "clock", arguments: #"{"zone":"UTC"}"#)]
        var outcome = TurnOutcome(.answered)
        outcome.toolCalls = calls
        let (_, response) = try await exchange("/v1/chat/completions", hello) { [outcome] in
            try await $0.reply("", to: $1, outcome: outcome)
        }
        let choice = try json(response)["choices"]?[0]
        #expect(choice?["finish_reason"] == "tool_calls")
        #expect(choice?["message"]?["content"] == .null)
        #expect(choice?["message"]?["tool_calls"]?[0]?["function"]?["name"] == "clock")
    }

    @Test func `streams an answer word by word`() async throws {
        let body = hello.replacing(
            "{\"model\"", with: #"{"stream":true,"stream_options":{"include_usage":true},"model""#)
        let (_, response) = try await exchange("/v1/chat/completions", body) { plane, event in
            try await plane.stream(.text("Hi"), answering: event)
        }
        #expect(response.status == 200)
        #expect(response.headers["Content-Type"] == "text/event-stream")
        try await plane.stream(.reasoning("hm"), .text(" there"), answering: plane.hub.event())
        try await plane.reply(
            "Hi there!", to: plane.hub.event(), outcome: TurnOutcome(.answered, usage: TokenUsage(input: 1, output: 2)))
        let events = try await events(response)
        #expect(events.first?["choices"]?[0]?["delta"]?["role"] == "assistant")
        let text = events.compactMap { $0["choices"]?[0]?["delta"]?["content"]?.string }.joined()
        #expect(text == "Hi there!")
        #expect(events.contains { $0["choices"]?[0]?["delta"]?["reasoning_content"] == "hm" })
        #expect(events.dropLast().last?["choices"]?[0]?["finish_reason"] == "stop")
        #expect(events.last?["usage"]?["completion_tokens"] == 2)
    }

    @Test func `shows life while nothing is said`() async throws {
        let body = hello.replacing("{\"model\"", with: #"{"stream":true,"model""#)
        async let response = plane.post("/v1/chat/completions", body)
        let event = await plane.hub.event()
        await plane.clock.nextSleeper()
        plane.clock.advance(by: .seconds(2))
        guard case .stream(let stream) = await response.body else {
            Issue.record("no stream")
            return
        }
        var pieces = stream.makeAsyncIterator()
        _ = try await pieces.next()
        let clock = plane.clock
        let ping = try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                await clock.nextSleeper()
                clock.advance(by: .seconds(15))
            }
            defer { group.cancelAll() }
            return try await pieces.next()
        }
        #expect(ping.map { String(decoding: $0, as: UTF8.self) } == ": ping\n\n")
        try await plane.reply("there", to: event)
        #expect(try await pieces.next().map { String(decoding: $0, as: UTF8.self) }?.contains("[DONE]") == true)
        #expect(try await pieces.next() == nil)
    }

    @Test(arguments: [
        (AgentError.Kind.rateLimit, 429, "rate_limit"), (.overloaded, 503, "overloaded"),
        (.contextOverflow, 400, "context_length_exceeded"), (.auth, 502, "auth"), (.idleTimeout, 504, "idle_timeout"),
        (.internal, 500, "internal"),
    ])
    func `answers a failed turn with its status, streamed or not`(
        kind: AgentError.Kind, status: Int, code: String
    ) async throws {
        for isStreamed in [false, true] {
            let body = hello.replacing("{\"model\"", with: "{\"stream\":\(isStreamed),\"model\"")
            let (_, response) = try await exchange("/v1/chat/completions", body) { plane, event in
                try await plane.reply(
                    "words for people", to: event,
                    outcome: TurnOutcome(.failed, errorKind: kind, retryAfterSeconds: kind == .rateLimit ? 6.5 : nil))
            }
            #expect(response.status == status)
            #expect(try json(response)["error"]?["code"] == .string(code))
            #expect(response.headers["Retry-After"] == (kind == .rateLimit ? "7" : nil))
        }
    }

    @Test(arguments: [
        ("", "invalid_json"), ("[]", "invalid_request"), ("{}", "invalid_request"),
        (#"{"model":"assistant","messages":[]}"#, "invalid_request"),
        (#"{"model":"nobody","messages":[{"role":"user","content":"x"}]}"#, "model_not_found"),
        (#"{"model":"assistant","messages":[{"role":"assistant","content":"x"}]}"#, "invalid_request"),
        (#"{"model":"assistant","messages":[{"role":"robot","content":"x"}]}"#, "invalid_request"),
        (#"{"model":"assistant","messages":[{"role":"user","content":7}]}"#, "invalid_request"),
        (#"{"model":"assistant","n":2,"messages":[{"role":"user","content":"x"}]}"#, "unsupported_parameter"),
        (
            #"{"model":"assistant","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"x"}}]}]}"#,
            "unsupported_content"
        ),
        (#"{"model":"assistant","temperature":"hot","messages":[{"role":"user","content":"x"}]}"#, "invalid_request"),
        (
            #"{"model":"assistant","tools":[{"type":"web"}],"messages":[{"role":"user","content":"x"}]}"#,
            "unsupported_tool"
        ),
    ])
    func `says what is wrong with a request, and asks nobody`(body: String, code: String) async throws {
        let response = await plane.post("/v1/chat/completions", body)
        #expect((400...404).contains(response.status))
        #expect(try json(response)["error"]?["code"] == .string(code))
        #expect(plane.hub.accepted.isEmpty)
    }

    @Test func `lets in whom the gateway lets in, for what they may do`() async throws {
        var server = ServerSettings.withAPIs
        server.authToken = Secret("correct-horse-battery")
        server.scopedTokens = [ScopedToken(token: Secret("only-looking-0123456789"), scopes: [.read])]
        let guarded = TestPlane(server)
        let nobody = await guarded.post("/v1/chat/completions", hello)
        #expect(nobody.status == 401)
        #expect(try json(nobody)["error"]?["type"] == "authentication_error")
        let looker: HTTPHeaders = ["Host": "127.0.0.1:8765", "Authorization": "Bearer only-looking-0123456789"]
        #expect(await guarded.get("/v1/models", headers: looker).status == 200)
        let refused = await guarded.post("/v1/chat/completions", hello, headers: looker)
        #expect(refused.status == 403)
        #expect(try json(refused)["error"]?["code"] == "insufficient_permissions")
        #expect(try json(refused)["error"]?["message"] == "this token lacks the scope write")
    }

    @Test func `tells who still waits that the gateway has stopped`() async throws {
        async let waiting = plane.post("/v1/chat/completions", hello)
        let event = await plane.hub.event()
        #expect(event.message?.text == "hello")
        plane.plane.endCalls()
        let response = await waiting
        #expect(response.status == 503)
        #expect(try json(response)["error"]?["code"] == "stopped")
    }

    @Test func `knows the person behind a token as the WebSocket does`() async throws {
        var server = ServerSettings.withAPIs
        server.scopedTokens = ["alice-0123456789", "bob-0123456789ab"].map {
            ScopedToken(token: Secret($0), scopes: [.read, .write])
        }
        let plane = TestPlane(server)
        try await plane.connect("/ws?token=alice-0123456789") { wire in
            try await wire.hello()
            try await wire.say("hello")
            _ = try await wire.next()
        }
        for token in ["alice-0123456789", "bob-0123456789ab"] {
            let before = plane.hub.accepted.count
            async let response = plane.post(
                "/v1/chat/completions", hello,
                headers: ["Host": "127.0.0.1:8765", "Authorization": "Bearer \(token)"])
            try await plane.reply("hi", to: plane.hub.event(before + 1))
            #expect(await response.status == 200)
        }
        let people = plane.hub.accepted.compactMap(\.message?.sender.id)
        #expect(people.count == 3 && people[0] == people[1] && people[1] != people[2])
    }

    @Test func `keeps to max_connections and message_rate`() async throws {
        var server = ServerSettings.withAPIs
        server.maxConnections = 1
        let small = TestPlane(server)
        async let first = small.post("/v1/chat/completions", hello)
        let event = await small.hub.event()
        let second = await small.post("/v1/chat/completions", hello)
        #expect(second.status == 503)
        #expect(second.headers["Retry-After"] == "5")
        try await small.reply("done", to: event)
        #expect(await first.status == 200)

        server = .withAPIs
        server.messageRate = 1
        server.messageBurst = 1
        let slow = TestPlane(server)
        slow.hub.setDraining()
        #expect(await slow.post("/v1/chat/completions", hello).status == 503)
        #expect(await slow.post("/v1/chat/completions", hello).status == 429)
    }

    @Test func `stops a turn whose caller has hung up`() async throws {
        try await plane.running { [plane, hello] in
            let caller = Task { await plane.post("/v1/chat/completions", hello) }
            let event = await plane.hub.event()
            caller.cancel()
            _ = await caller.value
            while plane.hub.stops.isEmpty { await Task.yield() }
            #expect(plane.hub.stops.first?.0 == event.message?.conversation)
        }
    }

    // MARK: Responses

    @Test func `goes on with an earlier response`() async throws {
        let (first, response) = try await exchange("/v1/responses", #"{"model":"assistant","input":"hello"}"#) {
            try await $0.reply("Hi!", to: $1)
        }
        let body = try json(response)
        #expect(body["object"] == "response")
        #expect(body["status"] == "completed")
        #expect(body["output"]?[0]?["content"]?[0]?["text"] == "Hi!")
        #expect(first.message?.caller?.history == nil)
        let id = try #require(body["id"]?.string)

        plane.hub.setHistory([ChatMessage(.user, "hello"), ChatMessage(.assistant, "Hi!")])
        let (second, _) = try await exchange(
            "/v1/responses", #"{"model":"assistant","input":"again","previous_response_id":"\#(id)"}"#
        ) { try await $0.reply("Hi again!", to: $1) }
        #expect(second.message?.conversation == first.message?.conversation)
        #expect(second.id != first.id)
        #expect(try json(await plane.get("/v1/responses/\(id)")) == body)
        #expect(await plane.get("/v1/responses/resp_nope").status == 404)
    }

    @Test func `answers in the background, to be asked for later`() async throws {
        let begun = try json(
            await plane.post("/v1/responses", #"{"model":"assistant","input":"hello","background":true}"#))
        let id = try #require(begun["id"]?.string)
        #expect(begun["status"] == "in_progress")
        #expect(begun["background"] == true)
        #expect(try json(await plane.get("/v1/responses/\(id)")) == begun)
        let event = await plane.hub.event()
        try await plane.stream(.text("Hi"), answering: event)
        try await plane.reply("Hi!", to: event)
        let done = try json(await plane.get("/v1/responses/\(id)"))
        #expect(done["status"] == "completed")
        #expect(done["output"]?[0]?["content"]?[0]?["text"] == "Hi!")
        let late = await plane.post("/v1/responses/\(id)/cancel")
        #expect(late.status == 400)
        #expect(try json(late)["error"]?["message"] == "Cannot cancel a response that is completed.")
        #expect(plane.hub.stops.isEmpty)
        for extra in [#""store":false"#, #""stream":true"#] {
            let body = #"{"model":"assistant","input":"hello","background":true,\#(extra)}"#
            #expect(await plane.post("/v1/responses", body).status == 400)
        }
    }

    @Test func `tells how a turn in the background has failed`() async throws {
        let begun = try json(
            await plane.post("/v1/responses", #"{"model":"assistant","input":"hello","background":true}"#))
        let id = try #require(begun["id"]?.string)
        try await plane.reply(
            "Sorry.", to: await plane.hub.event(), outcome: TurnOutcome(.failed, errorKind: .rateLimit))
        let done = try json(await plane.get("/v1/responses/\(id)"))
        #expect(done["status"] == "failed")
        #expect(done["error"]?["code"] == "rate_limit")
    }

    @Test func `cancels a response under way, once and for all`() async throws {
        let begun = try json(
            await plane.post("/v1/responses", #"{"model":"assistant","input":"hello","background":true}"#))
        let id = try #require(begun["id"]?.string)
        let event = await plane.hub.event()
        let cancelled = try json(await plane.post("/v1/responses/\(id)/cancel"))
        #expect(cancelled["id"] == .string(id))
        #expect(cancelled["status"] == "cancelled")
        #expect(plane.hub.stops.map(\.0) == [try #require(event.message?.conversation)])
        try await plane.reply("Too late.", to: event)
        #expect(try json(await plane.get("/v1/responses/\(id)")) == cancelled)
        #expect(try json(await plane.post("/v1/responses/\(id)/cancel")) == cancelled)
        #expect(plane.hub.stops.count == 1)
        #expect(await plane.post("/v1/responses/resp_nope/cancel").status == 404)
        #expect(await plane.get("/v1/responses/\(id)/cancel").status == 405)
    }

    @Test func `cancels a stream by the name it began with`() async throws {
        async let response = plane.post("/v1/responses", #"{"model":"assistant","input":"hello","stream":true}"#)
        let event = await plane.hub.event()
        try await plane.stream(.text("Well"), answering: event)
        guard case .stream(let stream) = await response.body else { throw Wire.Ended() }
        var pieces = stream.makeAsyncIterator()
        let first = String(decoding: try #require(try await pieces.next()), as: UTF8.self)
        let id = try #require(first.firstMatch(of: /"id":"(resp_[0-9a-f]+)"/)?.1)
        #expect(try json(await plane.post("/v1/responses/\(id)/cancel"))["status"] == "cancelled")
        var rest = ""
        while let piece = try await pieces.next() { rest += String(decoding: piece, as: UTF8.self) }
        #expect(rest.contains("event: response.failed\n"))
        #expect(rest.contains(#""status":"cancelled""#))
        #expect(plane.hub.stops.count == 1)
    }

    @Test func `takes results of tools without a word`() async throws {
        let body = #"{"model":"assistant","input":[{"type":"function_call_output","call_id":"c1","output":"noon"}]}"#
        let (event, _) = try await exchange("/v1/responses", body) { try await $0.reply("Noon.", to: $1) }
        #expect(event.message?.text.isEmpty == false)
        #expect(event.message?.caller?.input == [ChatMessage(.tool, "noon", toolCallID: "c1")])
    }

    @Test func `knows no response of other callers`() async throws {
        let id = "resp_" + String(repeating: "0", count: 64)
        let response = await plane.post(
            "/v1/responses", #"{"model":"assistant","input":"x","previous_response_id":"\#(id)"}"#)
        #expect(response.status == 400)
        #expect(try json(response)["error"]?["code"] == "previous_response_not_found")
        #expect(plane.hub.accepted.isEmpty)
    }

    @Test func `streams a response as its events, numbered`() async throws {
        let body = #"{"model":"assistant","input":[{"role":"user","content":"hello"}],"stream":true}"#
        var outcome = TurnOutcome(.answered, usage: TokenUsage(input: 1, output: 2))
        outcome.toolCalls = [ToolCall(id: "c1", name: "clock", arguments: "{}")]
        let (_, response) = try await exchange("/v1/responses", body) { [outcome] plane, event in
            try await plane.stream(.text("Let me "), .text("look."), answering: event)
            try await plane.reply("Let me look.", to: event, outcome: outcome)
        }
        let events = try await events(response)
        #expect(events.map { $0["sequence_number"]?.int } == Array(0..<events.count))
        #expect(
            events.compactMap { $0["type"]?.string } == [
                "response.created", "response.in_progress", "response.output_item.added",
                "response.content_part.added", "response.output_text.delta", "response.output_text.done",
                "response.content_part.done", "response.output_item.done", "response.output_item.added",
                "response.function_call_arguments.delta", "response.function_call_arguments.done",
                "response.output_item.done", "response.completed",
            ])
        #expect(events.last?["response"]?["output"]?.array?.count == 2)
        #expect(events.last?["response"]?["usage"]?["total_tokens"] == 3)
    }

    @Test func `survives mutated bodies`() async throws {
        let entropy = SeededEntropy(seed: 7)
        let originals = [
            hello, #"{"model":"assistant","input":[{"type":"function_call_output","call_id":"c","output":"x"}]}"#,
            #"{"model":"assistant","messages":[{"role":"user","content":"x"}],"tools":[{"type":"function","function":{"name":"a"}}]}"#,
        ].map { Array($0.utf8) }
        plane.hub.setDraining()
        for round in 0..<3000 {
            let body = Mutation.of(originals[round % originals.count], entropy)
            let path = round % 2 == 0 ? "/v1/chat/completions" : "/v1/responses"
            let response = await plane.plane.respond(
                to: HTTPRequest(.post, path, headers: ["Host": "127.0.0.1"], body: body, peer: "127.0.0.1"))
            #expect([400, 404, 503].contains(response.status))
            #expect(try json(response)["error"]?["message"]?.string != nil)
        }
    }
}

extension ServerSettings {
    /// Every protocol switched on.
    static var withAPIs: ServerSettings {
        var server = ServerSettings()
        server.api = APISettings(openAI: true, mcp: true)
        return server
    }
}

extension GatewayEvent {
    static func copiedThroughJSON(_ event: GatewayEvent) throws -> GatewayEvent {
        try JSONDecoder().decode(GatewayEvent.self, from: JSONEncoder().encode(event))
    }
}
