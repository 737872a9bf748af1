import PraisonCore
import PraisonSimulation
import Testing

@testable import PraisonAgents

@Suite struct `the agents of a configuration` {
    private func factory(_ environment: [String: String] = [:], _ server: any HTTPHandler = ScriptedServer([]))
        -> AgentFactory
    {
        AgentFactory(
            environment: environment, http: InMemoryHTTPClient(server), clock: VirtualClock(),
            entropy: SeededEntropy(), logger: silent)
    }

    private let seed = [
        AgentSettings(name: "support", model: "gpt-4o-mini"),
        AgentSettings(name: "sales", model: "claude-3-5-sonnet-20241022"), AgentSettings(name: "vip"),
    ]

    private func models(_ agents: [ConfiguredAgent]) -> [String] { agents.map(\.description.model) }

    @Test func `are all the demonstration model while nothing is configured`() async throws {
        let agents = factory(["OPENAI_API_KEY": " \n", "OLLAMA_HOST": "0.0.0.0"]).agents(for: seed, fallbackModel: nil)
        #expect(models(agents) == ["offline/demo", "offline/demo", "offline/demo"])
        #expect(agents.allSatisfy { $0.isReady && $0.note?.contains("no key is set") == true })
        #expect(agents[1].note?.contains("claude-3-5-sonnet-20241022") == true)
        #expect(agents.map { $0.note?.contains("ANTHROPIC_API_KEY") } == [false, true, false])
        let reply = try await agents[0].agent.reply(to: .make("hello")) { _ in }
        #expect(reply.model == "offline/demo")
    }

    @Test(arguments: [
        ["OPENAI_API_KEY": "sk-1"], ["OPENAI_BASE_URL": "http://localhost:9/v1"], ["ANTHROPIC_API_KEY": "sk-ant"],
        ["GROQ_API_KEY": "gsk"], ["GOOGLE_API_KEY": "x"],
    ])
    func `never are as soon as the environment names a key or a server`(_ environment: [String: String]) {
        let agents = factory(environment).agents(for: seed, fallbackModel: nil)
        #expect(!models(agents).contains("offline/demo"))
        #expect(models(agents)[1] == "anthropic/claude-3-5-sonnet-20241022")
    }

    @Test func `never are as soon as one of them has a key, a server or a model nearby`() {
        let ones = [
            AgentSettings(name: "one", apiKey: Secret("sk-1")),
            AgentSettings(name: "one", baseURL: "http://localhost:8000"), AgentSettings(name: "one", model: "ollama/x"),
        ]
        for one in ones {
            let agents = factory().agents(for: [one, AgentSettings(name: "two")], fallbackModel: nil)
            #expect(!models(agents).contains("offline/demo"))
            #expect(agents.map(\.isReady) == [true, false])
        }
    }

    @Test func `may be the demonstration model by choice`() {
        let agents = factory(["OPENAI_API_KEY": "sk-1"]).agents(
            for: [AgentSettings(name: "a", model: "offline/demo"), AgentSettings(name: "b")], fallbackModel: nil)
        #expect(models(agents) == ["offline/demo", "openai/gpt-4o-mini"])
    }

