import PraisonCore

extension ConfigurationAssembly {
    /// The platform's own keys, defaults filled in.
    func options(
        _ description: PlatformDescription, _ block: CheckedBlock
    ) -> (options: [String: JSONValue], secrets: [String: Secret]) {
        var options: [String: JSONValue] = [:]
        var secrets: [String: Secret] = [:]
        for option in description.options {
            if case .secret = option.kind {
                secrets[option.key] = block.knownSecret(option.key)
            } else {
                options[option.key] = Self.json(block.entry(option.key)?.node.value) ?? Self.defaultValue(of: option)
            }
        }
        return (options, secrets)
    }

    private static func json(_ value: CheckedValue?) -> JSONValue? {
        switch value {
        case .text(let text)?: .string(text)
        case .boolean(let flag)?: .bool(flag)
        case .integer(let number)?: JSONValue(number)
        case .number(let number)?: JSONValue(number)
        default: nil
        }
    }

    private static func defaultValue(of option: ChannelOption) -> JSONValue? {
        guard let text = option.defaultValue else { return nil }
        switch (option.kind, YAMLScalar.resolve(text)) {
        case (.boolean, .boolean(let flag)): return .bool(flag)
        case (.integer, .integer(let number)): return JSONValue(number)
        case (.seconds, .integer(let number)): return JSONValue(number)
        case (.seconds, .number(let number)): return JSONValue(number)
        default: return .string(unquoted(text))
        }
    }

    mutating func channelSession(_ channel: CheckedBlock) -> ChannelSessionSettings {
        var settings = ChannelSessionSettings()
        let block = channel.block("session")
        settings.maxHistory =
            block?.integer("max_history") ?? channel.integer("max_history") ?? settings.maxHistory
        guard let block else { return settings }
        settings.scope = block.text("session_scope").flatMap(ChannelSessionSettings.Scope.init) ?? settings.scope
        if let attribution = block.text("attribution") {
            settings.attribution = attribution.isEmpty ? nil : attribution
        }
        settings.timestamps = block.boolean("timestamps") ?? settings.timestamps
        settings.reset = block.block("reset").map { reset($0) } ?? settings.reset
        settings.compaction = block.block("compaction").flatMap(Self.compaction)
        return settings
    }

    static func compaction(_ block: CheckedBlock) -> CompactionSettings? {
        guard block.boolean("enabled") == true else { return nil }
        var settings = CompactionSettings()
        let cutting = ["truncate", "sliding", "prune"]
        settings.strategy = block.text("strategy").map(cutting.contains) == true ? .truncate : .summarize
        settings.maxMessages = block.integer("max_messages") ?? settings.maxMessages
        settings.maxTokens = block.integer("max_tokens")
        settings.keepRecent = block.integer("keep_recent") ?? settings.keepRecent
        return settings
    }

    mutating func approvals(_ block: CheckedBlock) -> ApprovalSettings {
        let mode = block.text("approval_mode") ?? "channel"
        if mode == "webhook" {
            checker.note(
                .advice, block.place(of: "approval_mode"), block.path(of: "approval_mode"),
                "nobody is called by webhook; a program asks /api/approval/pending of the control plane")
        }
        let words = block.words("approvers") ?? []
        return ApprovalSettings(
            asksInChat: mode == "channel", approvers: Set(words).subtracting(["sender"]),
            everybodyForThemselves: words.contains("sender"))
    }

    private mutating func reset(_ block: CheckedBlock) -> ChannelSessionSettings.Reset {
        let mode = block.text("mode") ?? "none"
        let minutes = block.integer("idle_minutes") ?? 60
        if mode == "idle" { return .idle(minutes: minutes) }
        guard mode != "none" else { return .none }
        guard let hour = block.integer("at_hour") else {
            if !hasProblem(block, "at_hour") {
                checker.report(
                    block.place(of: "mode"), block.path(of: "at_hour"),
                    "missing; mode \(mode) needs the hour (0 to 23) at which memory starts afresh")
            }
            return .none
        }
        return mode == "daily" ? .daily(hour: hour) : .both(minutes: minutes, hour: hour)
    }

    func streaming(_ block: CheckedBlock?) -> StreamingSettings {
        var settings = StreamingSettings()
        guard let block else { return settings }
        settings.mode = block.text("mode").flatMap(StreamingSettings.Mode.init) ?? settings.mode
        settings.minInterval = block.duration("min_interval") ?? settings.minInterval
        settings.maxInterval = block.duration("max_interval") ?? settings.maxInterval
        settings.minDelta = block.integer("min_delta") ?? settings.minDelta
        settings.placeholder = block.text("placeholder") ?? settings.placeholder
        settings.progressPrefix = block.text("progress_prefix") ?? settings.progressPrefix
        settings.floodBackoff = block.number("flood_backoff_factor") ?? settings.floodBackoff
        settings.maximumFailures = block.integer("disable_progressive_edits_after") ?? settings.maximumFailures
        return settings
    }

    func speech(_ block: CheckedBlock) -> SpeechSettings {
        var settings = SpeechSettings()
        if let isOn = block.boolean("stt") { settings.isOn = isOn }
        guard let stt = block.block("stt") else { return settings }
        settings.isOn = stt.boolean("enabled") ?? true
        settings.model = stt.text("model")
        settings.language = stt.text("language")
        settings.baseURL = stt.text("base_url")
        settings.apiKey = stt.knownSecret("api_key")
        return settings
    }
}
