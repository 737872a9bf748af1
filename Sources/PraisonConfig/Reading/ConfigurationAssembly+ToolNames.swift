import PraisonCore

extension ConfigurationAssembly {
    /// Reports tools that there are not, at the keys that name them. Which tools a server lends is known only when it
    /// runs: any name that begins with the server's counts as one.
    mutating func checkToolNames() {
        guard let builtIn = schema.tools else { return }
        let names = ToolNames(
            builtIn: builtIn,
            declared: (root?.block("tools")?.namedBlocks ?? []).filter { isOwn($0.block) }.map(\.name),
            servers: (root?.block("mcp_servers")?.entries ?? []).map(\.name),
            faulty: Set(checker.problems.map(\.path)))
        checkLimits(builtIn, names)
        checkBindings(names)
        let joined = agentsRoot?.block("agents")?.namedBlocks ?? []
        let replaced = Set(joined.map(\.name))
        for (name, _, agent) in root?.block("agents")?.namedBlocks ?? [] where !replaced.contains(name) {
            check(agent, names, reportingTo: &checker)
        }
        guard var own = agentsChecker else { return }
        for (_, _, agent) in joined { check(agent, names, reportingTo: &own) }
        agentsChecker = own
    }

    private func check(_ agent: CheckedBlock, _ known: ToolNames, reportingTo checker: inout Checker) {
        // What runs in another process has that process's tools.
        guard agent.boolean("remote") != true else { return }
        for name in agent.names("tools") ?? [] where !known.contain(name.text) {
            report(name.text, at: name.place, agent.path(of: "tools"), known, to: &checker)
        }
        let choice = agent.text("tool_choice") ?? ""
        if !["", "auto", "none", "required"].contains(choice), !known.contain(choice) {
            report(choice, at: agent.place(of: "tool_choice"), agent.path(of: "tool_choice"), known, to: &checker)
        }
    }

    private func report(
        _ name: String, at place: SourcePlace, _ path: String, _ known: ToolNames, to checker: inout Checker
    ) {
        let message = "there is no tool \"\(excerpt(name))\" (\(Self.listed(known.all, none: "there is none at all")))"
        let suggestion = Spelling.suggestion(for: name, among: known.all)
        if commandLine.allowsUnknownTools {
            checker.note(.advice, place, path, "\(message), so the agent does without", suggestion: suggestion)
        } else {
            let edit = suggestion.map { ConfigurationProblem.Edit(place: place, old: name, new: $0) }
            checker.report(place, path, message, suggestion: suggestion, edit: edit)
        }
    }

    /// Notes tools in bindings that there are not, where somebody may believe that they are allowed or denied.
    private mutating func checkBindings(_ known: ToolNames) {
        for (_, _, channel) in root?.block("channels")?.namedBlocks ?? [] {
            for binding in channel.blocks("bindings") where !isRemote(binding.text("agent") ?? "") {
                for (key, effect) in [("allow_tools", "allowed"), ("deny_tools", "denied")] {
                    for name in binding.names(key) ?? [] where !known.contain(name.text) {
                        checker.note(
                            .advice, name.place, binding.path(of: key),
                            "there is no tool \"\(excerpt(name.text))\", so nothing is \(effect) by it",
                            suggestion: Spelling.suggestion(for: name.text, among: known.all))
                    }
                }
            }
        }
    }

    /// Whether an agent runs in another process, whose tools are not known here.
    private func isRemote(_ agent: String) -> Bool {
        let blocks = [agentsRoot, root].compactMap { $0?.block("agents")?.block(agent) }
        return blocks.first?.boolean("remote") == true
    }

    /// Whether the block declares a tool, and does not only limit one.
    private func isOwn(_ tool: CheckedBlock) -> Bool {
        ["url", "command", "description"].contains { tool.entry($0) != nil || hasProblem(tool, $0) }
    }

    /// Notes blocks under `tools:` that limit a tool nobody has.
    private mutating func checkLimits(_ builtIn: Set<String>, _ known: ToolNames) {
        for (name, keyPlace, tool) in root?.block("tools")?.namedBlocks ?? [] {
            let isSaid = checker.problems.contains { $0.path == tool.path }
            guard !isSaid, !isOwn(tool), !builtIn.contains(name), !known.isLent(name) else { continue }
            checker.note(
                .advice, keyPlace, tool.path, "there is no tool \"\(excerpt(name))\", so nothing is limited",
                suggestion: Spelling.suggestion(for: name, among: builtIn))
        }
    }
}

/// The names an agent may write under `tools:`.
private struct ToolNames {
    /// In the order in which people are told of them.
    let all: [String]
    private let servers: [String]
    private let faulty: Set<String>

    /// - Parameter faulty: the paths that something has been said of already.
    init(builtIn: Set<String>, declared: [String], servers: [String], faulty: Set<String>) {
        var seen: Set<String> = []
        all = (declared + servers + builtIn.sorted()).filter { seen.insert($0).inserted }
        self.servers = servers
        self.faulty = faulty
    }

    func contain(_ name: String) -> Bool { all.contains(name) || isLent(name) || isFaulty(name) }

    /// Whether a server may lend a tool of this name.
    func isLent(_ name: String) -> Bool { servers.contains { MCPServerSettings.mayLend(name, from: $0) } }

    /// Whether its declaration is there and could not be read.
    private func isFaulty(_ name: String) -> Bool {
        ["tools", "mcp_servers"].contains { faulty.contains($0) || faulty.contains("\($0).\(name)") }
    }
}