    @Test func `say that they are not configured, with the cause for the log`() async {
        let agents = factory(["GROQ_API_KEY": "x"]).agents(for: seed, fallbackModel: nil)
        let error = await #expect(throws: AgentError.self) { try await agents[0].agent.reply(to: .make("hi")) { _ in } }
        #expect(error?.kind == .auth)
        #expect(
            error?.detail == "agent support is not configured: no key: set OPENAI_API_KEY or agents.support.api_key")
        #expect(agents[0].note == error?.detail)
        #expect(!agents[0].isReady)
    }

    @Test func `without a model have the file's, else the usual one`() {
        let environment = ["OPENAI_API_KEY": "sk-1"]
        let settings = [AgentSettings(name: "a"), AgentSettings(name: "b", model: " ")]
        #expect(
            models(factory(environment).agents(for: settings, fallbackModel: "gpt-4o")) == [
                "openai/gpt-4o", "openai/gpt-4o",
            ])
        #expect(models(factory(environment).agents(for: settings, fallbackModel: nil))[0] == "openai/gpt-4o-mini")
    }

    @Test(arguments: [
        (["ANTHROPIC_API_KEY": "k"], "anthropic/claude-haiku-4-5"),
        (["GEMINI_API_KEY": "k"], "gemini/gemini-2.5-flash"),
        (["GROQ_API_KEY": "k", "DEEPSEEK_API_KEY": "k"], "groq/llama-3.3-70b-versatile"),
        (["OPENAI_API_KEY": "k", "ANTHROPIC_API_KEY": "k"], "openai/gpt-4o-mini"),
        (["OPENAI_BASE_URL": "http://localhost:9/v1", "ANTHROPIC_API_KEY": "k"], "openai/gpt-4o-mini"),
    ])
    func `without a model anywhere have the usual one of whoever there is a key for`(
        environment: [String: String], label: String
    ) {
        let agents = factory(environment).agents(for: [AgentSettings(name: "a")], fallbackModel: nil)
        #expect(models(agents) == [label])
        #expect(agents.allSatisfy { $0.isReady })
    }

    @Test func `without a model have their provider's usual one, and at a server of their own the common one`() {
        let environment = ["ANTHROPIC_API_KEY": "k", "OPENAI_API_KEY": "k"]
        let agents = factory(environment).agents(
            for: [
                AgentSettings(name: "a", provider: "anthropic"),
                AgentSettings(name: "b", baseURL: "http://localhost:8000/v1"),
            ], fallbackModel: nil)
        #expect(models(agents) == ["anthropic/claude-haiku-4-5", "openai/gpt-4o-mini"])
    }

    /// A model, its base_url, the environment; and what is asked where, with which key.
    struct Example: Sendable, CustomTestStringConvertible {
        var model: String
        var provider: String?
        var baseURL: String?
        var key: String?
        var environment: [String: String] = [:]
        var label: String
        /// `nil` where the model is in the URL.
        var asked: String?
        var url: String
        var sends: String?
        var wire = ModelFixture.Wire.chat
        var testDescription: String { "\(model) \(baseURL ?? "") \(environment)" }
    }

    static let examples = [
        Example(
            model: "gpt-4o-mini", environment: ["OPENAI_API_KEY": "sk-1\n"], label: "openai/gpt-4o-mini",
            asked: "gpt-4o-mini", url: "https://api.openai.com/v1/chat/completions", sends: "sk-1"),
        Example(
            model: "openai/o3-mini", key: "own", environment: ["OPENAI_API_KEY": "sk-1"], label: "openai/o3-mini",
            asked: "o3-mini", url: "https://api.openai.com/v1/chat/completions", sends: "own"),
        Example(
            model: "gpt-4o", environment: ["OPENAI_BASE_URL": "http://proxy.example/"], label: "openai/gpt-4o",
            asked: "gpt-4o", url: "http://proxy.example/v1/chat/completions"),
        Example(
            model: "groq/llama-3.3-70b", environment: ["GROQ_API_KEY": "gsk", "OPENAI_API_KEY": "sk-1"],
            label: "groq/llama-3.3-70b", asked: "llama-3.3-70b", url: "https://api.groq.com/openai/v1/chat/completions",
            sends: "gsk"),
        Example(
            model: "openrouter/anthropic/claude-sonnet-4", environment: ["OPENROUTER_API_KEY": "or"],
            label: "openrouter/anthropic/claude-sonnet-4", asked: "anthropic/claude-sonnet-4",
            url: "https://openrouter.ai/api/v1/chat/completions", sends: "or"),
        Example(
            model: "anthropic/claude-sonnet-4", baseURL: "https://openrouter.ai/api/v1",
            environment: ["OPENROUTER_API_KEY": "or", "ANTHROPIC_API_KEY": "a"],
            label: "openrouter/anthropic/claude-sonnet-4", asked: "anthropic/claude-sonnet-4",
            url: "https://openrouter.ai/api/v1/chat/completions", sends: "or"),
        Example(
            model: "openai/gpt-oss-120b", baseURL: "https://api.groq.com/openai/v1",
            environment: ["GROQ_API_KEY": "gsk"],
            label: "groq/openai/gpt-oss-120b", asked: "openai/gpt-oss-120b",
            url: "https://api.groq.com/openai/v1/chat/completions", sends: "gsk"),
        Example(
            model: "meta-llama/Llama-3-8b", baseURL: "http://localhost:8000", label: "openai/meta-llama/Llama-3-8b",
            asked: "meta-llama/Llama-3-8b", url: "http://localhost:8000/v1/chat/completions"),
        Example(
            model: "hosted_vllm/mine", baseURL: "http://gpu:8000/v1", label: "hosted_vllm/mine", asked: "mine",
            url: "http://gpu:8000/v1/chat/completions"),
        Example(
            model: "claude-3-5-sonnet-20241022", baseURL: "http://localhost:4000", key: "k",
            label: "openai/claude-3-5-sonnet-20241022", asked: "claude-3-5-sonnet-20241022",
            url: "http://localhost:4000/v1/chat/completions", sends: "k"),
        Example(
            model: "llama3.2:3b", label: "ollama/llama3.2:3b", asked: "llama3.2:3b",
            url: "http://localhost:11434/api/chat", wire: .ollama),
        Example(
            model: "gpt-oss:20b", environment: ["OPENAI_API_KEY": "sk-1"], label: "ollama/gpt-oss:20b",
            asked: "gpt-oss:20b", url: "http://localhost:11434/api/chat", wire: .ollama),
        Example(
            model: "deepseek-r1:7b", label: "ollama/deepseek-r1:7b", asked: "deepseek-r1:7b",
            url: "http://localhost:11434/api/chat", wire: .ollama),
        Example(
            model: "mistral:latest", label: "ollama/mistral:latest", asked: "mistral:latest",
            url: "http://localhost:11434/api/chat", wire: .ollama),
        Example(
            model: "ft:gpt-4o:org::id", environment: ["OPENAI_API_KEY": "sk-1"], label: "openai/ft:gpt-4o:org::id",
            asked: "ft:gpt-4o:org::id", url: "https://api.openai.com/v1/chat/completions", sends: "sk-1"),
        Example(
            model: "ollama/qwen3", environment: ["OLLAMA_HOST": "0.0.0.0:9999", "OPENAI_API_KEY": "sk-1"],
            label: "ollama/qwen3", asked: "qwen3", url: "http://127.0.0.1:9999/api/chat", wire: .ollama),
        Example(
            model: "qwen3", baseURL: "http://localhost:11434", label: "ollama/qwen3", asked: "qwen3",
            url: "http://localhost:11434/api/chat", wire: .ollama),
        Example(
            model: "qwen3", baseURL: "http://localhost:11434/v1/", label: "ollama/qwen3", asked: "qwen3",
            url: "http://localhost:11434/v1/chat/completions"),
        Example(
            model: "mine", provider: "ollama", baseURL: "http://gpu:8080", label: "ollama/mine", asked: "mine",
            url: "http://gpu:8080/api/chat", wire: .ollama),
        Example(
            model: "claude-3-5-sonnet-20241022", environment: ["ANTHROPIC_API_KEY": "a"],
            label: "anthropic/claude-3-5-sonnet-20241022", asked: "claude-3-5-sonnet-20241022",
            url: "https://api.anthropic.com/v1/messages", sends: "a", wire: .anthropic),
        Example(
            model: "anthropic/claude-x", baseURL: "http://proxy.example/v1", key: "k", label: "anthropic/claude-x",
            asked: "claude-x", url: "http://proxy.example/v1/messages", sends: "k", wire: .anthropic),
        Example(
            model: "claude-x", baseURL: "https://api.anthropic.com", key: "k", label: "anthropic/claude-x",
            asked: "claude-x", url: "https://api.anthropic.com/v1/messages", sends: "k", wire: .anthropic),
        Example(
            model: "gemini-2.5-flash", environment: ["GOOGLE_API_KEY": "g"], label: "gemini/gemini-2.5-flash",
            url:
                "https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse",
            sends: "g", wire: .gemini),
        Example(
            model: "responses/gpt-5.5-pro", environment: ["OPENAI_API_KEY": "sk-1"],
            label: "openai_responses/gpt-5.5-pro", asked: "gpt-5.5-pro", url: "https://api.openai.com/v1/responses",
            sends: "sk-1", wire: .responses),
        Example(
            model: "grok-4", environment: ["XAI_API_KEY": "x"], label: "xai/grok-4", asked: "grok-4",
            url: "https://api.x.ai/v1/chat/completions", sends: "x"),
        Example(
            model: "deepseek-chat", environment: ["DEEPSEEK_API_KEY": "d"], label: "deepseek/deepseek-chat",
            asked: "deepseek-chat", url: "https://api.deepseek.com/v1/chat/completions", sends: "d"),
        Example(
            model: "my-own", environment: ["OPENAI_BASE_URL": "http://proxy.example/v1", "OPENAI_API_KEY": "sk-1"],
            label: "openai/my-own", asked: "my-own", url: "http://proxy.example/v1/chat/completions", sends: "sk-1"),
        Example(
            model: "gemini-2.5-flash", baseURL: "https://generativelanguage.googleapis.com/v1beta/openai/",
            environment: ["GEMINI_API_KEY": "g"], label: "gemini/gemini-2.5-flash", asked: "gemini-2.5-flash",
            url: "https://generativelanguage.googleapis.com/v1beta/openai/chat/completions", sends: "g"),
    ]

    @Test(arguments: examples)
    func `are asked where their model is served`(_ example: Example) async throws {
        let fixture = try #require(ModelFixture.ours.first { $0.wire == example.wire && $0.name.contains("/text") })
        let server = ScriptedServer([.text(String(decoding: fixture.bytes, as: UTF8.self), type: fixture.type)])
        let settings = AgentSettings(
            name: "a", model: example.model, baseURL: example.baseURL, apiKey: example.key.map(Secret.init),
            provider: example.provider)
        let agent = factory(example.environment, server).agents(for: [settings], fallbackModel: nil)[0]
        #expect(agent.description.model == example.label)
        _ = try await agent.agent.reply(to: .make("hi")) { _ in }
        let request = try #require(server.seen.first)
        #expect(request.target == example.url)
        switch example.wire {
        case .anthropic: #expect(request.headers["x-api-key"] == example.sends)
        case .gemini: #expect(request.headers["x-goog-api-key"] == example.sends)
        default: #expect(request.headers["authorization"] == example.sends.map { "Bearer \($0)" })
        }
        #expect(try JSONDocument(parsing: request.body)["model"]?.string == example.asked)
    }

    @Test(
        arguments: [
            ("llama3.1", nil, "PROVIDER/MODEL"), ("unknown/x", nil, "base_url"),
            ("gpt-4o", "localhost:8000", "not an address"),
            ("azure/x", nil, "AZURE_API_BASE"), ("openai:gpt-4o", nil, "write openai/gpt-4o"),
            ("mistral:mistral-large", nil, "write mistral/mistral-large"),
            ("groq:llama-3.1-8b", nil, "write groq/llama"),
        ] as [(String, String?, String)])
    func `that can't be reached say why`(_ model: String, _ baseURL: String?, _ reason: String) {
        let settings = AgentSettings(name: "a", model: model, baseURL: baseURL, apiKey: Secret("k"))
        let agent = factory().agents(for: [settings], fallbackModel: nil)[0]
        #expect(!agent.isReady)
        #expect(agent.note?.contains(reason) == true)
    }

    @Test func `say which of their fallbacks can't answer, and which tools they lack`() {
        var settings = AgentSettings(name: "a", model: "gpt-4o", tools: ["calculater"])
        settings.fallback = ["claude-3-5-haiku", "gpt-4o-mini"]
        settings.toolChoice = "serch_web"
        let agent = factory(["OPENAI_API_KEY": "k"]).agents(for: [settings], fallbackModel: nil)[0]
        let note = agent.note ?? ""
        #expect(agent.isReady)
        #expect(note.contains("its fallback anthropic/claude-3-5-haiku can't answer: no key: set ANTHROPIC_API_KEY"))
        #expect(note.contains("has no tool calculater; there are ask_agent, calculator, "))
        #expect(note.contains("has no tool serch_web, which tool_choice names"))
    }

    @Test func `hold and say as much as the file has it`() async throws {
        let server = ScriptedServer([ModelFixture.Wire.ollama.goodAnswer.response])
        var settings = AgentSettings(name: "a", model: "ollama/mine")
        (settings.contextWindow, settings.maximumOutputTokens) = (32_768, 700)
        let agent = factory([:], server).agents(for: [settings], fallbackModel: nil)[0].agent
        _ = try await agent.reply(to: .make("hi")) { _ in }
        let options = try JSONDocument(parsing: try #require(server.seen.first?.body))["options"]
        #expect(options?["num_ctx"]?.int == 32_768)
        #expect(options?["num_predict"]?.int == 700)
    }

    @Test func `of a provider nobody knows say which there are`() {
        let settings = AgentSettings(name: "a", model: "x", apiKey: Secret("k"), provider: "antropic")
        let agent = factory().agents(for: [settings], fallbackModel: nil)[0]
        #expect(!agent.isReady)
        #expect(agent.note?.contains("anthropic") == true)
    }

    @Test func `warn of a key that travels in the open`() {
        let settings = AgentSettings(name: "a", baseURL: "http://models.example/v1", apiKey: Secret("sk-secret"))
        let note = factory().agents(for: [settings], fallbackModel: nil)[0].note ?? ""
        #expect(note.contains("unencrypted"))
        #expect(!note.contains("sk-secret"))
    }

    @Test func `refuse a key that would break the header`() {
        let settings = AgentSettings(name: "a", apiKey: Secret("sk-1\r\nX-Evil: 1"))
        let agent = factory().agents(for: [settings], fallbackModel: nil)[0]
        #expect(!agent.isReady)
        #expect(agent.note?.contains("Evil") == false)
    }
}
