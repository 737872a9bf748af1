import PraisonCore

extension ConfigurationAssembly {
    mutating func server(_ written: CheckedBlock?) -> ServerSettings {
        let block = withEnvironment(written)
        var settings = ServerSettings()
        if let host = block.text("host") {
            if host.isEmpty || host.contains(where: \.isWhitespace) {
                checker.report(block.place(of: "host"), block.path(of: "host"), "expected an address such as 127.0.0.1")
            }
            settings.host = host
        }
        settings.port = block.integer("port") ?? settings.port
        settings.authToken = block.knownSecret("auth_token")
        settings.allowedOrigins = block.words("allowed_origins") ?? settings.allowedOrigins
        settings.maxConnections = block.integer("max_connections") ?? settings.maxConnections
        settings.heartbeatInterval = block.duration("heartbeat_interval") ?? settings.heartbeatInterval
        settings.reconnectTimeout = block.duration("reconnect_timeout") ?? settings.reconnectTimeout
        settings.maxBufferedBytes = block.integer("max_buffered_bytes") ?? settings.maxBufferedBytes
        settings.maxQueuedFrames = block.integer("max_queued_frames") ?? settings.maxQueuedFrames
        settings.maxConcurrentRuns = block.integer("max_concurrent_runs") ?? settings.maxConcurrentRuns
        settings.perTurnTimeout = block.duration("per_turn_timeout") ?? settings.perTurnTimeout
        settings.drainTimeout = block.duration("drain_timeout") ?? settings.drainTimeout
        return settings
    }

    /// The block with what the environment says of keys that the file leaves open.
    private mutating func withEnvironment(_ written: CheckedBlock?) -> CheckedBlock {
        var block = written ?? CheckedBlock(path: "gateway", place: .outside)
        var outside = Checker(
            schema: schema, file: "environment", substitution: checker.substitution, readFile: checker.readFile)
        for setting in ConfigurationSchema.gateway.settings
        where setting.status == .inEffect && block.entry(setting.name) == nil {
            let variable = "GATEWAY_" + setting.name.uppercased()
            if case .block = setting.kind { continue }
            guard let text = environment[variable], !text.isEmpty else { continue }
            // A key with a mistake in it is no key that the file leaves open.
            guard !checker.problems.contains(where: { $0.path == block.path(of: setting.name) }) else { continue }
            let value = outside.value(
                YAMLNode(outside: text), setting.kind, name: setting.name, path: variable, isQuiet: true)
            guard let value else { continue }
            let node = CheckedNode(value: value, place: .outside)
            block.entries.append(.init(name: setting.name, keyPlace: .outside, node: node))
        }
        checker.problems += outside.problems
        return block
    }

    func session(_ block: CheckedBlock?) -> SessionSettings {
        var settings = SessionSettings()
        guard let block else { return settings }
        settings.timeout = block.duration("timeout") ?? settings.timeout
        settings.maxMessages = block.integer("max_messages") ?? settings.maxMessages
        settings.persist = block.boolean("persist") ?? settings.persist
        settings.persistPath = block.text("persist_path")
        return settings
    }
}
