import PraisonCore

extension ConfigurationSchema {
    /// The `gateway:` block. A key that is in effect and says one value can also come from the environment, as
    /// `GATEWAY_` and the key in capitals; the file goes before it.
    static let gateway = SettingBlock(
        listening + clients + requests + turns + later + replaced)

    private static let listening = [
        Setting("host", .text, default: "127.0.0.1", "address to listen on", aliases: ["bind_host"]),
        Setting("port", .integer(1...65535), default: "8765", "TCP port to listen on"),
        Setting("auth_token", .secret, "what clients must show; none on loopback means open to this machine"),
        Setting(
            "auth",
            .block(
                SettingBlock([
                    Setting(
                        "tokens",
                        .list(
                            .block(
                                SettingBlock([
                                    Setting("token", .secret, "what the client shows"),
                                    Setting("scopes", .choices(scopes), "what it may do"),
                                ]))), "tokens with less than full rights")
                ])), "further tokens"),
        Setting("auth_scopes", .secretMap(.choices(scopes)), "further tokens, each with what it may do"),
        Setting(
            "allowed_origins", .names, default: "[]",
            "web origins besides the gateway's own that may open a WebSocket", aliases: ["cors_origins"]),
        Setting(
            "trusted_proxies", .names, default: "[]", "addresses or networks whose X-Forwarded-For is believed"),
        Setting("ssl_cert", .path, "path of the PEM certificate chain to serve TLS with"),
        Setting("ssl_key", .path, "path of the PEM key of ssl_cert"),
        Setting(
            "api",
            .block(
                SettingBlock([
                    Setting(
                        "openai", .boolean, default: "false",
                        "serve /v1/chat/completions, /v1/responses and /v1/models"),
                    Setting("mcp", .boolean, default: "false", "serve the agents as MCP tools under /mcp"),
                    Setting(
                        "stream", .boolean, default: "true",
                        "send answers as they grow, where the caller asks for it"),
                ])), "other protocols the agents answer on"),
    ]

    private static let scopes = ClientScope.allCases.map(\.rawValue)

    private static let clients = [
        Setting(
            "max_connections", .integer(1...1_000_000), default: "1000", unit: "clients", "WebSockets open at once"),
        Setting(
            "max_sessions_per_agent", .integer(0...1_000_000), default: "0", unit: "sessions",
            "of one agent at once; 0 for no limit"),
        Setting(
            "handshake_timeout", .number(0.1...3600), default: "10", unit: "seconds",
            "how long a new connection may take to say hello"),
        Setting(
            "max_payload", .integer(1024...(1 << 30)), default: "1048576", unit: "bytes",
            "largest message from a client"),
        Setting(
            "message_rate", .integer(0...1_000_000), default: "0", unit: "messages per second",
            "from one client in the long run; 0 for no limit"),
        Setting(
            "message_burst", .integer(1...1_000_000), default: "100", unit: "messages",
            "that a client may send at once beyond message_rate"),
        Setting(
            "max_unauthorized_frames", .integer(1...1_000_000), default: "10", unit: "frames",
            "refused frames before a client is closed"),
        Setting(
            "heartbeat_interval", .number(1...3600), default: "30", unit: "seconds", "between two pings to a client"),
        Setting("liveness", .block(liveness), "closing clients that no longer answer pings"),
        Setting(
            "reconnect_timeout", .number(0...86_400), default: "60", unit: "seconds",
            "how long a session waits for its client to come back"),
        Setting(
            "max_buffered_bytes", .integer(1024...(1 << 30)), default: "1048576", unit: "bytes",
            "how far a slow client may fall behind before it is closed"),
        Setting(
            "max_queued_frames", .integer(1...1_000_000), default: "1000", unit: "frames",
            "how many frames a slow client may fall behind before it is closed"),
        Setting("session_config", .block(session), "sessions of WebSocket clients", aliases: ["session"]),
    ]

    private static let requests = [
        Setting(
            "preauth_max_connections_per_ip", .integer(1...1_000_000), default: "32", unit: "connections",
            "from one other machine that have not authenticated yet"),
        Setting(
            "max_upgrades_per_minute", .integer(0...1_000_000), default: "60", unit: "WebSockets",
            "that one other machine may open in a minute; 0 for no limit"),
        Setting(
            "max_admin_calls_per_minute", .integer(0...1_000_000), default: "10", unit: "calls",
            "that one other machine may make to channels, pairings and approvals in a minute; 0 for no limit"),
        Setting(
            "max_header_bytes", .integer(1024...(1 << 20)), default: "16384", unit: "bytes",
            "of an HTTP request's line and headers"),
        Setting(
            "max_body_bytes", .integer(1024...(1 << 30)), default: "4194304", unit: "bytes",
            "of an HTTP request's body"),
        Setting(
            "header_timeout", .number(0.1...3600), default: "10", unit: "seconds",
            "how long an HTTP request's line and headers may take to arrive"),
        Setting(
            "body_timeout", .number(0.1...3600), default: "60", unit: "seconds",
            "how long an HTTP request's body may take to arrive"),
        Setting(
            "idle_timeout", .number(0.1...86_400), default: "60", unit: "seconds",
            "how long an HTTP connection stays open without a request"),
    ]

