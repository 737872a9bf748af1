public import PraisonCore

/// How a gateway is to run: where it listens, who may connect, and its limits.
///
/// ```swift
/// let config = GatewayConfig(host: "127.0.0.1", port: 8765, authToken: "your-secret-token")
/// ```
public struct GatewayConfig: Hashable, Sendable {
    public var host: String
    /// 0 takes any that is free; ``Gateway/address`` tells which.
    public var port: Int
    /// What clients must show. Without it everybody on this machine may connect and nobody else; beyond this machine
    /// it is required.
    public var authToken: Secret?
    public var maxConnections: Int
    /// Between two pings to a client.
    public var heartbeatInterval: Duration
    /// How long a session, and an agent of another process, is waited for.
    public var reconnectTimeout: Duration
    /// Paths of the PEM certificate chain and its key: both or neither.
    public var sslCert: String?
    public var sslKey: String?
    /// Not in effect yet; see ``PushConfig``.
    public var push: PushConfig
    public var sessionConfig: SessionConfig
    /// Other protocols the agents answer on.
    public var api: APISettings
    /// How long a stop waits for running turns and unsent replies.
    public var drainTimeout: Duration

    public init(
        host: String = "127.0.0.1", port: Int = 8765, authToken: Secret? = nil, maxConnections: Int = 1000,
        heartbeatInterval: Duration = .seconds(30), reconnectTimeout: Duration = .seconds(60), sslCert: String? = nil,
        sslKey: String? = nil, push: PushConfig = PushConfig(), sessionConfig: SessionConfig = SessionConfig(),
        api: APISettings = APISettings(), drainTimeout: Duration = .seconds(30)
    ) {
        self.host = host
        self.port = port
        self.authToken = authToken
        self.maxConnections = maxConnections
        self.heartbeatInterval = heartbeatInterval
        self.reconnectTimeout = reconnectTimeout
        self.sslCert = sslCert
        self.sslKey = sslKey
        self.push = push
        self.sessionConfig = sessionConfig
        self.api = api
        self.drainTimeout = drainTimeout
    }

    /// The same as the gateway's parts know it.
    var server: ServerSettings {
        var server = ServerSettings(
            host: host, port: port, authToken: authToken, maxConnections: maxConnections,
            heartbeatInterval: heartbeatInterval, reconnectTimeout: reconnectTimeout, drainTimeout: drainTimeout)
        server.sslCert = sslCert
        server.sslKey = sslKey
        server.api = api
        return server
    }
}

/// How long conversations are remembered, and where.
public struct SessionConfig: Hashable, Sendable {
    /// Idle longer than this, and the history starts afresh.
    public var timeout: Duration
    /// Messages of history kept per session.
    public var maxMessages: Int
    /// `false` keeps everything in memory, for as long as the process lives.
    public var persist: Bool
    /// The folder of the database; `nil` for `~/.praisonai/state`.
    public var persistPath: String?

    public init(
        timeout: Duration = .seconds(3600), maxMessages: Int = 1000, persist: Bool = true, persistPath: String? = nil
    ) {
        self.timeout = timeout
        self.maxMessages = maxMessages
        self.persist = persist
        self.persistPath = persistPath
    }

    var settings: SessionSettings {
        SessionSettings(timeout: timeout, maxMessages: maxMessages, persist: persist)
    }
}

/// Publish and subscribe for clients.
///
/// These are values only: this version serves no push channels, and a gateway with ``enabled`` set refuses to run
/// rather than be silent about it.
public struct PushConfig: Hashable, Sendable {
    public var enabled: Bool

    public init(enabled: Bool = false) { self.enabled = enabled }
}

/// Why a gateway can't run as it is configured, in words for the person who can mend it.
public struct GatewayConfigError: Error, Hashable, Sendable, CustomStringConvertible {
    public var description: String
    init(_ description: String) { self.description = description }
}
