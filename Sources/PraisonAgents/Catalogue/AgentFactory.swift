public import Logging
public import PraisonCore

/// An agent, ready to answer, and how to introduce it.
public struct ConfiguredAgent: Sendable {
    public var agent: any Agent
    /// Its model is what really answers: `openai/gpt-4o-mini`, `offline/demo`.
    public var description: AgentDescription
    /// Why it is not what the file says, or where it is served; a line for the banner.
    public var note: String?
    /// `false` where the agent can only say that it is not configured.
    public var isReady: Bool
    /// Whether the built-in demonstration model answers.
    public var isDemonstration: Bool { description.model == DemonstrationModel.label }

    public init(agent: any Agent, description: AgentDescription, note: String? = nil, isReady: Bool = true) {
        self.agent = agent
        self.description = description
        self.note = note
        self.isReady = isReady
    }
}

/// Makes agents from their blocks in gateway.yaml and the keys in the environment.
public struct AgentFactory: Sendable {
    private let catalogue: ModelCatalogue
    private let shelf: ToolShelf
    private let guardrails: [GuardrailSettings]
    private let spending: SpendingSettings
    private let ledger: (any SpendLedger)?
    private let facts: (any FactStore)?
    private let cursors: (any CursorStore)?
    private let approvals: (any Approvals)?
    private let identities: Identities
    private let http: any HTTPClient
    private let clock: any GatewayClock
    private let entropy: any Entropy
    private let logger: Logger

    /// - Parameters:
    ///   - environment: the process's variables; `OPENAI_API_KEY`, `OPENAI_BASE_URL` and their like are read.
    ///   - ledger: keeps account of what is spent; without one there is no account and no limit.
    ///   - facts: keeps what agents with `memory: true` remember; without one none does.
    ///   - cursors: where it is noted which files of `knowledge:` have been read; without it there is no knowledge.
    ///   - approvals: asks people before a tool runs that needs their word; without it such a tool never runs.
    ///   - launcher: starts the programs of tools and MCP servers; without one there are none.
    ///   - colleagues: whom the agents turn to, where they serve a gateway elsewhere; `nil` for one another.
    public init(
        environment: [String: String], tools: ToolsSettings = ToolsSettings(),
        guardrails: [GuardrailSettings] = [], spending: SpendingSettings = SpendingSettings(),
        ledger: (any SpendLedger)? = nil, facts: (any FactStore)? = nil, cursors: (any CursorStore)? = nil,
        identities: Identities = Identities(), approvals: (any Approvals)? = nil,
        http: any HTTPClient, launcher: (any ProcessLauncher)? = nil,
        colleagues: (any Colleagues)? = nil,
        clock: any GatewayClock, entropy: any Entropy, logger: Logger
    ) {
        catalogue = ModelCatalogue(environment: environment)
        self.guardrails = guardrails
        self.spending = spending
        self.ledger = ledger
        self.facts = facts
        self.cursors = cursors
        self.approvals = approvals
        self.identities = identities
        shelf = ToolShelf(
            tools, services: ToolServices(environment: environment),
            ToolShelf.Surroundings(
                http: http, clock: clock, launcher: launcher,
                path: environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin",
                colleagues: colleagues, logger: logger))
        self.http = http
        self.clock = clock
        self.entropy = entropy
        self.logger = logger
    }

    /// Where the agents made here find each other; to be the gateway's own.
    public var directory: AgentDirectory { shelf.circle.directory }

    /// One agent for each block, in their order.
    ///
    /// The built-in demonstration model answers for all of them as long as no agent has a key or a server of its own
    /// and the environment names neither. As soon as anybody has, it answers nobody: an agent without a key then says
    /// that it is not configured.
    ///
    /// - Parameter fallbackModel: the model of agents that name none (`provider.model`).
    public func agents(for settings: [AgentSettings], fallbackModel: String?) -> [ConfiguredAgent] {
        let models = settings.map {
            written(in: $0) ?? fallbackModel?.nonEmpty ?? catalogue.usualModel(for: $0)
        }
        let isDemonstration =
            !catalogue.hasAccounts
            && !zip(settings, models).contains { catalogue.hasAccount($0, model: $1) }
        let agents = zip(settings, models).map { settings, model in
            isDemonstration ? demonstration(settings, insteadOf: model) : agent(settings, model: model)
        }
        shelf.circle.fill(agents.map { ($0.agent, $0.description) })
        return agents
    }

    /// Gives the agents' messages to somebody who carries them: the tool `send_message` works from then on.
    public func connect(_ sender: any MessageSender) { shelf.post.open(sender) }

    /// Keeps the servers that lend tools connected, until the task is cancelled.
    public func run() async {
        await withTaskGroup(of: Void.self) { group in
            for server in shelf.servers { group.addTask { await server.run() } }
            // Without any, there is still somebody who waits to be told to stop.
            group.addTask { [clock] in while (try? await clock.sleep(for: .seconds(86_400))) != nil {} }
        }
    }

    private func written(in settings: AgentSettings) -> String? { settings.model?.nonEmpty }

