import PraisonCore

extension ConfigurationAssembly {
    mutating func server(_ written: CheckedBlock?) -> ServerSettings {
        let block = withEnvironment(written)
        var settings = ServerSettings()
        if let host = block.text("host") {
            if host.isEmpty || host.contains(where: \.isWhitespace) {
                checker.report(block.place(of: "host"), block.path(of: "host"), "expected an address such as 127.0.0.1")
            } else {
                settings.host = host
            }
        }
        settings.host = commandLine.host ?? settings.host
        settings.port = commandLine.port ?? block.integer("port") ?? settings.port
        settings.authToken = commandLine.authToken ?? block.knownSecret("auth_token")
        settings.scopedTokens = scopedTokens(block, isOpen: !AuthTokenStrength.isLoopback(settings.host))
        checkExposure(settings, block)
        settings.allowedOrigins = block.words("allowed_origins") ?? settings.allowedOrigins
        settings.trustedProxies = block.words("trusted_proxies") ?? settings.trustedProxies
        (settings.sslCert, settings.sslKey) = certificate(block)
        if let api = block.block("api") {
            settings.api = APISettings(
                openAI: api.boolean("openai") ?? false, mcp: api.boolean("mcp") ?? false,
                stream: api.boolean("stream") ?? true)
        }
        readLimits(of: &settings, from: block)
        return settings
    }

    private func readLimits(of settings: inout ServerSettings, from block: CheckedBlock) {
        let integers: [(String, WritableKeyPath<ServerSettings, Int>)] = [
            ("max_connections", \.maxConnections), ("max_sessions_per_agent", \.maxSessionsPerAgent),
            ("max_payload", \.maxPayload), ("message_rate", \.messageRate), ("message_burst", \.messageBurst),
            ("max_unauthorized_frames", \.maxUnauthorizedFrames), ("max_buffered_bytes", \.maxBufferedBytes),
            ("max_queued_frames", \.maxQueuedFrames),
            ("preauth_max_connections_per_ip", \.preauthMaxConnectionsPerIP),
            ("max_upgrades_per_minute", \.maxUpgradesPerMinute),
            ("max_admin_calls_per_minute", \.maxAdminCallsPerMinute), ("max_header_bytes", \.maxHeaderBytes),
            ("max_body_bytes", \.maxBodyBytes), ("max_concurrent_runs", \.maxConcurrentRuns),
        ]
        for (key, path) in integers { settings[keyPath: path] = block.integer(key) ?? settings[keyPath: path] }
        let durations: [(String, WritableKeyPath<ServerSettings, Duration>)] = [
            ("handshake_timeout", \.handshakeTimeout), ("heartbeat_interval", \.heartbeatInterval),
            ("reconnect_timeout", \.reconnectTimeout), ("header_timeout", \.headerTimeout),
            ("body_timeout", \.bodyTimeout), ("idle_timeout", \.idleTimeout),
            ("per_turn_timeout", \.perTurnTimeout), ("drain_timeout", \.drainTimeout),
        ]
        for (key, path) in durations { settings[keyPath: path] = block.duration(key) ?? settings[keyPath: path] }
        if let liveness = block.block("liveness") {
            settings.missedBeatsBeforeReap =
                liveness.integer("missed_beats_before_reap") ?? settings.missedBeatsBeforeReap
            if liveness.boolean("enabled") == false { settings.missedBeatsBeforeReap = 0 }
        }
    }

    /// Beyond this machine nobody gets in without a token worth its name.
    private mutating func checkExposure(_ settings: ServerSettings, _ block: CheckedBlock) {
        let (place, path) = (block.place(of: "auth_token"), block.path(of: "auth_token"))
        let isOpen = !AuthTokenStrength.isLoopback(settings.host)
        guard let token = settings.authToken else {
            guard isOpen, settings.scopedTokens.isEmpty, !hasProblem(block, "auth_token"),
                !hasProblem(block, "auth"), !hasProblem(block, "auth_scopes")
            else { return }
            checker.report(
                block.place(of: "host"), path,
                "missing; \(excerpt(settings.host)) can be reached from other machines, so set a token that clients "
                    + "must show, or host: 127.0.0.1")
            return
        }
        checkStrength(of: token, isOpen: isOpen, place, path)
    }

    /// A weak token is refused where other machines can try it.
    private mutating func checkStrength(of token: Secret, isOpen: Bool, _ place: SourcePlace, _ path: String) {
        guard let weakness = AuthTokenStrength.weakness(of: token) else { return }
        let words = "the token is weak: \(weakness); make one with: openssl rand -hex 32"
        if isOpen {
            checker.report(place, path, words)
        } else {
            checker.note(.advice, place, path, words)
        }
    }

