import PraisonCore
import PraisonSimulation
import Testing

@testable import PraisonAgents

/// What servers refuse, or misunderstand, in a request. Numbers are those of the table in `README.md`.
@Suite struct `a request to a model` {
    typealias Wire = ModelFixture.Wire

    /// What is sent for these messages.
    private func sent(
        _ wire: Wire, _ messages: [ChatMessage], tools: [ModelRequest.Tool] = [],
        _ change: (inout ModelRequest) -> Void = { _ in }
    ) async throws -> JSONValue {
        let server = ScriptedServer([wire.goodAnswer.response])
        var request = ModelRequest(messages: messages, tools: tools)
        change(&request)
        _ = try await WireProvider.make(server, wire: wire.value).complete(request) { _ in }
        return try JSONDocument(parsing: try #require(server.seen.first?.body)).value
    }

    private static let weather = ModelRequest.Tool(
        name: "weather", description: "Weather.",
        parameters: ["type": "object", "properties": ["city": ["type": "string"]]])

    /// A conversation in which two tools were called at once.
    private static let conversation = [
        ChatMessage(.system, "Be kind."), ChatMessage(.user, "Paris and Oslo?"),
        ChatMessage(
            .assistant, "Let me look.",
            toolCalls: [
                ToolCall(id: "call:1", name: "weather", arguments: #"{"city": "Paris", "id": 123456789012345678901}"#),
                ToolCall(id: "call:2", name: "weather", arguments: "{}"),
            ]),
        ChatMessage(.tool, "17 degrees", toolCallID: "call:1"),
        ChatMessage(.tool, "Error: no such place", toolCallID: "call:2", isError: true),
        ChatMessage(.user, "Well?"),
    ]

    @Test(arguments: Wire.allCases)
    func `10 always says how long the answer may be`(_ wire: Wire) async throws {
        let body = try await sent(wire, [ChatMessage(.user, "hi")]) { $0.maximumOutputTokens = 77 }
        let limit: JSONValue? =
            switch wire {
            case .chat, .anthropic: body["max_tokens"]
            case .responses: body["max_output_tokens"]
            case .gemini: body["generationConfig"]?["maxOutputTokens"]
            case .ollama: body["options"]?["num_predict"]
            }
        #expect(limit == 77)
    }

    @Test(arguments: [Wire.anthropic, .gemini])
    func `11 leaves out what is empty, and the spaces at the end of the model's own words`(_ wire: Wire) async throws {
        let body = try await sent(
            wire,
            [
                ChatMessage(.user, "hi"), ChatMessage(.assistant, " \n"), ChatMessage(.user, ""),
                ChatMessage(.assistant, "well, \n"), ChatMessage(.user, "go on"),
            ])
        let turns = (body["messages"] ?? body["contents"])?.array ?? []
        #expect(turns.count == 3)
        for turn in turns {
            let blocks = (turn["content"] ?? turn["parts"])?.array ?? []
            #expect(!blocks.isEmpty)
            #expect(blocks.allSatisfy { $0["text"]?.string?.isEmpty == false })
        }
        if wire == .anthropic { #expect(turns[1]["content"]?[0]?["text"] == "well,") }
    }

    @Test(arguments: [Wire.anthropic, .gemini])
    func `11 is never without anybody's words`(_ wire: Wire) async throws {
        let body = try await sent(wire, [ChatMessage(.user, " "), ChatMessage(.assistant, "an answer to nothing")])
        let turns = (body["messages"] ?? body["contents"])?.array ?? []
        #expect(turns.map { $0["role"] } == ["user"])
    }

    @Test(arguments: [Wire.anthropic, .gemini])
    func `12 merges neighbours of one side, so that sides alternate from the person's`(_ wire: Wire) async throws {
        let body = try await sent(
            wire,
            [
                ChatMessage(.assistant, "orphan"), ChatMessage(.user, "one"), ChatMessage(.user, "two"),
                ChatMessage(.assistant, "a"), ChatMessage(.assistant, "b"), ChatMessage(.user, "three"),
            ])
        let turns = (body["messages"] ?? body["contents"])?.array ?? []
        #expect(turns.map { $0["role"]?.string } == ["user", wire == .gemini ? "model" : "assistant", "user"])
        #expect((turns[0]["content"] ?? turns[0]["parts"])?.array?.count == 2)
    }

    @Test(arguments: [Wire.anthropic, .gemini, .responses])
    func `13 lifts the system's words to their own place, wherever they stood`(_ wire: Wire) async throws {
        let body = try await sent(
            wire, [ChatMessage(.system, "one"), ChatMessage(.user, "hi"), ChatMessage(.system, "two")])
        let system =
            switch wire {
            case .anthropic: body["system"]?.string
            case .gemini: body["systemInstruction"]?["parts"]?[0]?["text"]?.string
            default: body["instructions"]?.string
            }
        #expect(system == "one\n\ntwo")
        #expect((body["messages"] ?? body["contents"] ?? body["input"])?.array?.count == 1)
    }

    // MARK: 4, the tool loop

    @Test func `4 gives Anthropic all results at once, first of all, under identifiers it takes`() async throws {
        let body = try await sent(.anthropic, Self.conversation, tools: [Self.weather])
        let turns = try #require(body["messages"]?.array)
        #expect(turns.map { $0["role"]?.string } == ["user", "assistant", "user"])
        #expect(turns[1]["content"]?.array?.map { $0["type"]?.string } == ["text", "tool_use", "tool_use"])
        #expect(turns[1]["content"]?[1]?["id"] == "call_call_1")
        #expect(turns[2]["content"]?.array?.map { $0["type"]?.string } == ["tool_result", "tool_result", "text"])
        #expect(turns[2]["content"]?.array?.map { $0["tool_use_id"]?.string } == ["call_call_1", "call_call_2", nil])
        #expect(turns[2]["content"]?.array?.map { $0["is_error"]?.bool } == [nil, true, nil])
        #expect(body["tools"]?[0]?["input_schema"]?["type"] == "object")
    }

    @Test func `4 gives Gemini all results at once, by the function's name`() async throws {
        let body = try await sent(.gemini, Self.conversation, tools: [Self.weather])
        let turns = try #require(body["contents"]?.array)
        #expect(turns.map { $0["role"]?.string } == ["user", "model", "user"])
        let parts = try #require(turns[2]["parts"]?.array)
        #expect(parts.map { $0["functionResponse"]?["name"]?.string } == ["weather", "weather", nil])
        #expect(parts[0]["functionResponse"]?["response"]?["result"] == "17 degrees")
        #expect(parts[1]["functionResponse"]?["response"]?["error"] == "Error: no such place")
        #expect(body["tools"]?[0]?["functionDeclarations"]?[0]?["parametersJsonSchema"]?["type"] == "object")
    }

    @Test func `4 gives Gemini the ids it gave its calls itself, and no others`() async throws {
        var conversation = Self.conversation
        conversation[2].continuation = ModelContinuation(
            provider: "gemini",
            value: [
                ["functionCall": ["id": "call:1", "name": "weather", "args": ["city": "Paris"]]],
                ["functionCall": ["name": "weather", "args": [:]]],
            ])
        let body = try await sent(.gemini, conversation, tools: [Self.weather])
        let parts = try #require(body["contents"]?[2]?["parts"]?.array)
        #expect(parts.map { $0["functionResponse"]?["id"]?.string } == ["call:1", nil, nil])
    }

    @Test func `4 gives Ollama arguments as an object, and the tool's name with its result`() async throws {
        let body = try await sent(.ollama, Self.conversation, tools: [Self.weather])
        let messages = try #require(body["messages"]?.array)
        #expect(messages[2]["tool_calls"]?[0]?["function"]?["arguments"]?["city"] == "Paris")
        #expect(messages[3]["tool_name"] == "weather")
        #expect(body["options"]?["num_ctx"] == 8192)
    }

    @Test func `4 gives Responses each call and each result as an item of its own`() async throws {
        let body = try await sent(.responses, Self.conversation, tools: [Self.weather])
        let items = try #require(body["input"]?.array)
        #expect(
            items.map { $0["type"]?.string } == [
                nil, "message", "function_call", "function_call", "function_call_output", "function_call_output", nil,
            ])
        #expect(items[2]["call_id"] == "call:1")
        #expect(items[4]["call_id"] == "call:1")
        #expect(body["tools"]?[0]?["name"] == "weather")
    }

    /// Found with a real llama.cpp: it answers 400 to an assistant's message in the short form.
    @Test func `4 tells Responses what the assistant said in the shape of an answer`() async throws {
        let body = try await sent(
            .responses, [ChatMessage(.user, "hi"), ChatMessage(.assistant, "hello"), ChatMessage(.user, "bye")])
        #expect(
            body["input"]?[1] == [
                "type": "message", "role": "assistant", "content": [["type": "output_text", "text": "hello"]],
            ])
    }

    @Test(arguments: [Wire.anthropic, .gemini, .ollama])
    func `22 keeps every digit of an argument it gives back`(_ wire: Wire) async throws {
        let server = ScriptedServer([wire.goodAnswer.response])
        _ = try await WireProvider.make(server, wire: wire.value).complete(ModelRequest(messages: Self.conversation)) {
            _ in
        }
        let body = String(decoding: try #require(server.seen.first?.body), as: UTF8.self)
        #expect(body.contains("123456789012345678901"))
    }

    // MARK: 5, reasoning

    /// An answer with thoughts and a call, and what of it must come back with the next request.
    @Test(arguments: [(Wire.anthropic, "tool-signed", "signature"), (.gemini, "tool-signed", "thoughtSignature")])
    func `5 gives signatures back to whoever gave them, and to nobody else`(
        _ wire: Wire, _ name: String, _ field: String
    ) async throws {
        let answer = wire.fixture(name)
        let response = try await WireProvider.make(
            CannedServer(answer.bytes, type: answer.type), wire: wire.value
        ).complete(.make()) { _ in }
        let said = ChatMessage(
            .assistant, response.text, toolCalls: response.toolCalls, continuation: response.continuation)
        let results = response.toolCalls.map { ChatMessage(.tool, "done", toolCallID: $0.id) }
        let messages = [ChatMessage(.user, "hi"), said] + results + [ChatMessage(.user, "and?")]
        for other in Wire.allCases {
            let text = try await sent(other, messages).text()
            #expect(text.contains("\"\(field)\"") == (other == wire), "\(other)")
        }
    }

    @Test(arguments: ["reasoning-content", "comments-and-reasoning", "think-tags"])
    func `5 does not hold what a model thought`(_ name: String) async throws {
        let answer = Wire.chat.fixture(name)
        #expect(!answer.expectation.reasoning.isEmpty)
        let server = ScriptedServer([answer.response, .answer("ok")])
        let agent = ModelAgent(
            AgentSettings(name: "a"), model: WireProvider.make(server),
            window: ContextWindow(total: 8192, output: 1024), clock: VirtualClock(), logger: silent)
        let shown = Collected<ReplyPart>()
        let reply = try await agent.reply(to: .make("hi")) { shown.add($0) }
        #expect(shown.text == reply.text)
        #expect(!reply.text.contains(answer.expectation.reasoning))
        let history = [ChatMessage(.user, "hi")] + reply.messages
        _ = try await agent.reply(to: .make("and?", history: history)) { _ in }
        let second = String(decoding: try #require(server.seen.last?.body), as: UTF8.self)
        #expect(!second.contains("reasoning"))
        #expect(!second.contains(answer.expectation.reasoning))
    }
}

@Suite(.timeLimit(.minutes(1))) struct `a server with a small memory` {
    /// Found with a real llama.cpp of 1024 tokens: a conversation that had grown too long could not go on.
    @Test(arguments: [4096, 2048, 1024, 700])
    func `is sent less until it fits, so that the conversation goes on`(_ tokens: Int) async throws {
        let server = SmallServer(tokens: tokens)
        let agent = ModelAgent(
            AgentSettings(name: "a", instructions: "Be kind."), model: WireProvider.make(server),
            window: ContextWindow(model: "unknown"), clock: VirtualClock(), logger: silent)
        let history = (0..<50).flatMap { number in
            [ChatMessage(.user, "question \(number)"), ChatMessage(.assistant, String(repeating: "word ", count: 60))]
        }
        let reply = try await agent.reply(to: .make("and now?", history: history)) { _ in }
        #expect(reply.text == "it fits")
    }

    /// Refuses what is longer than its memory, as llama.cpp does.
    private struct SmallServer: HTTPHandler {
        let tokens: Int

        func respond(to request: HTTPRequest) async -> HTTPResponse {
            let count = request.body.count / 3
            guard count > tokens else { return .answer("it fits") }
            return .failing(
                400,
                "request (\(count) tokens) exceeds the available context size (\(tokens) tokens), try increasing it",
                type: "exceed_context_size_error")
        }
    }
}
