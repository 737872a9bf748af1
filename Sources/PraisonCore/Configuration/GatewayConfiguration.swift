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

/// The `gateway:` block: where it listens, and its limits.
public struct ServerSettings: Hashable, Sendable {
    public var host: String
    public var port: Int
    public var authToken: Secret?
    public var allowedOrigins: [String]
    /// WebSocket clients at once.
    public var maxConnections: Int
    /// Between two pings of ours.
    public var heartbeatInterval: Duration
    /// How long a session waits for its client to come back.
    public var reconnectTimeout: Duration
    /// Bytes and frames a client may be behind before it is closed.
    public var maxBufferedBytes: Int
    public var maxQueuedFrames: Int
    /// Turns at once over all agents; 0 for the default of 8 per core.
    public var maxConcurrentRuns: Int
    /// How long one turn may take; zero for no limit.
    public var perTurnTimeout: Duration
    /// How long a stop waits for running turns and unsent replies.
    public var drainTimeout: Duration

    public init(
        host: String = "127.0.0.1", port: Int = 8765, authToken: Secret? = nil, allowedOrigins: [String] = [],
        maxConnections: Int = 1000, heartbeatInterval: Duration = .seconds(30),
        reconnectTimeout: Duration = .seconds(60), maxBufferedBytes: Int = 1 << 20, maxQueuedFrames: Int = 1000,
        maxConcurrentRuns: Int = 0, perTurnTimeout: Duration = .zero, drainTimeout: Duration = .seconds(30)
    ) {
        self.host = host
        self.port = port
        self.authToken = authToken
        self.allowedOrigins = allowedOrigins
        self.maxConnections = maxConnections
        self.heartbeatInterval = heartbeatInterval
        self.reconnectTimeout = reconnectTimeout
        self.maxBufferedBytes = maxBufferedBytes
        self.maxQueuedFrames = maxQueuedFrames
        self.maxConcurrentRuns = maxConcurrentRuns
        self.perTurnTimeout = perTurnTimeout
        self.drainTimeout = drainTimeout
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

    public init(
        timeout: Duration = .seconds(3600), maxMessages: Int = 1000, persist: Bool = true, persistPath: String? = nil
    ) {
        self.timeout = timeout
        self.maxMessages = maxMessages
        self.persist = persist
        self.persistPath = persistPath
    }
}
