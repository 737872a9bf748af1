import PraisonCore
import PraisonSimulation
import Testing

@testable import PraisonAgents

@Suite struct `the demonstration model with tools` {
    private func ask(
        _ question: String, tools: [String] = ["calculator", "current_time", "get_weather", "search_web", "say"],
        history: [ChatMessage] = [ChatMessage(.user, "hello"), ChatMessage(.assistant, "hello")]
    ) async throws -> (reply: Reply, parts: [ReplyPart]) {
        let clock = VirtualClock()
        let stubs: [any Tool] = tools.map { name in
            switch name {
            case "calculator": CalculatorTool()
            case "current_time": CurrentTimeTool(clock: clock)
            case "get_weather":
                StubTool(name) { arguments in "\(arguments["location"]?.string ?? "?"): fine" }
            case "search_web": StubTool(name) { _ in throw ToolError("the search service can't be reached") }
            default: StubTool(name) { arguments in arguments.value.text() }
            }
        }
        let agent = ModelAgent(
            AgentSettings(name: "demo"), model: DemonstrationModel(), tools: ToolBox(stubs),
            window: ContextWindow(model: "offline/demo"), clock: clock, logger: silent)
        let parts = Collected<ReplyPart>()
        let reply = try await agent.reply(to: .make(question, history: history)) { parts.add($0) }
        return (reply, parts.all)
    }

    @Test(arguments: [
        ("what is 3*4", "calculator", "3*4 = 12"), ("What time is it?", "current_time", "2026-01-01"),
        ("search for swift actors", "search_web", "can't be reached"),
        ("weather in Oslo?", "get_weather", "oslo: fine"),
        ("use say {\"words\": \"hi\"}", "say", "{\"words\":\"hi\"}"),
    ])
    func `has them find out, through the same loop as any model`(
        _ question: String, _ tool: String, _ words: String
    ) async throws {
        let (reply, parts) = try await ask(question)
        #expect(reply.text.contains(words))
        #expect(reply.messages.map(\.role) == [.assistant, .tool, .assistant])
        #expect(reply.messages[0].toolCalls.map(\.name) == [tool])
        #expect(parts.contains { if case .toolResult = $0 { true } else { false } })
    }

    @Test func `says once that something went wrong`() async throws {
        let text = try await ask("search for swift actors").reply.text
        #expect(text.contains("I asked the tool search_web, but: the search service can't be reached"))
    }

    @Test func `asks for two things at once`() async throws {
        let (reply, _) = try await ask("how is the weather in Paris and in Rome?")
        #expect(reply.messages[0].toolCalls.count == 2)
        #expect(Set(reply.messages[0].toolCalls.map(\.id)).count == 2)
        #expect(reply.text.contains("paris: fine"))
        #expect(reply.text.contains("rome: fine"))
    }

    @Test func `knows what it may use, and does sums by itself without a tool`() async throws {
        #expect(try await ask("what is 3*4", tools: []).reply.text.contains("3*4 = 12."))
        #expect(try await ask("what is 3*4", tools: []).reply.messages.count == 1)
        #expect(try await ask("search for cats", tools: ["calculator"]).reply.messages.count == 1)
    }

    @Test func `says what it is on the way`() async throws {
        let reply = try await ask("what is 3*4", history: []).reply
        #expect(reply.text.contains("built-in demonstration model"))
    }
}
