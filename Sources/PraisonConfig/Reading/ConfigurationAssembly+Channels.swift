import PraisonCore

extension ConfigurationAssembly {
    mutating func channels(_ block: CheckedBlock?) -> [ChannelSettings] {
        let groups = AccessGroups(root?.block("access_groups"))
        checkGroups(root?.block("access_groups"), groups)
        var channels: [ChannelSettings] = []
        for (name, keyPlace, block) in block?.namedBlocks ?? [] {
            guard let channel = channel(name, keyPlace, block, groups) else { continue }
            if let twin = channels.first(where: { $0.isSameBot(as: channel) }) {
                checker.report(
                    block.place(of: "token"), block.path(of: "token"),
                    "the same token as channels.\(twin.name); they would take messages from each other, so give the "
                        + "channel a bot of its own, or put both into one channel")
            }
            channels.append(channel)
        }
        return channels + channelsFromEnvironment(besides: channels)
    }

    private mutating func channel(
        _ name: String, _ keyPlace: SourcePlace, _ block: CheckedBlock, _ groups: AccessGroups
    ) -> ChannelSettings? {
        if name == ChannelName.gateway.rawValue {
            checker.report(keyPlace, block.path, "this name is the gateway's own; give the channel another")
        } else if let reason = Self.fault(inName: name) {
            checker.report(keyPlace, block.path, reason)
        }
        let word = Platform(block.text("platform") ?? name)
        let known = schema.description(of: word)
        if known == nil, !hasProblem(block, "platform") { reportUnknown(word, channel: name, keyPlace, block) }
        guard let description = known ?? schema.description(resembling: word) else {
            offPaths.append(block.path)
            // What concerns people, agents and memory does not depend on the platform.
            _ = (routing(block, on: nil), access(block, groups: groups), channelSession(block))
            return nil
        }
        var settings = ChannelSettings(name: ChannelName(name), platform: description.platform)
        settings.token = block.knownSecret("token") ?? conventionalToken(description, block)
        settings.appToken = block.knownSecret("app_token")
        (settings.options, settings.secrets) = options(description, block)
        settings.offReason = offReason(description, block, hasToken: settings.token != nil, at: keyPlace)
        if settings.offReason != nil { offPaths.append(block.path) }
        settings.routing = routing(block, on: description)
        settings.access = access(block, groups: groups)
        settings.session = channelSession(block)
        settings.busy = block.text("busy").flatMap(BusyPolicy.init) ?? settings.busy
        settings.streaming = streaming(block.block("streaming"))
        if block.boolean("allow_silence") == true { settings.silenceToken = block.text("silence_token") ?? "NO_REPLY" }
        settings.maxInboundMediaBytes = block.integer("max_inbound_media_bytes") ?? settings.maxInboundMediaBytes
        settings.speech = speech(block)
        settings.approvals = approvals(block)
        return settings
    }

    private mutating func reportUnknown(
        _ platform: Platform, channel: String, _ keyPlace: SourcePlace, _ block: CheckedBlock
    ) {
        let meant = schema.description(resembling: platform)?.platform.rawValue
        let spoken = schema.platforms.filter(\.isOffered).map(\.platform.rawValue).joined(separator: ", ")
        if let place = block.entry("platform")?.node.place {
            let edit = meant.map { ConfigurationProblem.Edit(place: place, old: platform.rawValue, new: $0) }
            checker.report(
                place, block.path(of: "platform"),
                "unknown platform \"\(excerpt(platform.rawValue))\"; this gateway speaks \(spoken)",
                suggestion: meant, edit: edit)
        } else {
            // `telegram-vip` without a `platform:` is the commonest reason.
            checker.report(
                keyPlace, block.path,
                "\"\(excerpt(channel))\" is no platform; add platform: to it (this gateway speaks \(spoken))",
                suggestion: meant.map { "platform: \($0)" })
        }
    }

    /// The token from its usual variable, when the file does not say where it is.
    private func conventionalToken(_ description: PlatformDescription, _ block: CheckedBlock) -> Secret? {
        guard block.entry("token") == nil, let text = environment[description.tokenVariable] else { return nil }
        let token = trimmed(text[...])
        return token.isEmpty ? nil : Secret(token)
    }

    /// Why the channel does not run, and the word about it; `nil` when it runs.
    private mutating func offReason(
        _ description: PlatformDescription, _ block: CheckedBlock, hasToken: Bool, at place: SourcePlace
    ) -> String? {
        if block.boolean("enabled") == false { return "enabled is false" }
        if let absence = description.absence {
            let instead = absence.alternative.map { "; use \($0) instead" } ?? ""
            checker.note(
                .notOffered, place, block.path, "not offered: \(absence.reason)\(instead); the channel is off")
            return absence.reason
        }
        for entry in block.entries {
            let reason: String
            switch entry.node.value {
            case .secret(.missing(let why)): reason = why
            case .secret(.empty) where ["token", "app_token"].contains(entry.name): reason = "it is empty"
            default: continue
            }
            checker.note(.off, entry.node.place, block.path(of: entry.name), "\(reason); the channel is off")
            return "\(entry.name): \(reason)"
        }
        if description.requiresToken, !hasToken, !hasProblem(block, "token") {
            checker.report(
                place, block.path(of: "token"), "missing; write token: \"${\(description.tokenVariable)}\"")
        }
        return nil
    }

    /// A platform whose token is in the environment gets a channel though none is written.
    private mutating func channelsFromEnvironment(besides written: [ChannelSettings]) -> [ChannelSettings] {
        guard root?.boolean("auto_enable_from_env") != false, !agentNames.isEmpty else { return [] }
        var added: [ChannelSettings] = []
        for description in schema.platforms where description.isOffered && description.requiresToken {
            let platform = description.platform
            let isWritten = root?.block("channels")?.entries.contains { entry in
                guard case .block(let block) = entry.node.value else { return true }
                return (block.text("platform") ?? entry.name) == platform.rawValue || entry.name == platform.rawValue
            }
            let empty = CheckedBlock(path: "channels.\(platform)", place: root?.place ?? .outside)
            guard isWritten != true, let token = conventionalToken(description, empty) else { continue }
            guard let agent = agentByDefault ?? agentNames.first.map({ AgentName($0) }) else { continue }
            var settings = ChannelSettings(name: ChannelName(platform.rawValue), platform: platform, token: token)
            settings.options = options(description, empty).options
            settings.routing = Routing(fallback: agent)
            added.append(settings)
            checker.note(
                .advice, empty.place, empty.path,
                "added, with agent \(agent), because \(description.tokenVariable) is set; "
                    + "auto_enable_from_env: false prevents it")
        }
        return added
    }
}

extension ChannelSettings {
    /// Whether both would speak and listen as one account of a platform.
    fileprivate func isSameBot(as other: ChannelSettings) -> Bool {
        offReason == nil && other.offReason == nil && token != nil && token == other.token
            && platform == other.platform && options["api_base"] == other.options["api_base"]
    }
}
