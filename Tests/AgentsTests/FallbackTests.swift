import PraisonCore
import PraisonSimulation
import Testing

@testable import PraisonAgents

@Suite(.timeLimit(.minutes(1))) struct `falling back to another model` {
    private let clock = VirtualClock()

    private func chain(
        _ models: [any ModelProvider], windows: [ContextWindow]? = nil, lines: Collected<String> = Collected()
    ) -> FallbackModel {
        let windows = windows ?? models.map { _ in ContextWindow(total: 8192, output: 1024) }
        return FallbackModel(
            zip(models, windows).map { FallbackModel.Candidate(model: $0, window: $1) }, clock: clock,
            logger: LogRecorder.logger(lines))
    }

    @Test(arguments: [
        AgentError.Kind.rateLimit, .overloaded, .auth, .billing, .modelNotFound, .idleTimeout, .transient,
    ])
    func `asks the next one, says so in the log and records who answered`(_ kind: AgentError.Kind) async throws {
        let lines = Collected<String>()
        let first = FailingModel("a/first", ModelError(kind, detail: "no"))
        let response = try await chain([first, ScriptedModel([.saying("second")])], lines: lines).complete(.make()) {
            _ in
        }
        #expect(response.text == "second")
        #expect(response.model == "test/scripted")
        #expect(lines.all.contains { $0.contains("a/first") && $0.contains(kind.rawValue) })
    }

    @Test func `does not ask again once a word was shown`() async throws {
        let second = ScriptedModel([.saying("second")])
        let first = FailingModel("a/first", ModelError(.transient, detail: "broke off"), after: "Well, ")
        let shown = Collected<ModelEvent>()
        let error = await #expect(throws: ModelError.self) {
            try await chain([first, second]).complete(.make()) { shown.add($0) }
        }
        #expect(error?.detail == "broke off")
        #expect(shown.all == [.text("Well, ")])
        #expect(second.requests.isEmpty)
    }

    @Test func `asks again what nobody has read, and tells none of it`() async throws {
        let first = FailingModel("a/first", ModelError(.transient, detail: "broke off"), after: "Well, ")
        let told = Collected<ModelEvent>()
        var request = ModelRequest.make()
        request.isWatched = false
        let response = try await chain([first, ScriptedModel([.saying("second")])]).complete(request) { told.add($0) }
        #expect(response.text == "second")
        #expect(told.all == [.text("second")])
    }

    @Test func `lets a model that failed rest, and comes back to it`() async throws {
        let first = FailingModel("a/first", ModelError(.overloaded, detail: "busy"))
        let chain = chain([first, ScriptedModel([.saying("1"), .saying("2"), .saying("3")])])
        _ = try await chain.complete(.make()) { _ in }
        _ = try await chain.complete(.make()) { _ in }
        #expect(first.count == 1)
        clock.advance(by: FallbackModel.rest + .seconds(1))
        _ = try await chain.complete(.make()) { _ in }
        #expect(first.count == 2)
    }

    @Test func `asks those that rest when nobody else is left, and tells what each failed of`() async throws {
        let models = ["a/1", "b/2"].map { FailingModel($0, ModelError(.rateLimit, detail: "\($0) is full")) }
        let chain = chain(models)
        for _ in 1...2 {
            let error = await #expect(throws: ModelError.self) { try await chain.complete(.make()) { _ in } }
            #expect(error?.kind == .rateLimit)
            #expect(error?.detail == "a/1: a/1 is full; b/2: b/2 is full")
        }
        #expect(models.map(\.count) == [2, 2])
    }

    @Test func `forgets the oldest of a conversation that the next one has no room for`() async throws {
        let second = ScriptedModel([.saying("ok")])
        let chain = chain(
            [FailingModel("a/1", ModelError(.auth, detail: "no")), second],
            windows: [ContextWindow(total: 100_000, output: 4096), ContextWindow(total: 400, output: 100)])
        let old = String(repeating: "word ", count: 400)
        let request = ModelRequest(messages: [
            ChatMessage(.system, "be kind"), ChatMessage(.user, old), ChatMessage(.assistant, "yes"),
            ChatMessage(.user, "and now?"),
        ])
        _ = try await chain.complete(request) { _ in }
        #expect(second.requests.first?.messages.map(\.text) == ["be kind", "and now?"])
        #expect(second.requests.first?.maximumOutputTokens == 100)
    }

    @Test func `is not done for a conversation that is too long: less of it is sent`() async {
        let second = ScriptedModel([.saying("ok")])
        let first = FailingModel("a/1", ModelError(.contextOverflow, detail: "too long"))
        let error = await #expect(throws: ModelError.self) {
            try await chain([first, second]).complete(.make()) { _ in }
        }
        #expect(error?.kind == .contextOverflow)
        #expect(second.requests.isEmpty)
    }

    @Test func `ends with the turn`() async {
        let first = FailingModel("a/1", CancellationError())
        let second = ScriptedModel([.saying("ok")])
        await #expect(throws: CancellationError.self) { try await chain([first, second]).complete(.make()) { _ in } }
        #expect(second.requests.isEmpty)
    }

    // MARK: From the configuration

    private func factory(_ environment: [String: String], _ server: any HTTPHandler) -> AgentFactory {
        AgentFactory(
            environment: environment, http: InMemoryHTTPClient(server), clock: clock, entropy: SeededEntropy(),
            logger: silent)
    }

    private func agent(_ change: (inout AgentSettings) -> Void) -> AgentSettings {
        var settings = AgentSettings(name: "a")
        change(&settings)
        return settings
    }

    @Test func `goes to the next provider with that one's own key`() async throws {
        let server = ScriptedServer([.failing(401), .answer("from groq")])
        let settings = agent {
            $0.model = "gpt-4o-mini"
            $0.apiKey = Secret("sk-own")
            $0.fallback = ["groq/llama-3.1-8b-instant"]
        }
        let made = factory(["GROQ_API_KEY": "gsk-1"], server).agents(for: [settings], fallbackModel: nil)[0]
        #expect(made.description.model == "openai/gpt-4o-mini")
        #expect(made.note?.contains("falls back to groq/llama-3.1-8b-instant") == true)
        let reply = try await made.agent.reply(to: .make("hi")) { _ in }
        #expect(reply.text == "from groq")
        #expect(reply.model == "groq/llama-3.1-8b-instant")
        #expect(server.seen.map { $0.headers["authorization"] } == ["Bearer sk-own", "Bearer gsk-1"])
        #expect(server.seen[1].target == "https://api.groq.com/openai/v1/chat/completions")
    }

    @Test func `asks for a name without a prefix at the agent's own server`() async throws {
        let server = ScriptedServer([.failing(404, code: "model_not_found"), .answer("ok")])
        let settings = agent {
            ($0.model, $0.baseURL, $0.apiKey) = ("big", "http://box.test:8000/v1", Secret("k"))
            $0.fallback = ["small"]
        }
        _ = try await factory([:], server).agents(for: [settings], fallbackModel: nil)[0].agent.reply(to: .make("hi")) {
            _ in
        }
        #expect(server.seen.allSatisfy { $0.target == "http://box.test:8000/v1/chat/completions" })
        let asked = try server.seen.map { try JSONDocument(parsing: $0.body)["model"]?.string }
        #expect(asked == ["big", "small"])
        #expect(server.seen.last?.headers["authorization"] == "Bearer k")
    }

    @Test func `leaves out what has no key, and stands in for a first choice that has none`() async throws {
        let server = ScriptedServer([.answer("ok")])
        let settings = agent {
            $0.model = "claude-3-5-haiku"
            $0.fallback = ["mistral-small", "gpt-4o"]
        }
        let made = factory(["OPENAI_API_KEY": "sk-1"], server).agents(for: [settings], fallbackModel: nil)[0]
        #expect(made.isReady)
        #expect(made.description.model == "openai/gpt-4o")
        #expect(made.note?.contains("ANTHROPIC_API_KEY") == true)
        #expect(made.note?.contains("MISTRAL_API_KEY") == true)
        #expect(try await made.agent.reply(to: .make("hi")) { _ in }.text == "ok")
    }
}

/// A model that fails, perhaps after a few words.
final class FailingModel: ModelProvider {
    let name: String
    private let error: any Error
    private let words: String
    private let asked = Collected<Int>()

    init(_ name: String, _ error: any Error, after words: String = "") {
        self.name = name
        self.error = error
        self.words = words
    }

    var count: Int { asked.all.count }

    func complete(
        _ request: ModelRequest, emit: @escaping @Sendable (ModelEvent) async throws -> Void
    ) async throws -> ModelResponse {
        asked.add(1)
        if !words.isEmpty { try await emit(.text(words)) }
        throw error
    }
}
