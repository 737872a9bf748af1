/// An agent's block in gateway.yaml, checked and with every default filled in.
public struct AgentSettings: Hashable, Sendable {
    public var name: AgentName
    /// What people call it; the key under `agents:` when the file does not say.
    public var displayName: String?
    public var instructions: String
    /// The model as it is written, or `provider.model`; `nil` when neither is.
    public var model: String?
    /// Who serves the model, where neither its name nor `baseURL` says so: `anthropic`, `ollama`.
    public var provider: String?
    /// Models to ask when ``model`` has no answer, in this order.
    public var fallback: [String] = []
    /// `auto`, `none`, `required`, or the tool that has to be used first.
    public var toolChoice = "auto"
    /// Whether it may search the web, besides what ``tools`` say.
    public var searchesWeb = false
    /// With what: `searxng`, `brave`, `tavily` or `duckduckgo`; `nil` for what is set up.
    public var searchProvider: String?
    /// Whether it may ask the other agents.
    public var allowsDelegation = false
    public var temperature: Double?
    /// Tokens its model takes in and gives out at once; `nil` for what is known of the model.
    public var contextWindow: Int?
    /// Tokens one answer may take; `nil` for what is known of the model.
    public var maximumOutputTokens: Int?
    public var baseURL: String?
    public var apiKey: Secret?
    public var tools: [String]
    public var memory: Bool
    public var description: String?
    public var role: String?
    public var goal: String?
    public var backstory: String?
    /// Files and folders of text it may look things up in: whole paths.
    public var knowledge: [String] = []
    /// Whether its model looks over each answer once before anybody sees it.
    public var reflects = false
    /// Whether it uses tools without asking, also those that would need somebody's word.
    public var approvesItself = false
    /// Whether it runs in another process, which registers here under this name.
    public var isRemote = false

    public init(
        name: AgentName, instructions: String = "", model: String? = nil, temperature: Double? = nil,
        baseURL: String? = nil, apiKey: Secret? = nil, tools: [String] = [], memory: Bool = false,
        description: String? = nil, role: String? = nil, goal: String? = nil, backstory: String? = nil,
        displayName: String? = nil, provider: String? = nil
    ) {
        self.name = name
        self.instructions = instructions
        self.model = model
        self.temperature = temperature
        self.baseURL = baseURL
        self.apiKey = apiKey
        self.tools = tools
        self.memory = memory
        self.description = description
        self.role = role
        self.goal = goal
        self.backstory = backstory
        self.displayName = displayName
        self.provider = provider
    }
}
