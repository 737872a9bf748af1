import PraisonCore
import PraisonSimulation
import Testing

@testable import PraisonAgents

@Suite(.timeLimit(.minutes(1))) struct `an agent that looks over its answers` {
    private func reply(_ model: ScriptedModel, tools: [any Tool] = []) async throws -> (Reply, String) {
        var settings = AgentSettings(name: "a")
        settings.reflects = true
        let agent = ModelAgent(
            settings, model: model, tools: ToolBox(tools), window: ContextWindow(total: 8192, output: 1024),
            clock: VirtualClock(), logger: silent)
        let parts = Collected<ReplyPart>()
        let reply = try await agent.reply(to: .make("2+2?")) { parts.add($0) }
        return (reply, parts.text)
    }

    @Test func `sends the better one, and only that`() async throws {
        let model = ScriptedModel([.saying("5"), .saying("unused")], whenForbidden: .saying("4"))
        let (reply, shown) = try await reply(model)
        #expect(reply.text == "4" && shown == "4")
        #expect(reply.messages.map(\.text) == ["4"])
        #expect(reply.usage == TokenUsage(input: 2, output: 2))
        #expect(reply.notes == ["the answer was bettered once"])
        #expect(model.requests.count == 2)
        #expect(model.requests.last?.messages.suffix(2).first == ChatMessage(.assistant, "5"))
    }

    @Test(arguments: ["KEEP", "Keep.", " ", "“KEEP”"])
    func `sends the first one where it may stand`(_ verdict: String) async throws {
        let (reply, shown) = try await reply(ScriptedModel([.saying("4")], whenForbidden: .saying(verdict)))
        #expect(reply.text == "4" && shown == "4")
        #expect(reply.notes.isEmpty)
    }

    @Test func `sends the first one where it can't be looked over`() async throws {
        var cut = ModelResponse.saying("The answ")
        cut.finish = .length
        let (reply, _) = try await reply(ScriptedModel([.saying("4")], whenForbidden: cut))
        #expect(reply.text == "4")
    }

    @Test func `shows at once what it says before it uses a tool`() async throws {
        let model = ScriptedModel(
            [.calling([("1", "add", "{}")], saying: "Let me see."), .saying("5")], whenForbidden: .saying("4"))
        let (reply, shown) = try await reply(model, tools: [StubTool("add") { _ in "4" }])
        #expect(reply.text == "Let me see.\n\n4" && shown == reply.text)
        #expect(reply.messages.last?.text == "4")
        // Once for each answer, not for each step.
        #expect(model.requests.count == 3)
    }
}
