import PraisonCore
import PraisonSimulation
import Testing

@testable import PraisonAgents

@Suite struct `a Chat Completions provider` {
    private func ask(
        _ server: any HTTPHandler, baseURL: String = "http://models.example/v1", model: String = "small-1",
        key: String? = "sk-test-1234567890", _ request: ModelRequest = .make()
    ) async throws -> ModelResponse {
        try await WireProvider.make(server, baseURL: baseURL, model: model, key: key).complete(request) { _ in }
    }

    private func body(_ request: HTTPRequest?) -> JSONValue {
        request.flatMap { try? JSONDocument(parsing: $0.body).value } ?? .null
    }

    @Test(arguments: [
        ("https://a.example", "https://a.example/v1/chat/completions"),
        ("https://a.example/", "https://a.example/v1/chat/completions"),
        ("https://a.example/v1", "https://a.example/v1/chat/completions"),
        ("https://a.example/v1/", "https://a.example/v1/chat/completions"),
        ("  https://a.example/v1//\n", "https://a.example/v1/chat/completions"),
        ("https://a.example/v1/chat/completions", "https://a.example/v1/chat/completions"),
        ("https://a.example/openai/v1", "https://a.example/openai/v1/chat/completions"),
        ("https://a.example/api", "https://a.example/api/v1/chat/completions"),
        ("https://a.example/v1beta/openai/", "https://a.example/v1beta/openai/chat/completions"),
        ("HTTP://[::1]:8080", "http://[::1]:8080/v1/chat/completions"),
        ("http://u:p@a.example:81/v2?x=1#y", "http://u:p@a.example:81/v2/chat/completions?x=1"),
        (
            "https://x.openai.azure.com/openai/deployments/d?api-version=1",
            "https://x.openai.azure.com/openai/deployments/d/chat/completions?api-version=1"
        ),
    ])
    func `finds the path in any form of base_url`(_ written: String, _ url: String) async throws {
        let server = ScriptedServer([.answer("ok")])
        _ = try await ask(server, baseURL: written)
        #expect(server.seen.map(\.target) == [url])
    }

    @Test(
        arguments: [
            ("https://x.openai.azure.com", nil, "https://x.openai.azure.com/openai/v1/chat/completions"),
            ("https://x.services.ai.azure.com/", nil, "https://x.services.ai.azure.com/openai/v1/chat/completions"),
            (
                "https://x.openai.azure.com/openai/deployments/d", "2025-01-01",
                "https://x.openai.azure.com/openai/deployments/d/chat/completions?api-version=2025-01-01"
            ),
            (
                "https://x.openai.azure.com/openai/deployments/d?api-version=1", "2025-01-01",
                "https://x.openai.azure.com/openai/deployments/d/chat/completions?api-version=1"
            ),
            ("https://a.example", "2025-01-01", "https://a.example/v1/chat/completions"),
        ] as [(String, String?, String)])
    func `completes what is left out of Azure's addresses`(_ written: String, _ version: String?, _ url: String) throws
    {
        let endpoint = try #require(ServerEndpoint(baseURL: written)).completedForAzure(version: version)
        #expect(endpoint.urls(of: ["chat", "completions"], version: "v1").first == url)
    }

    @Test(arguments: ["", "a.example/v1", "ftp://a.example", "http://", "http:///v1", "http://a b/v1", "http://a:x/v1"])
    func `knows what is no address`(_ written: String) {
        #expect(ServerEndpoint(baseURL: written) == nil)
    }

    @Test(arguments: [
        ("http://localhost:1", true), ("http://127.0.0.1", true), ("http://192.168.1.5", true), ("http://[::1]", true),
        ("http://172.20.0.2", true), ("http://gpu-box:8000", true), ("https://api.openai.com", false),
        ("http://8.8.8.8", false), ("http://10.example.com", false),
    ])
    func `knows servers nearby`(_ url: String, _ isLocal: Bool) {
        #expect(ServerEndpoint(baseURL: url)?.isLocal == isLocal)
    }

