import PraisonCore
import PraisonSimulation
import Testing

@testable import PraisonAgents

/// A chat template opened `<think>` itself, and the server did not cut the thoughts off: only the end of them comes.
@Suite(.timeLimit(.minutes(1))) struct `thoughts of which only the end is marked` {
    @Test(arguments: [
        ("Two and two.\n</think>\n\nFour.", "Two and two.", "Four."), ("</think>\n\nFour.", "", "Four."),
        ("Hm.</think>Four.", "Hm.", "Four."), ("Hm. </think>\nFour.", "Hm.", "Four."), ("Hm.\n</think>", "Hm.", ""),
        ("Hm.\n</think>\nWrite `</think>`.", "Hm.", "Write `</think>`."),
    ])
    func `are told from the answer`(_ text: String, _ thought: String, _ answer: String) {
        let stray = StrayThought(in: text)
        #expect(stray?.thought == thought)
        #expect(stray?.answer == answer)
    }

    @Test(arguments: [
        "plain", "", "a <think>b</think> c", "The tag is `</think>`.", "It ends with </think> and goes on.",
        "```\nhm\n</think>\n```", "Write \"</think>\" then.", "It ends with </think>",
    ])
    func `are not seen in an answer that speaks about the tag`(_ text: String) {
        #expect(StrayThought(in: text) == nil)
    }

    private func agent(_ model: any ModelProvider, tools: [any Tool] = [], reflects: Bool = false) -> ModelAgent {
        var settings = AgentSettings(name: "a")
        settings.reflects = reflects
        return ModelAgent(
            settings, model: model, tools: ToolBox(tools), window: ContextWindow(total: 8192, output: 1024),
            clock: VirtualClock(), logger: silent)
    }

    @Test func `5 are in neither the reply nor what is remembered, though they were shown`() async throws {
        let server = FakeModelServer(clock: VirtualClock())
        server.prepare(.say("Two and two.\n</think>\n\nFour: \n\na < b"))
        let shown = Collected<ReplyPart>()
        let reply = try await agent(WireProvider.make(server)).reply(to: .make("2+2?")) { shown.add($0) }
        #expect(shown.text.hasPrefix("Two and two."))
        #expect(reply.text == "Four: \n\na < b")
        #expect(reply.messages == [ChatMessage(.assistant, "Four: \n\na < b")])
    }

    @Test func `are cut in every step of a turn with tools`() async throws {
        let model = ScriptedModel([
            .calling([("1", "add", "{}")], saying: "I must add.\n</think>\n\nLet me see.").withoutStrayThought,
            ModelResponse.saying("So it is.\n</think>\n\nFour.").withoutStrayThought,
        ])
        let reply = try await agent(Showing(model), tools: [StubTool("add") { _ in "4" }]).reply(to: .make("2+2?")) {
            _ in
        }
        #expect(reply.text == "Let me see.\n\nFour.")
        #expect(reply.messages.map(\.text) == ["Let me see.", "4", "Four."])
    }

    @Test func `are no answer alone`() async throws {
        let server = FakeModelServer(clock: VirtualClock())
        server.prepare(.say("Two and two.\n</think>\n\n"))
        let reply = try await agent(WireProvider.make(server)).reply(to: .make("2+2?")) { _ in }
        #expect(reply.text.contains("put it differently"))
        #expect(!reply.text.contains("Two and two"))
    }

    @Test func `are never shown of an answer that is looked over first`() async throws {
        let server = ScriptedServer([.answer("Two and two.\n</think>\n\nFour."), .answer("Fine.\n</think>\n\nKEEP")])
        let shown = Collected<ReplyPart>()
        let reply = try await agent(WireProvider.make(server), reflects: true).reply(to: .make("2+2?")) {
            shown.add($0)
        }
        #expect(reply.text == "Four." && shown.text == "Four.")
    }

    @Test func `are thoughts to whoever asks for them`() async throws {
        let server = ScriptedServer([.answer("Two and two.\n</think>\n\nFour.")])
        let response = try await WireProvider.make(server).complete(.make()) { _ in }
        #expect(response.text == "Four." && response.reasoning == "Two and two.")
    }
}

/// Shows each answer with thoughts, as a stream that knows of them only when they are over.
private struct Showing: ModelProvider {
    let model: ScriptedModel
    var name: String { model.name }

    init(_ model: ScriptedModel) { self.model = model }

    func complete(
        _ request: ModelRequest, emit: @escaping @Sendable (ModelEvent) async throws -> Void
    ) async throws -> ModelResponse {
        let response = try await model.complete(request) { _ in }
        try await emit(.text(response.reasoning + "\n</think>\n\n" + response.text))
        return response
    }
}
