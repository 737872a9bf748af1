import PraisonCore

extension ConfigurationAssembly {
    /// - Parameter platform: `nil` where it is not known.
    mutating func routing(_ block: CheckedBlock, on platform: PlatformDescription?) -> Routing {
        var routing = Routing()
        for entry in block.block("routing")?.entries ?? [] {
            guard case .text(let name) = entry.node.value else { continue }
            requireAgent(name, at: entry.node.place, path: "\(block.path).routing.\(entry.name)")
            if let scope = Conversation.Scope(rawValue: entry.name) {
                routing.byScope[scope] = AgentName(name)
            } else {
                routing.fallback = AgentName(name)
            }
        }
        routing.fallback = routing.fallback ?? agentByDefault
        for binding in block.blocks("bindings") {
            if let platform, !platform.tellsMemberships { noteUntold(binding, by: platform.platform) }
            if let binding = self.binding(binding) { routing.bindings.append(binding) }
        }
        let hasNone = routing.byScope.isEmpty && routing.bindings.isEmpty && routing.fallback == nil
        // Neither here nor, in the older shape, at the root.
        let isWritten =
            block.entry("routing") != nil || hasProblem(block, "routing") || hasProblem(block, "routes")
            || checker.problems.contains { $0.path == "routing" }
        if hasNone, !isWritten, !agentNames.isEmpty {
            checker.report(
                block.place, block.path(of: "routing"),
                "missing; say which agent answers: routing: {default: NAME} (\(Self.listed(agentNames, none: "")))")
        }
        return routing
    }

    /// Who answers where nothing else is said: the only agent, or the one called default.
    var agentByDefault: AgentName? {
        if agentNames.count == 1 { return agentNames.first.map { AgentName($0) } }
        return agentNames.contains("default") ? "default" : nil
    }

    private mutating func noteUntold(_ binding: CheckedBlock, by platform: Platform) {
        for key in ["role", "guild_id"] where binding.entry(key) != nil {
            checker.note(
                .advice, binding.place(of: key), binding.path(of: key),
                "\(platform) does not tell this of anybody, so the binding never holds")
        }
    }

    private mutating func binding(_ block: CheckedBlock) -> Routing.Binding? {
        guard let agent = block.text("agent") else {
            // A wrong value has been reported already; that nothing is there has not.
            if block.entry("agent") == nil, !hasProblem(block, "agent") {
                checker.report(block.place, block.path(of: "agent"), "missing; say which agent answers")
            }
            return nil
        }
        requireAgent(agent, at: block.place(of: "agent"), path: block.path(of: "agent"))
        return Routing.Binding(
            agent: AgentName(agent),
            chatType: block.text("chat_type").flatMap(Conversation.Scope.init),
            peer: block.text("peer").map(SenderID.init),
            role: block.text("role"),
            channelID: block.text("channel_id").map(Conversation.ID.init),
            account: block.text("account"),
            threadID: block.text("thread_id").map(Conversation.Thread.init),
            guildID: block.text("guild_id"),
            parentChannelID: block.text("parent_channel_id").map(Conversation.ID.init),
            priority: block.integer("priority") ?? 0,
            trust: block.text("trust").flatMap(Routing.Binding.Trust.init),
            allowTools: block.words("allow_tools"),
            denyTools: block.words("deny_tools") ?? [])
    }
}
