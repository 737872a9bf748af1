import PraisonCore
import PraisonSimulation
import Testing

@testable import PraisonAgents

@Suite(.timeLimit(.minutes(1))) struct `a model that knows no tools` {
    private static let weather = ModelRequest.Tool(
        name: "weather", description: "Weather.", parameters: ["type": "object"])

    private func body(_ server: ScriptedServer, _ index: Int) throws -> JSONValue {
        try JSONDocument(parsing: server.seen[index].body).value
    }

    /// In the words, and with the status, of Ollama, OpenRouter, llama.cpp, vLLM, Gemini, OpenAI, DeepSeek and Groq.
    @Test(arguments: [
        (400, "registry.ollama.ai/library/gemma3:4b does not support tools"),
        (404, "No endpoints found that support tool use. Try disabling \"weather\"."),
        (500, "tools param requires --jinja flag"),
        (400, "\"auto\" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set"),
        (400, "Function calling is not enabled for models/gemma-3-27b-it"),
        (400, "Unsupported parameter: 'tools' is not supported with this model."),
        (400, "deepseek-reasoner does not support Function Calling"),
        (400, "`tool calling` is not supported with this model"),
    ])
    func `is asked without them from then on, and the log says so`(_ status: Int, _ complaint: String) async throws {
        let lines = Collected<String>()
        let server = ScriptedServer([.failing(status, complaint), .answer("one"), .answer("two")])
        let model = WireProvider.make(server, logger: LogRecorder.logger(lines))
        var request = ModelRequest.make()
        (request.tools, request.toolChoice) = ([Self.weather], .required)
        #expect(try await model.complete(request) { _ in }.text == "one")
        #expect(try await model.complete(request) { _ in }.text == "two")
        #expect(server.seen.count == 3)
        #expect(try body(server, 0)["tools"] != nil)
        for index in 1...2 {
            #expect(try body(server, index)["tools"] == nil && body(server, index)["tool_choice"] == nil)
        }
        #expect(lines.all.count == 1)
        #expect(lines.all.first?.hasPrefix("warning the model can't use tools") == true)
        #expect(lines.all.first?.contains(complaint.prefix(20)) == true)
    }

    @Test(arguments: [
        "tools.0.custom.input_schema: input_schema does not support oneOf, allOf, or anyOf at the top level",
        "This model does not support tool_choice 'required'", "parallel_tool_calls is not supported",
    ])
    func `is not what is meant by a complaint about one tool, or the way it is used`(_ complaint: String) async {
        let server = ScriptedServer([.failing(400, complaint)])
        var request = ModelRequest.make()
        request.tools = [Self.weather]
        await #expect(throws: ModelError.self) { try await WireProvider.make(server).complete(request) { _ in } }
        #expect(server.seen.count == 1)
    }

    /// It may take the place of one that does, in the middle of a turn.
    @Test func `is told in words what came of those that were used before`() async throws {
        let server = ScriptedServer([.failing(400, "x does not support tools"), .answer("ok")])
        let request = ModelRequest(
            messages: [
                ChatMessage(.user, "Paris and Oslo?"),
                ChatMessage(
                    .assistant, "Let me look.",
                    toolCalls: [
                        ToolCall(id: "1", name: "weather", arguments: "{}"),
                        ToolCall(id: "2", name: "maps", arguments: "{}"),
                    ]),
                ChatMessage(.tool, "rain", toolCallID: "1"), ChatMessage(.tool, "north", toolCallID: "2"),
                ChatMessage(.assistant, "Rain."), ChatMessage(.user, "Well?"),
            ], tools: [Self.weather])
        _ = try await WireProvider.make(server).complete(request) { _ in }
        #expect(
            try body(server, 1)["messages"] == [
                ["role": "user", "content": "Paris and Oslo?"],
                ["role": "assistant", "content": "Let me look.\n[used weather, maps]"],
                ["role": "user", "content": "[the result of weather]\nrain\n\n[the result of maps]\nnorth"],
                ["role": "assistant", "content": "Rain."], ["role": "user", "content": "Well?"],
            ])
    }
}
