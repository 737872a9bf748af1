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
    private let http: any HTTPClient
    private let clock: any GatewayClock
    private let entropy: any Entropy
    private let logger: Logger

    /// - Parameter environment: the process's variables; `OPENAI_API_KEY`, `OPENAI_BASE_URL` and their like are read.
    public init(
        environment: [String: String], http: any HTTPClient, clock: any GatewayClock, entropy: any Entropy,
        logger: Logger
    ) {
        catalogue = ModelCatalogue(environment: environment)
        shelf = ToolShelf(http: http, clock: clock, services: ToolServices(environment: environment))
        self.http = http
        self.clock = clock
        self.entropy = entropy
        self.logger = logger
    }

    /// One agent for each block, in their order.
    ///
    /// The built-in demonstration model answers for all of them as long as no agent has a key or a server of its own
    /// and the environment names neither. As soon as anybody has, it answers nobody: an agent without a key then says
    /// that it is not configured.
    ///
    /// - Parameter fallbackModel: the model of agents that name none (`provider.model`).
    public func agents(for settings: [AgentSettings], fallbackModel: String?) -> [ConfiguredAgent] {
        let models = settings.map { written(in: $0) ?? fallbackModel?.nonEmpty ?? ModelCatalogue.defaultModel }
        let isDemonstration =
            !catalogue.hasAccounts
            && !zip(settings, models).contains { catalogue.hasAccount($0, model: $1) }
        return zip(settings, models).map { settings, model in
            isDemonstration ? demonstration(settings, insteadOf: model) : agent(settings, model: model)
        }
    }

    private func written(in settings: AgentSettings) -> String? { settings.model?.nonEmpty }

    private func agent(_ settings: AgentSettings, model: String) -> ConfiguredAgent {
        switch catalogue.resolve(settings, model: model) {
        case .demonstration: return demonstration(settings, insteadOf: nil)
        case .unconfigured(let label, let error):
            return ConfiguredAgent(
                agent: UnconfiguredAgent(name: settings.name, error: error), description: describe(settings, label),
                note: error.detail, isReady: false)
        case .route(let route):
            let provider = WireProvider(
                name: route.label, model: route.model, wire: route.modelWire, account: route.account, http: http,
                clock: clock,
                entropy: entropy)
            let retrying = RetryingModel(
                model: provider, policy: RetryPolicy(), clock: clock, entropy: entropy, logger: logger)
            return ConfiguredAgent(
                agent: ModelAgent(
                    settings, model: retrying, tools: shelf.tools(settings.tools),
                    window: ContextWindow(model: route.model), clock: clock, logger: logger),
                description: describe(settings, route.label), note: note(on: route, settings))
        }
    }

    private func demonstration(_ settings: AgentSettings, insteadOf model: String?) -> ConfiguredAgent {
        let agent = ModelAgent(
            settings, model: DemonstrationModel(), tools: shelf.tools(settings.tools),
            window: ContextWindow(model: DemonstrationModel.label), clock: clock, logger: logger)
        let isChosen = model == nil || model == DemonstrationModel.label
        return ConfiguredAgent(
            agent: agent, description: describe(settings, DemonstrationModel.label),
            note: isChosen
                ? "the built-in demonstration model"
                : "the built-in demonstration model, because no key is set; "
                    + "with OPENAI_API_KEY or agents.\(settings.name).base_url it becomes \(model ?? "")")
    }

    private func note(on route: ModelCatalogue.Route, _ settings: AgentSettings) -> String? {
        let unknown = shelf.unknown(settings.tools)
        let tools = unknown.isEmpty ? nil : "has no tool \(unknown.joined(separator: ", "))"
        let notes = [addressNote(on: route), tools].compactMap { $0 }
        return notes.isEmpty ? nil : notes.joined(separator: "; ")
    }

    private func addressNote(on route: ModelCatalogue.Route) -> String? {
        let endpoint = route.account.endpoint
        if !endpoint.isEncrypted, !endpoint.isLocal, route.account.key != nil {
            return "at \(endpoint.host); the key travels unencrypted, use https"
        }
        return KnownProvider.at(host: endpoint.host) == nil ? "at \(endpoint.host)" : nil
    }

    private func describe(_ settings: AgentSettings, _ model: String) -> AgentDescription {
        AgentDescription(
            name: settings.name, summary: settings.description ?? settings.role ?? settings.goal, model: model)
    }
}

extension ModelCatalogue.Route {
    fileprivate var modelWire: any ModelWire {
        switch wire {
        case .chat: ChatCompletionsWire()
        case .responses: ResponsesWire()
        case .anthropic: AnthropicWire()
        case .gemini: GeminiWire()
        case .ollama: OllamaWire(contextLength: ContextWindow(model: model).total)
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