    private static let turns = [
        Setting(
            "allow_command_tools", .boolean, default: "false", "whether tools may run programs of this machine"),
        Setting(
            "max_concurrent_runs", .integer(0...100_000), default: "0", unit: "turns",
            "turns at once over all agents; 0 for eight per core"),
        Setting(
            "per_turn_timeout", .number(0...86_400), default: "0", unit: "seconds",
            "how long one turn may take; 0 for no limit"),
        Setting(
            "drain_timeout", .number(0...3600), default: "30", unit: "seconds",
            "how long a stop waits for running turns, and in the last fifth of it for unsent replies"),
    ]

    static let session = SettingBlock([
        Setting(
            "timeout", .number(0...31_536_000), default: "3600", unit: "seconds",
            "idle longer, and history starts afresh; 0 for never"),
        Setting("max_messages", .integer(1...1_000_000), default: "1000", unit: "messages", "history kept per session"),
        Setting("persist", .boolean, default: "true", "false keeps histories in memory only"),
        Setting("persist_path", .path, "folder of the session database; the store's own when it is not set"),
        Setting(
            "max_inbox", .integer(1...1_000_000), default: "256", unit: "messages",
            "of one session that may wait for their turn"),
        Setting(
            "resume_window", .number(0...31_536_000), default: "86400", unit: "seconds",
            "how long a session that was left can be taken up again"),
        Setting(
            "store", .choice(["sqlite", "file"]), default: "sqlite", "how sessions are kept"),
        Setting("compaction", .block(compaction), "summing up what is old"),
    ])

    private static let later = [
        Setting("queue_depth", .integer(0...1_000_000), default: "0", unit: "turns", "turns that may wait; 0 for 32"),
        Setting(
            "overflow_policy", .choice(["reject", "queue", "shed_oldest"]), default: "queue",
            "what happens to a turn when the queue is full"),
        Setting(
            "reload_drain_timeout", .number(0...3600), default: "30", unit: "seconds",
            "how long a channel finishes before a reload restarts it"),
        Setting(
            "push", .block(push), "publish and subscribe for clients"),
        Setting("health", .block(health), "restarting channels that have gone silent"),
        Setting("turn_lock", .block(turnLock), "one turn per conversation over several gateways"),
        Setting(
            "control",
            .block(
                SettingBlock([
                    Setting("backend", .choice(["off", "file"]), default: "off", "where commands are read from"),
                    Setting("path", .text, "the file of backend file"),
                ])), "commands from beside the gateway"),
        Setting("forensics", .anything, "recording for later examination"),
        Setting("hooks", .list(.block(hook)), "what to call when something happens"),
        Setting("watchdog", .anything, "restart by a supervisor when the gateway hangs"),
        Setting("lifecycle", .anything, "start and stop on demand"),
        Setting("attachments", .anything, "files from WebSocket clients"),
        Setting(
            "notify_on_undelivered", .boolean, default: "false", "tell the owner of a reply that cannot be delivered"),
        Setting("undelivered_template", .text, "the words for it"),
        Setting(
            "logging",
            .block(
                SettingBlock([
                    Setting(
                        "level", .choice(["trace", "debug", "info", "notice", "warning", "error", "critical"]),
                        default: "info", "least severity written")
                ])), "the log"),
    ]

    private static let replaced = [
        Setting(
            "reliability", .choice(["production", "default", "off"]), default: "production", "delivery guarantees"),
        Setting(
            "durable_runs", .boolean, default: "true", "take up turns again after a crash"),
    ]

    private static let liveness = SettingBlock([
        Setting("enabled", .boolean, default: "true", "false keeps them"),
        Setting(
            "missed_beats_before_reap", .integer(1...100), default: "2", unit: "heartbeats",
            "without a sign of life before a client is closed"),
        Setting(
            "interval_ms", .integer(100...3_600_000), default: "30000", unit: "milliseconds", "between two pings"),
    ])

    private static let health = SettingBlock([
        Setting("enabled", .boolean, default: "true", "watch channels"),
        Setting("interval", .number(1...86_400), default: "300", unit: "seconds", "between two looks"),
        Setting("startup_grace", .number(0...86_400), default: "60", unit: "seconds", "before the first look"),
        Setting("stale_after", .number(1...86_400), default: "120", unit: "seconds", "without proof of life"),
        Setting("stuck_after", .number(1...86_400), default: "900", unit: "seconds", "in one turn"),
        Setting("max_restarts_per_hour", .integer(0...3600), default: "10", unit: "restarts", "of one channel"),
        Setting("fleet_restarts_per_hour", .integer(0...3600), default: "40", unit: "restarts", "of all channels"),
        Setting(
            "failing_channel_fraction", .number(0...1), default: "0.5",
            "of the channels failing at once before the gateway calls itself unwell"),
        Setting(
            "breaker_cooldown_s", .number(0...86_400), default: "120", unit: "seconds",
            "before a restart is tried again after too many"),
    ])

    private static let turnLock = SettingBlock([
        Setting("backend", .choice(["local", "redis"]), default: "local", "where the lock is kept"),
        Setting("ttl", .number(1...86_400), default: "60", unit: "seconds", "until a lock whose holder died falls"),
        Setting("url", .text, "the Redis server of backend redis"),
    ])

    static let hook = SettingBlock(
        [
            Setting("name", .text, "what logs call it"),
            Setting("event", .identifier, "what it waits for"),
            Setting("enabled", .boolean, default: "true", "false leaves it out"),
        ],
        unknownKeys: .ignored)
}