    /// The tokens of both keys that hold them.
    private mutating func scopedTokens(_ block: CheckedBlock, isOpen: Bool) -> [ScopedToken] {
        var tokens: [ScopedToken] = []
        for entry in block.block("auth")?.blocks("tokens") ?? [] {
            if let token = entry.knownSecret("token") {
                checkStrength(of: token, isOpen: isOpen, entry.place(of: "token"), entry.path(of: "token"))
                tokens.append(ScopedToken(token: token, scopes: Self.scopes(entry.words("scopes") ?? [])))
            } else if entry.entry("token") == nil, !hasProblem(entry, "token") {
                checker.report(entry.place, entry.path(of: "token"), "missing; say what the client shows")
            }
            if entry.entry("scopes") == nil, !hasProblem(entry, "scopes") {
                checker.report(
                    entry.place, entry.path(of: "scopes"),
                    "missing; say what the client may do: \(ClientScope.allCases.map(\.rawValue).joined(separator: ", "))"
                )
            }
        }
        if case .secretMap(let entries)? = block.entry("auth_scopes")?.node.value {
            for (index, (secret, node)) in entries.enumerated() {
                // By number, because the key is the secret.
                checkStrength(of: secret, isOpen: isOpen, node.place, block.path(of: "auth_scopes[\(index)]"))
                guard case .names(let names) = node.value else { continue }
                tokens.append(ScopedToken(token: secret, scopes: Self.scopes(names.map(\.text))))
            }
        }
        return tokens
    }

    private static func scopes(_ words: [String]) -> Set<ClientScope> { Set(words.compactMap(ClientScope.init)) }

    private mutating func certificate(_ block: CheckedBlock) -> (cert: String?, key: String?) {
        let files = (cert: block.text("ssl_cert"), key: block.text("ssl_key"))
        for (key, other) in [("ssl_cert", "ssl_key"), ("ssl_key", "ssl_cert")] {
            guard block.entry(key) != nil, block.entry(other) == nil, !hasProblem(block, other) else { continue }
            checker.report(block.place(of: key), block.path(of: other), "missing; \(key) needs it to serve TLS")
        }
        return files
    }

    /// The block with what the environment says of keys that the file leaves open.
    private mutating func withEnvironment(_ written: CheckedBlock?) -> CheckedBlock {
        var block = written ?? CheckedBlock(path: "gateway", place: .outside)
        var outside = Checker(
            schema: schema, file: "environment", substitution: checker.substitution, folder: "",
            readFile: checker.readFile)
        for setting in ConfigurationSchema.gateway.settings
        where setting.status == .inEffect && block.entry(setting.name) == nil {
            let variable = "GATEWAY_" + setting.name.uppercased()
            guard setting.kind.isOneValue, !isSaid(setting.name), let text = environment[variable], !text.isEmpty else {
                continue
            }
            // A key with a mistake in it is no key that the file leaves open.
            guard !hasProblem(block, setting.name) else { continue }
            // Kubernetes tells every container of a service called "gateway" like this.
            if setting.name == "port", text.hasPrefix("tcp://") { continue }
            let value = outside.value(
                YAMLNode(outside: text), setting.kind, name: setting.name, path: variable, isQuiet: true)
            guard let value else { continue }
            let node = CheckedNode(value: value, place: .outside)
            block.entries.append(.init(name: setting.name, keyPlace: .outside, node: node))
        }
        checker.problems += outside.problems
        return block
    }

    private func isSaid(_ key: String) -> Bool {
        switch key {
        case "host": commandLine.host != nil
        case "port": commandLine.port != nil
        case "auth_token": commandLine.authToken != nil
        default: false
        }
    }

    func session(_ block: CheckedBlock?) -> SessionSettings {
        var settings = SessionSettings()
        guard let block else { return settings }
        settings.timeout = block.duration("timeout") ?? settings.timeout
        settings.maxMessages = block.integer("max_messages") ?? settings.maxMessages
        settings.persist = block.boolean("persist") ?? settings.persist
        settings.persistPath = block.text("persist_path")
        settings.maxInbox = block.integer("max_inbox") ?? settings.maxInbox
        settings.resumeWindow = block.duration("resume_window") ?? settings.resumeWindow
        settings.compaction = block.block("compaction").flatMap(Self.compaction)
        return settings
    }
}
