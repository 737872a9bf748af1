/// gateway.yaml as values: checked, with every default filled in and every variable resolved.
public struct GatewayConfiguration: Hashable, Sendable {
    public var server: ServerSettings
    /// In the order of the file.
    public var agents: [AgentSettings]
    /// In the order of the file, those that are off included.
    public var channels: [ChannelSettings]
    /// Control-plane sessions.
    public var session: SessionSettings
    /// The model of agents that name none.
    public var providerModel: String?
    /// Tools that are written in the file, in its order.
    public var tools: [ToolSettings] = []
    /// Whether tools may run programs of this machine.
    public var allowsCommandTools = false
    /// Servers that lend tools, in the order of the file.
    public var mcpServers: [MCPServerSettings] = []
    /// In the order of the file.
    public var guardrails: [GuardrailSettings] = []
    public var spending = SpendingSettings()
    /// Which accounts are one person.
    public var identities = Identities()

    public init(
        server: ServerSettings = ServerSettings(), agents: [AgentSettings] = [], channels: [ChannelSettings] = [],
        session: SessionSettings = SessionSettings(), providerModel: String? = nil
    ) {
        self.server = server
        self.agents = agents
        self.channels = channels
        self.session = session
        self.providerModel = providerModel
    }
}

/// The `session_config:` block.
public struct SessionSettings: Hashable, Sendable {
    /// Idle longer than this, and the history starts afresh.
    public var timeout: Duration
    /// Messages of history kept.
    public var maxMessages: Int
    /// `false` keeps histories in memory only.
    public var persist: Bool
    /// The folder of the session database; `nil` for the store's own.
    public var persistPath: String?
    /// Messages of one session that may wait for their turn.
    public var maxInbox = 256
    /// How long a session that was left can be taken up again.
    public var resumeWindow = Duration.seconds(86_400)
    /// What becomes of a history that grows too long; `nil` where its oldest messages are just not shown any more.
    public var compaction: CompactionSettings?

    public init(
        timeout: Duration = .seconds(3600), maxMessages: Int = 1000, persist: Bool = true, persistPath: String? = nil
    ) {
        self.timeout = timeout
        self.maxMessages = maxMessages
        self.persist = persist
        self.persistPath = persistPath
    }
}