    private func agent(_ settings: AgentSettings, model: String) -> ConfiguredAgent {
        let first = catalogue.resolve(settings, model: model)
        if case .demonstration = first, settings.fallback.isEmpty { return demonstration(settings, insteadOf: nil) }
        var candidates: [FallbackModel.Candidate] = []
        var local: Set<String> = []
        var notes: [String] = []
        for (index, resolution) in ([first] + settings.fallback.map(resolve(settings))).enumerated() {
            switch resolution {
            case .route(let route):
                // What the file says of the agent's own model holds for no other, but the length of answers does.
                let window = ContextWindow(
                    model: route.model, total: index == 0 ? settings.contextWindow : nil,
                    output: settings.maximumOutputTokens)
                candidates.append(.init(model: provider(of: route, window), window: window))
                if route.account.endpoint.isLocal { local.insert(route.label) }
                if let note = addressNote(on: route, settings) {
                    notes.append(index == 0 ? note : "\(route.label) \(note)")
                }
            case .demonstration:
                candidates.append(
                    .init(model: DemonstrationModel(), window: ContextWindow(model: DemonstrationModel.label)))
            case .unconfigured(let label, let error):
                let reason = error.detail.split(separator: "is not configured: ").last.map(String.init) ?? error.detail
                notes.append(index == 0 ? error.detail : "its fallback \(label) can't answer: \(reason)")
            }
        }
        guard var main = candidates.first else {
            guard case .unconfigured(let label, let error) = first else {
                return demonstration(settings, insteadOf: nil)
            }
            return ConfiguredAgent(
                agent: UnconfiguredAgent(name: settings.name, error: error), description: describe(settings, label),
                note: notes.joined(separator: "; "), isReady: false)
        }
        if candidates.count > 1 {
            notes.append("falls back to \(candidates.dropFirst().map(\.model.name).joined(separator: ", "))")
        }
        if let note = shelf.note(on: settings) { notes.append(note) }
        main.window.thinks = candidates.contains(where: \.window.thinks)
        let model: any ModelProvider =
            candidates.count > 1 ? FallbackModel(candidates, clock: clock, logger: logger) : main.model
        notes += Self.knowledgeNotes(on: settings)
        let meter = meter(settings, candidates.map(\.model.name), local, answering: main.window.output, &notes)
        let own = Guardrail.Judge(
            model: model, meter: meter,
            maximumOutputTokens: main.window.room(forBrief: Guardrail.Judge.briefAnswer))
        let guards = guards(of: settings, own, &notes)
        let agent = agent(settings, model, window: main.window, guardrails: guards, meter: meter)
        return ConfiguredAgent(
            agent: agent, description: describe(settings, main.model.name),
            note: notes.isEmpty ? nil : notes.joined(separator: "; "))
    }

    private func agent(
        _ settings: AgentSettings, _ model: any ModelProvider, window: ContextWindow, guardrails: [Guardrail],
        meter: SpendMeter?
    ) -> ModelAgent {
        let memory = memory(of: settings)
        let knowledge = knowledge(of: settings)
        let own = (memory?.tools ?? []) + (knowledge?.tools ?? [])
        return ModelAgent(
            settings, model: model, tools: shelf.box(for: settings, own: own), window: window, guardrails: guardrails,
            meter: meter, memory: memory, knowledge: knowledge, approvals: approvals, clock: clock, logger: logger)
    }

    private func resolve(_ settings: AgentSettings) -> (String) -> ModelCatalogue.Resolution {
        { catalogue.resolve(settings, fallback: $0) }
    }

    private func provider(of route: ModelCatalogue.Route, _ window: ContextWindow) -> any ModelProvider {
        let provider = WireProvider(
            name: route.label, model: route.model, wire: route.modelWire(window), account: route.account, http: http,
            clock: clock, entropy: entropy, logger: logger)
        return RetryingModel(
            model: provider, policy: RetryPolicy(), clock: clock, entropy: entropy, logger: logger)
    }

    private func demonstration(_ settings: AgentSettings, insteadOf model: String?) -> ConfiguredAgent {
        // It can't judge: entries with a model of their own count by their rules alone.
        let entries = guardrails.filter { $0.agent == nil || $0.agent == settings.name }.map { Guardrail($0) }
        var notes: [String] = []
        let agent = agent(
            settings, DemonstrationModel(), window: ContextWindow(model: DemonstrationModel.label),
            guardrails: entries, meter: meter(settings, [DemonstrationModel.label], [], &notes))
        let isChosen = model == nil || model == DemonstrationModel.label
        let note =
            isChosen
            ? "the built-in demonstration model"
            : "the built-in demonstration model, because no key is set; "
                + "with \(catalogue.keyVariable(of: settings, model: model ?? "")) or "
                + "agents.\(settings.name).base_url it becomes \(model ?? "")"
        return ConfiguredAgent(
            agent: agent, description: describe(settings, DemonstrationModel.label),
            note: ([note] + Self.knowledgeNotes(on: settings)).joined(separator: "; "))
    }