    @Test func `tries the path without v1 where the one with it does not exist, and remembers`() async throws {
        let missing = HTTPResponse.text("<html>404 page not found</html>", status: 404)
        let server = ScriptedServer([missing, .answer("one"), .answer("two")])
        let provider = WireProvider.make(server, baseURL: "https://a.example/inference")
        #expect(try await provider.complete(.make()) { _ in }.text == "one")
        #expect(try await provider.complete(.make()) { _ in }.text == "two")
        #expect(
            server.seen.map(\.path) == [
                "/inference/v1/chat/completions", "/inference/chat/completions", "/inference/chat/completions",
            ])
    }

    @Test func `takes a missing model for a missing model`() async {
        let server = ScriptedServer([.failing(404, "The model `x` does not exist", code: "model_not_found")])
        let error = await #expect(throws: ModelError.self) { try await ask(server, baseURL: "https://a.example") }
        #expect(error?.kind == .modelNotFound)
        #expect(server.seen.count == 1)
    }

    @Test func `says who asks, and sends no key where there is none`() async throws {
        let server = ScriptedServer([.answer("ok")])
        _ = try await ask(server)
        _ = try await ask(server, key: nil)
        _ = try await ask(server, baseURL: "https://x.openai.azure.com/openai/v1")
        #expect(server.seen.map { $0.headers["authorization"] } == ["Bearer sk-test-1234567890", nil, nil])
        #expect(server.seen.last?.headers["api-key"] == "sk-test-1234567890")
    }

    @Test func `asks a compatible server in the old words and OpenAI in the new`() async throws {
        let server = ScriptedServer([.answer("ok")])
        _ = try await ask(server, .make(temperature: 0.5))
        _ = try await ask(server, baseURL: "https://api.openai.com/v1", model: "gpt-4o", .make(temperature: 0.5))
        let (old, new) = (body(server.seen.first), body(server.seen.last))
        #expect(old["max_tokens"] == 4096)
        #expect(old["max_completion_tokens"] == nil)
        #expect(new["max_tokens"] == nil)
        #expect(new["max_completion_tokens"] == 4096)
        #expect(old["temperature"] == 0.5)
        #expect(old["stream"] == true)
        #expect(old["stream_options"]?["include_usage"] == true)
        #expect(old["messages"] == [["role": "user", "content": "hello"]])
    }

    @Test(arguments: [
        ("o1", true), ("o3-mini", true), ("o4-mini", true), ("gpt-5", true), ("gpt-5-mini", true), ("codex-mini", true),
        ("openai/o3", true), ("gpt-5-chat-latest", false), ("gpt-4o", false), ("o2x", false), ("olmo-2", false),
    ])
    func `leaves the temperature out for models that have only one`(_ model: String, _ isLeftOut: Bool) async throws {
        let server = ScriptedServer([.answer("ok")])
        _ = try await ask(server, model: model, .make(temperature: 0.5))
        #expect((body(server.seen.first)["temperature"] == nil) == isLeftOut)
        #expect((body(server.seen.first)["max_tokens"] == nil) == isLeftOut)
    }

    @Test(arguments: [
        ("Unsupported parameter: 'stream_options'", 400, "stream_options"),
        (
            "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
            400, "max_tokens"
        ),
        ("Unsupported value: 'temperature' does not support 0.5 with this model.", 400, "temperature"),
        ("Your model does not support streaming", 400, "stream"),
        ("Extra inputs are not permitted: stream_options", 422, "stream_options"),
    ])
    func `gives up a field the server refuses, and remembers`(
        _ complaint: String, _ status: Int, _ field: String
    ) async throws {
        let server = ScriptedServer([.failing(status, complaint), .answer("one"), .answer("two")])
        let provider = WireProvider.make(server)
        #expect(try await provider.complete(.make(temperature: 0.5)) { _ in }.text == "one")
        #expect(try await provider.complete(.make(temperature: 0.5)) { _ in }.text == "two")
        #expect(server.seen.map { body($0)[field] == nil } == [false, true, true])
        if field == "max_tokens" { #expect(body(server.seen.last)["max_completion_tokens"] == 4096) }
    }

    @Test func `gives up when every form is refused`() async {
        let server = ScriptedServer([.failing(400, "Unsupported: stream_options, max_tokens, temperature")])
        let error = await #expect(throws: ModelError.self) { try await ask(server, .make(temperature: 1)) }
        #expect(error?.kind == .invalidRequest)
        #expect(server.seen.count <= 8)
    }

    @Test func `asks for a whole answer when that is wanted`() async throws {
        let clock = VirtualClock()
        let server = FakeModelServer(clock: clock)
        var request = ModelRequest.make()
        request.streams = false
        let response = try await WireProvider.make(server).complete(request) { _ in }
        #expect(response.text == "echo: hello")
        #expect(response.usage != nil)
        #expect(server.calls.first?.body["stream"] == nil)
    }

    @Test func `tells each piece as it comes, and once`() async throws {
        let events = Collected<ModelEvent>()
        let server = FakeModelServer(clock: VirtualClock())
        server.prepare(.think("hm", thenSay: "one two three"))
        let response = try await WireProvider.make(server).complete(.make()) { events.add($0) }
        #expect(events.all == [.reasoning("hm"), .text("one"), .text(" two"), .text(" three")])
        #expect(response.text == "one two three")
        #expect(response.model == "openai/small-1")
        #expect(response.finish == .stop)
    }

    @Test func `tells tool calls while they grow`() async throws {
        let events = Collected<ModelEvent>()
        let server = FakeModelServer(clock: VirtualClock())
        let call = ToolCall(id: "call_9", name: "weather", arguments: #"{"city":"Oslo"}"#)
        server.prepare(.callTools([call]))
        let response = try await WireProvider.make(server).complete(.make()) { events.add($0) }
        #expect(response.toolCalls == [call])
        #expect(response.finish == .toolCalls)
        #expect(events.all.first == .toolCall(position: 0, id: "call_9", name: "weather", arguments: ""))
        #expect(events.all.count > 2)
    }

    @Test func `sends tools and their results in OpenAI's words`() async throws {
        let server = ScriptedServer([.answer("ok")])
        let request = ModelRequest(
            messages: [
                ChatMessage(.user, "weather?"),
                ChatMessage(.assistant, "", toolCalls: [ToolCall(id: "c", name: "weather", arguments: "{}")]),
                ChatMessage(.tool, "rain", toolCallID: "c"),
            ],
            tools: [ModelRequest.Tool(name: "weather", description: "Weather.", parameters: ["type": "object"])])
        _ = try await ask(server, request)
        let sent = body(server.seen.first)
        #expect(sent["messages"]?[1]?["content"] == .null)
        #expect(sent["messages"]?[1]?["tool_calls"]?[0]?["function"]?["arguments"] == "{}")
        #expect(sent["messages"]?[2] == ["role": "tool", "content": "rain", "tool_call_id": "c"])
        #expect(sent["tools"]?[0]?["function"]?["parameters"] == ["type": "object", "properties": [:]])
    }
}
