import PraisonCore
import PraisonSimulation
import Synchronization
import Testing

@testable import PraisonAgents

@Suite(.timeLimit(.minutes(1))) struct `what an agent spends` {
    private func meter(
        _ ledger: FakeLedger, _ settings: SpendingSettings = SpendingSettings(),
        models: [String] = ["openai/gpt-4o-mini"]
    ) -> SpendMeter {
        SpendMeter(
            agent: "a", models: models, settings: settings, prices: PriceTable(settings), ledger: ledger,
            identities: Identities(), clock: VirtualClock(), logger: silent)
    }

    private func agent(_ model: any ModelProvider, _ meter: SpendMeter, tools: [any Tool] = []) -> ModelAgent {
        ModelAgent(
            AgentSettings(name: "a"), model: model, tools: ToolBox(tools),
            window: ContextWindow(total: 8192, output: 1000),
            meter: meter, clock: VirtualClock(), logger: silent)
    }

    /// 1000 billionths of a dollar for a token in, 100 for one from the cache, 10,000 for one out.
    @Test(
        arguments: [
            (.anthropic, "cache-counted", 15 * 1000 + 100 * 100 + 2 * 10_000),
            (.anthropic, "usage-overwritten", 12 * 1000 + 4 * 10_000),
            (.gemini, "thoughts-counted", 6 * 1000 + 4 * 100 + 32 * 10_000),
            (.chat, "text-with-usage", 15 * 1000 + 16 * 100 + 6 * 10_000),
        ] as [(ModelFixture.Wire, String, Int64)])
    func `20 costs what it cost, cached tokens and thoughts included`(
        _ wire: ModelFixture.Wire, _ name: String, _ cost: Int64
    ) async throws {
        let answer = wire.fixture(name)
        let ledger = FakeLedger()
        let price = ModelPrice(
            input: NanoDollars(1000), cachedInput: NanoDollars(100), output: NanoDollars(10_000))
        let meter = meter(ledger, SpendingSettings(prices: ["small-1": price]), models: ["openai/small-1"])
        let model = WireProvider.make(CannedServer(answer.bytes, type: answer.type), wire: wire.value)
        _ = try await agent(model, meter).reply(to: .make("hi")) { _ in }
        #expect(ledger.booked.map(\.total.cost) == [NanoDollars(cost)])
    }

    @Test func `is set aside before each call and booked after it`() async throws {
        let ledger = FakeLedger()
        let model = ScriptedModel([.calling([("1", "now", "{}")]), .saying("nine")])
        _ = try await agent(model, meter(ledger), tools: [StubTool("now") { _ in "9" }]).reply(to: .make("time?")) {
            _ in
        }
        #expect(ledger.reserved.count == 2)
        // The whole answer at 600 a token, and the question besides.
        #expect(ledger.reserved.allSatisfy { $0.value > 600_000 && $0.value < 800_000 })
        #expect(ledger.booked.map(\.total.usage) == [TokenUsage(input: 1, output: 1), TokenUsage(input: 1, output: 1)])
        #expect(ledger.booked.allSatisfy { $0.spender.sender == "test/7" && $0.spender.day == 20_454 })
    }

    @Test func `ends at the limit, with a word in the chat`() async throws {
        let limit = SpendLimit(scope: .sender, amount: NanoDollars(5_000_000))
        for (message, words) in [(nil, "come back tomorrow"), ("Genug.", "Genug.")] as [(String?, String)] {
            let ledger = FakeLedger(refusing: limit)
            let model = ScriptedModel([.saying("no")])
            let meter = meter(ledger, SpendingSettings(limits: [limit], message: message))
            let error = await #expect(throws: AgentError.self) {
                try await agent(model, meter).reply(to: .make("hi")) { _ in }
            }
            #expect(error?.kind == .billing)
            #expect(error?.message?.contains(words) == true)
            #expect(model.requests.isEmpty)
        }
    }

    @Test(
        arguments: [
            (SpendLimit(amount: NanoDollars(5)), false),
            (SpendLimit(scope: .agent, only: "b", amount: NanoDollars(5)), true),
            (SpendLimit(scope: .sender, only: "test/7", amount: NanoDollars(5)), false), (nil, true),
        ] as [(SpendLimit?, Bool)])
    func `has to have a price where a limit holds`(_ limit: SpendLimit?, _ isAnswered: Bool) async throws {
        let settings = SpendingSettings(limits: limit.map { [$0] } ?? [])
        let model = ScriptedModel([.saying("hi")])
        let meter = meter(FakeLedger(), settings, models: ["openai/unheard-of"])
        let agent = agent(model, meter)
        guard !isAnswered else {
            #expect(try await agent.reply(to: .make("hi")) { _ in }.text == "hi")
            return
        }
        let error = await #expect(throws: AgentError.self) { try await agent.reply(to: .make("hi")) { _ in } }
        #expect(error?.kind == .billing)
        #expect(
            error?.detail
                == "no price is known for openai/unheard-of, so limits in USD can't hold; "
                + "set spending.prices.openai/unheard-of")
        #expect(model.requests.isEmpty)
    }

    @Test func `is noted to be unknown before anybody asks, and nothing nearby`() {
        let factory = AgentFactory(
            environment: ["OPENAI_API_KEY": "k"],
            spending: SpendingSettings(limits: [SpendLimit(amount: NanoDollars(5))]),
            http: InMemoryHTTPClient(ScriptedServer([])), clock: VirtualClock(), entropy: SeededEntropy(),
            logger: silent)
        let agents = factory.agents(
            for: [
                AgentSettings(name: "a", model: "gpt-99"), AgentSettings(name: "b", model: "gpt-4o"),
                AgentSettings(name: "c", model: "mine", baseURL: "http://127.0.0.1:8000/v1"),
                AgentSettings(name: "d", model: "ollama/llama3"),
            ], fallbackModel: nil)
        #expect(agents.map { $0.note?.contains("no price is known") ?? false } == [true, false, false, false])
    }

    @Test func `is noted where one answer may take more than a limit, and said so in the chat`() async throws {
        let limit = SpendLimit(scope: .agent, amount: NanoDollars(20_000_000))
        let factory = AgentFactory(
            environment: ["OPENAI_API_KEY": "k"], spending: SpendingSettings(limits: [limit]),
            http: InMemoryHTTPClient(ScriptedServer([])), clock: VirtualClock(), entropy: SeededEntropy(),
            logger: silent)
        var short = AgentSettings(name: "b", model: "gpt-4o")
        short.maximumOutputTokens = 1000
        let notes = factory.agents(for: [AgentSettings(name: "a", model: "gpt-4o"), short], fallbackModel: nil)
            .map(\.note)
        #expect(notes[0]?.hasPrefix("one answer may cost 0.041") == true)
        #expect(
            notes[0]?.hasSuffix(
                " USD, more than the 0.02 USD per day of spending.limits; lower agents.a.max_tokens or raise the limit")
                == true)
        #expect(notes[1] == nil)
        let small = SpendLimit(amount: NanoDollars(5))
        let error = await #expect(throws: AgentError.self) {
            try await agent(
                ScriptedModel([.saying("no")]), meter(FakeLedger(refusing: small), SpendingSettings(limits: [small]))
            ).reply(to: .make("hi")) { _ in }
        }
        #expect(error?.message?.hasPrefix("I can't answer this: it may cost more than I may spend at all.") == true)
    }

    @Test func `is estimated where an answer breaks off, and nothing where none began`() async throws {
        let ledger = FakeLedger()
        let broken = FailingModel("openai/gpt-4o-mini", ModelError(.transient, detail: "x"), after: "12345678")
        await #expect(throws: AgentError.self) {
            try await agent(broken, meter(ledger)).reply(to: .make("hi")) { _ in }
        }
        let refused = FailingModel("openai/gpt-4o-mini", ModelError(.auth, detail: "x"))
        await #expect(throws: AgentError.self) {
            try await agent(refused, meter(ledger)).reply(to: .make("hi")) { _ in }
        }
        #expect(ledger.booked.map(\.total.usage.output) == [2, 0])
        #expect(ledger.booked[0].total.cost.value > 1200)
        #expect(ledger.booked[1].total.cost == .zero)
    }

    @Test func `is what the dearest of those costs that may answer`() async throws {
        let ledger = FakeLedger()
        let model = ScriptedModel([.saying("hi")])
        let meter = meter(ledger, models: ["openai/gpt-4o-mini", "openai/gpt-4o"])
        _ = try await agent(model, meter).reply(to: .make("hi")) { _ in }
        #expect(ledger.reserved[0].value > 10_000_000)
    }

    @Test func `stops where no account can be kept`() async {
        let error = await #expect(throws: AgentError.self) {
            try await agent(ScriptedModel([.saying("hi")]), meter(FakeLedger(isBroken: true))).reply(to: .make("hi")) {
                _ in
            }
        }
        #expect(error?.kind == .internal)
    }

    @Test(
        arguments: [
            ("openai/gpt-4o-mini-2024-07-18", 150), ("openai/gpt-4o", 2500), ("openrouter/openai/gpt-4o", 2500),
            ("anthropic/claude-3-5-sonnet-20241022", 3000), ("ollama/llama3", 0), ("openai/unheard-of", nil),
            ("openai/my-model-2", 7), ("groq/special", 9), ("openai/o1", 15_000), ("openai/o3-2025-04-16", 2000),
            ("openai/gpt-5-pro", 15_000), ("openai/gpt-5", 1250), ("openai/gpt-4o-2024-05-13", 5000),
            ("openai/gpt-4o-audio-preview", nil), ("openai/chatgpt-4o-latest", 5000), ("openai/o1-preview", 15_000),
            ("anthropic/claude-opus-4-1-20250805", 15_000), ("anthropic/claude-opus-4-5", 5000),
            ("anthropic/claude-opus-9", nil), ("openrouter/anthropic/claude-3.5-sonnet", 3000),
            ("gemini/gemini-2.0-flash-001", 100), ("gemini/gemini-2.5-flash-lite", 100), ("xai/grok-4-0709", 3000),
            ("mistral/mistral-large-latest", 2000), ("groq/llama-3.3-70b-versatile", 590),
            ("openai/llama-3.3-70b-versatile", nil), ("openai/at-home", 0), ("openai/gpt-4o-2024-11-20", 2500),
        ] as [(String, Int64?)])
    func `has a price where one is known`(_ label: String, _ input: Int64?) {
        func price(_ value: Int64) -> ModelPrice {
            ModelPrice(input: NanoDollars(value), cachedInput: .zero, output: .zero)
        }
        let table = PriceTable(
            SpendingSettings(prices: ["my-model": price(7), "groq/special": price(9)]), local: ["openai/at-home"])
        #expect(table.price(of: label)?.input.value == input)
    }
}