    private static func knowledgeNotes(on settings: AgentSettings) -> [String] {
        KnowledgeFiles(settings.knowledge).problems.map { "knowledge: \($0)" }
    }

    private func memory(of settings: AgentSettings) -> PersonalMemory? {
        guard settings.memory, let facts else { return nil }
        return PersonalMemory(
            agent: settings.name, store: facts, identities: identities, clock: clock, logger: logger)
    }

    private func knowledge(of settings: AgentSettings) -> Knowledge? {
        guard !settings.knowledge.isEmpty, let facts, let cursors else { return nil }
        return Knowledge(
            agent: settings.name, paths: settings.knowledge, store: facts, cursors: cursors, clock: clock,
            logger: logger)
    }

    /// - Parameters:
    ///   - local: those of `models` that are served nearby.
    ///   - output: tokens of the longest answer; `nil` where nobody is told what that may cost.
    private func meter(
        _ settings: AgentSettings, _ models: [String], _ local: Set<String>, answering output: Int? = nil,
        _ notes: inout [String]
    ) -> SpendMeter? {
        let prices = PriceTable(spending, local: local)
        if spending.limits.contains(where: { $0.mayBind(settings.name) }) {
            notes += models.filter { prices.price(of: $0) == nil }.map(SpendMeter.words(forMissingPriceOf:))
        }
        if let output {
            let usage = TokenUsage(input: TokenEstimate.tokens(of: AgentPrompt(settings).system), output: output)
            let most = models.compactMap { prices.price(of: $0)?.cost(of: usage) }.max() ?? .zero
            notes += spending.limits.filter { $0.mayBind(settings.name) && $0.amount < most }
                .map { SpendMeter.words(for: most, above: $0, settings.name) }
        }
        return ledger.map {
            SpendMeter(
                agent: settings.name, models: models, settings: spending, prices: prices, ledger: $0,
                identities: identities, clock: clock, logger: logger)
        }
    }

    /// Every entry that binds the agent, each with its judge where it names one.
    private func guards(
        of settings: AgentSettings, _ own: Guardrail.Judge, _ notes: inout [String]
    ) -> [Guardrail] {
        var guards: [Guardrail] = []
        for entry in guardrails where entry.agent == nil || entry.agent == settings.name {
            guard let name = entry.model else {
                guards.append(Guardrail(entry))
                continue
            }
            if name == "auto" {
                guards.append(Guardrail(entry, judge: own))
            } else if case .route(let route) = catalogue.resolve(settings, fallback: name) {
                let window = ContextWindow(model: route.model)
                let judge = Guardrail.Judge(
                    model: provider(of: route, window),
                    meter: meter(
                        settings, [route.label], route.account.endpoint.isLocal ? [route.label] : [], &notes),
                    maximumOutputTokens: window.room(forBrief: Guardrail.Judge.briefAnswer))
                guards.append(Guardrail(entry, judge: judge))
            } else {
                // Nothing passes a judge who can't be asked.
                notes.append("guardrail \(entry.name): its model \(name) can't be asked, so nothing gets through")
                let error = ModelError(.auth, detail: "\(name) is not configured")
                guards.append(Guardrail(entry, judge: .init(model: MissingModel(name: name, error: error))))
            }
        }
        return guards
    }

    private func addressNote(on route: ModelCatalogue.Route, _ settings: AgentSettings) -> String? {
        let endpoint = route.account.endpoint
        if !endpoint.isEncrypted, !endpoint.isLocal, route.account.key != nil {
            return "at \(endpoint.host); the key travels unencrypted, use https"
        }
        guard KnownProvider.at(host: endpoint.host) == nil else { return nil }
        // Whoever set a key for one server may not think of it at another.
        let isFromEnvironment = route.account.key != nil && settings.apiKey?.isEmpty != false
        return "at \(endpoint.host)" + (isFromEnvironment ? ", which is sent the key from the environment" : "")
    }

    private func describe(_ settings: AgentSettings, _ model: String) -> AgentDescription {
        AgentDescription(
            name: settings.name, summary: settings.description ?? settings.role ?? settings.goal, model: model)
    }
}

extension ModelCatalogue.Route {
    fileprivate func modelWire(_ window: ContextWindow) -> any ModelWire {
        switch wire {
        case .chat: ChatCompletionsWire()
        case .responses: ResponsesWire()
        case .anthropic: AnthropicWire()
        case .gemini: GeminiWire()
        case .ollama: OllamaWire(contextLength: window.total)
        }
    }
}

extension String {
    /// The text without white space around it, unless that leaves nothing.
    fileprivate var nonEmpty: String? {
        let trimmed = trimmed
        return trimmed.isEmpty ? nil : trimmed
    }
}

/// A model that can't be asked.
private struct MissingModel: ModelProvider {
    let name: String
    let error: ModelError

    func complete(
        _ request: ModelRequest, emit: @escaping @Sendable (ModelEvent) async throws -> Void
    ) async throws -> ModelResponse {
        throw error
    }
}
