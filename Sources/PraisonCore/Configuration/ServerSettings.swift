/// The `gateway:` block: where it listens, who may connect, and its limits.
///
/// Each value is the key of the same name (`maxPayload` is `max_payload`); ranges and units are in the schema.
public struct ServerSettings: Hashable, Sendable {
    public var host: String
    public var port: Int

    // MARK: Who may connect

    /// Opens everything. Without it, everybody on this machine may connect and nobody else.
    public var authToken: Secret?
    /// Tokens with only some rights: `auth.tokens` and `auth_scopes`.
    public var scopedTokens: [ScopedToken] = []
    public var allowedOrigins: [String]
    /// Addresses or networks (`10.0.0.0/8`) whose `X-Forwarded-For` is believed.
    public var trustedProxies: [String] = []
    /// Paths of the PEM files to serve TLS with: both or neither.
    public var sslCert: String?
    public var sslKey: String?

    /// Other protocols the agents answer on.
    public var api = APISettings()

    // MARK: Limits of a client

    /// WebSocket clients at once.
    public var maxConnections: Int
    /// Sessions of one agent at once; 0 for no limit.
    public var maxSessionsPerAgent = 0
    /// How long a new connection may take to say hello.
    public var handshakeTimeout = Duration.seconds(10)
    /// Bytes of one message from a client.
    public var maxPayload = 1 << 20
    /// Messages a second that a client may send in the long run; 0 for no limit.
    public var messageRate = 0
    /// Messages beyond ``messageRate`` that it may send at once.
    public var messageBurst = 100
    /// Refused frames after which a client is closed.
    public var maxUnauthorizedFrames = 10
    /// Between two pings of ours.
    public var heartbeatInterval: Duration
    /// Heartbeats without a sign of life before a client is closed; 0 to keep it.
    public var missedBeatsBeforeReap = 2
    /// How long a session waits for its client to come back.
    public var reconnectTimeout: Duration
    /// Bytes and frames a client may be behind before it is closed.
    public var maxBufferedBytes: Int
    public var maxQueuedFrames: Int

    // MARK: Limits of an address and of a request

    /// Connections of one address that have not authenticated yet. Does not bind this machine itself.
    public var preauthMaxConnectionsPerIP = 32
    /// WebSockets one address may open in a minute; 0 for no limit. Does not bind this machine itself.
    public var maxUpgradesPerMinute = 60
    /// Changes to channels, pairings and approvals one address may ask for in a minute; 0 for no limit. Does not bind
    /// this machine itself.
    public var maxAdminCallsPerMinute = 10
    /// Bytes of a request's line and headers.
    public var maxHeaderBytes = 16 << 10
    /// Bytes of a request's body.
    public var maxBodyBytes = 4 << 20
    /// How long a request's line and headers may take to arrive.
    public var headerTimeout = Duration.seconds(10)
    /// How long a request's body may take to arrive.
    public var bodyTimeout = Duration.seconds(60)
    /// How long an HTTP connection may stay open without a request.
    public var idleTimeout = Duration.seconds(60)

    // MARK: Turns

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

/// The `gateway.api:` block.
public struct APISettings: Hashable, Sendable {
    /// Serves `/v1/chat/completions`, `/v1/responses` and `/v1/models`.
    public var openAI: Bool
    /// Serves `/mcp`.
    public var mcp: Bool
    /// Whether answers are sent as they grow, where the caller asks for it; else as a whole at the end.
    public var stream: Bool

    public init(openAI: Bool = false, mcp: Bool = false, stream: Bool = true) {
        self.openAI = openAI
        self.mcp = mcp
        self.stream = stream
    }
}

/// A client's token that opens only some doors.
public struct ScopedToken: Hashable, Sendable {
    public var token: Secret
    public var scopes: Set<ClientScope>

    public init(token: Secret, scopes: Set<ClientScope>) {
        self.token = token
        self.scopes = scopes
    }
}

/// What a client of the control plane may do. Holding any of them implies `read`, and `admin` implies all.
public enum ClientScope: String, Hashable, Sendable, CaseIterable, Codable {
    case read, write, approvals, pairing, admin
}
