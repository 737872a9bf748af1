import PraisonCore

extension ConfigurationAssembly {
    /// The agents of both files; one in the agents file takes the place of its namesake.
    mutating func agents(fallback model: String?) -> [AgentSettings] {
        let written = root?.block("agents")?.namedBlocks ?? []
        let joined = agentsRoot?.block("agents")?.namedBlocks ?? []
        var agents: [AgentSettings] = []
        let replaced = Set(joined.map(\.name))
        for (name, keyPlace, block) in written where !replaced.contains(name) {
            if let reason = Self.fault(inName: name) { checker.report(keyPlace, block.path, reason) }
            agents.append(agent(name, block, fallback: model, missing: &checker))
        }
        for (name, keyPlace, block) in joined {
            guard var own = agentsChecker else { break }
            if let reason = Self.fault(inName: name) { own.report(keyPlace, block.path, reason) }
            agents.append(agent(name, block, fallback: model, missing: &own))
            agentsChecker = own
        }
        if agentNames.isEmpty, !isWithoutAgentsSection { reportNoAgents() }
        return agents
    }

    private mutating func reportNoAgents() {
        let message = "missing; write at least one agent: a name, and instructions: under it"
        if var own = agentsChecker, let place = agentsRoot?.place {
            own.report(place, "agents", message)
            agentsChecker = own
        } else if let root {
            checker.report(root.place(of: "agents"), "agents", message)
        }
    }

    private func agent(
        _ name: String, _ block: CheckedBlock, fallback: String?, missing checker: inout Checker
    ) -> AgentSettings {
        var agent = AgentSettings(name: AgentName(name))
        agent.displayName = block.text("name")
        agent.description = block.text("description")
        agent.instructions = block.text("instructions") ?? ""
        agent.model = Self.model(block.text("model")) ?? fallback
        agent.provider = block.text("provider")
        agent.fallback = block.words("fallback") ?? providerFallback
        agent.toolChoice = block.text("tool_choice") ?? agent.toolChoice
        agent.searchesWeb = block.boolean("web_search") ?? false
        agent.searchProvider = block.text("web_search_provider")
        agent.allowsDelegation = block.boolean("allow_delegation") ?? false
        agent.temperature = block.number("temperature")
        agent.contextWindow = block.integer("context_window")
        agent.maximumOutputTokens = block.integer("max_tokens")
        agent.baseURL = block.text("base_url")
        agent.tools = block.words("tools") ?? []
        agent.memory = block.boolean("memory") ?? (block.block("memory") != nil)
        agent.knowledge = knowledge(block).map(checker.absolute)
        agent.reflects = block.boolean("reflection") ?? false
        agent.approvesItself = block.boolean("auto_approve") ?? false
        agent.role = block.text("role")
        agent.goal = block.text("goal")
        agent.backstory = block.text("backstory")
        agent.isRemote = block.boolean("remote") ?? false
        switch block.secret("api_key") {
        case .known(let key)?: agent.apiKey = key
        case .missing(let reason)?:
            checker.note(.advice, block.place(of: "api_key"), block.path(of: "api_key"), "no key: \(reason)")
        case .empty?, nil: break
        }
        return agent
    }

    private func knowledge(_ block: CheckedBlock) -> [String] {
        if let isOn = block.boolean("knowledge") { return isOn ? ["knowledge"] : [] }
        return block.words("knowledge") ?? []
    }

    /// Names stand in addresses, commands and logs.
    static func fault(inName name: String) -> String? {
        let isPlain = name.unicodeScalars.allSatisfy { $0.value > 0x1F && $0 != "/" && $0.value != 0x7F }
        return isPlain && name.utf8.count <= 128 && name == trimmed(name[...])
            ? nil : "a name has at most 128 bytes and no \"/\", line break or space around it"
    }
}
