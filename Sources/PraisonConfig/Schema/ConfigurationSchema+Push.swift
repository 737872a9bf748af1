extension ConfigurationSchema {
    /// The `gateway.push:` block.
    static let push = SettingBlock([
        Setting("enabled", .boolean, default: "false", "serve it"),
        Setting("redis", .block(redis), "sharing it between several gateways"),
        Setting("presence", .block(presence), "telling who is there"),
        Setting("delivery", .block(delivery), "delivering until it is acknowledged"),
        Setting("polling", .block(polling), "clients that ask over HTTP instead"),
    ])

    private static let redis = SettingBlock([
        Setting("url", .secret, "redis://…; goes before host and port"),
        Setting("host", .text, default: "localhost", "where Redis is"),
        Setting("port", .integer(1...65535), default: "6379", "its TCP port"),
        Setting("db", .integer(0...1_000_000), default: "0", "its database"),
        Setting("password", .secret, "what Redis asks for"),
        Setting("prefix", .text, default: "\"praison:push:\"", "put before every key"),
        Setting("max_connections", .integer(1...10_000), default: "20", unit: "connections", "to Redis"),
    ])

    private static let presence = SettingBlock([
        Setting("enabled", .boolean, default: "true", "keep it"),
        Setting(
            "heartbeat_interval", .number(1...3600), default: "15", unit: "seconds", "between two signs of life"),
        Setting("offline_timeout", .number(1...86_400), default: "45", unit: "seconds", "of silence, and one is gone"),
        Setting("broadcast_changes", .boolean, default: "true", "tell the others on a channel"),
    ])

    private static let delivery = SettingBlock([
        Setting("enabled", .boolean, default: "true", "wait for acknowledgements"),
        Setting("ack_timeout", .number(0.1...86_400), default: "30", unit: "seconds", "before the first repetition"),
        Setting("max_retries", .integer(0...1000), default: "3", unit: "repetitions", "before it is given up"),
        Setting("retry_backoff", .number(1...10), default: "2", "how much longer each wait is"),
        Setting(
            "message_ttl", .number(1...31_536_000), default: "86400", unit: "seconds", "that a message is kept for"),
        Setting("store_backend", .choice(["memory", "sqlite", "redis"]), default: "sqlite", "where it is kept"),
    ])

    private static let polling = SettingBlock([
        Setting("enabled", .boolean, default: "true", "serve it"),
        Setting(
            "long_poll_timeout", .number(0...3600), default: "30", unit: "seconds", "that a poll waits for messages"),
        Setting("max_batch_size", .integer(1...10_000), default: "100", unit: "messages", "in one answer"),
        Setting(
            "max_queue_size", .integer(1...1_000_000), default: "1000", unit: "messages", "that wait for one client"),
    ])
}