final class FakeLedger: SpendLedger {
    struct Booking: Sendable {
        var spender: Spender
        var total: SpendTotal
    }
    struct Broken: Error {}

    private let amounts = Collected<NanoDollars>()
    private let bookings = Collected<Booking>()
    private let limit: SpendLimit?
    private let isBroken: Bool

    init(refusing limit: SpendLimit? = nil, isBroken: Bool = false) {
        self.limit = limit
        self.isBroken = isBroken
    }

    var reserved: [NanoDollars] { amounts.all }
    var booked: [Booking] { bookings.all }

    func reserve(_ amount: NanoDollars, for spender: Spender, within limits: [SpendLimit]) async throws
        -> SpendReservation
    {
        if isBroken { throw Broken() }
        if let limit { return .refused(limit) }
        amounts.add(amount)
        return .reserved(Int64(amounts.all.count))
    }

    func settle(_ reservation: SpendReservation.ID, of spender: Spender, model: String, _ total: SpendTotal)
        async throws
    {
        bookings.add(Booking(spender: spender, total: total))
    }

    func spent(in scope: SpendLimit.Scope, by name: String?, since first: Int) async throws -> SpendTotal {
        SpendTotal()
    }

    func standing(of limits: [SpendLimit], for spender: Spender) async throws -> [SpendStanding] { [] }

    func spending(by grouping: SpendGrouping, since first: Int, limit: Int) async throws -> [SpendShare] { [] }
}
