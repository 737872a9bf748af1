import PraisonCore

/// Makes configuration values of checked files, and checks what concerns several keys at once.
struct ConfigurationAssembly {
    let root: CheckedBlock?
    let agentsRoot: CheckedBlock?
    /// Every agent there is, in the order of the files.
    let agentNames: [String]
    let environment: [String: String]
    let commandLine: CommandLineValues
    let isWhole: Bool
    /// Whether the agents' section has been said to be none, so that it is no wonder if there are none.
    let isWithoutAgentsSection: Bool
    /// Reports about gateway.yaml.
    var checker: Checker
    /// Reports about the agents file.
    var agentsChecker: Checker?
    /// Paths of channels that are off: variables in them need not be set.
    var offPaths: [String] = []

    init(
        gateway: CheckedFile, agents: CheckedFile?, environment: [String: String], commandLine: CommandLineValues
    ) {
        root = gateway.root
        agentsRoot = agents?.root
        var names = gateway.agentNames
        let known = Set(names)
        names += (agents?.agentNames ?? []).filter { !known.contains($0) }
        agentNames = names
        isWhole = gateway.isWhole && agents?.isWhole ?? true
        isWithoutAgentsSection = ([gateway.checker] + (agents.map { [$0.checker] } ?? [])).contains { checker in
            checker.problems.contains { problem in
                ["agents", "roles"].contains { problem.path == $0 || problem.path.hasPrefix("\($0)[") }
            }
        }
        self.environment = environment
        self.commandLine = commandLine
        checker = gateway.checker
        agentsChecker = agents?.checker
    }

    var schema: ConfigurationSchema { checker.schema }

    var problems: [ConfigurationProblem] {
        let unset = checker.unsetVariables.filter { problem in
            // In what could not be read may be the reason why the channel is off.
            guard isWhole else { return !problem.path.hasPrefix("channels.") }
            return !offPaths.contains { problem.path.hasPrefix($0 + ".") }
        }
        return checker.allProblems + unset + (agentsChecker?.allProblems ?? []) + (agentsChecker?.unsetVariables ?? [])
    }

    var notices: [ConfigurationProblem] { checker.notices + (agentsChecker?.notices ?? []) }

    var places: ConfigurationPlaces {
        var places = ConfigurationPlaces(file: checker.file)
        if let root { places.insert(root, of: checker.file) }
        if let agentsRoot, let agentsChecker {
            for (_, _, agent) in agentsRoot.block("agents")?.namedBlocks ?? [] {
                places.insert(agent, of: agentsChecker.file)
            }
        }
        return places
    }

    /// What can be made of the files. Of a file that could not be read as a whole nothing is said besides: what keys
    /// refer to may stand in the rest.
    mutating func readable() -> GatewayConfiguration? {
        guard let root else { return nil }
        if isWhole { return configuration(root) }
        var silent = self
        return silent.configuration(root)
    }

    private mutating func configuration(_ root: CheckedBlock) -> GatewayConfiguration {
        checkVersion(root)
        var configuration = GatewayConfiguration()
        configuration.providerModel = model(agentsRoot?.block("provider")) ?? model(root.block("provider"))
        configuration.server = server(root.block("gateway"))
        configuration.session = session(root.block("gateway")?.block("session_config"))
        configuration.agents = agents(fallback: configuration.providerModel)
        configuration.channels = channels(root.block("channels"))
        configuration.allowsCommandTools = root.block("gateway")?.boolean("allow_command_tools") ?? false
        configuration.tools = tools(root.block("tools"), commandsAllowed: configuration.allowsCommandTools)
        configuration.mcpServers = mcpServers(root.block("mcp_servers"))
        checkToolNames()
        checkSchedules(root.block("schedules"))
        configuration.guardrails = guardrails(root.block("guardrails")?.block("registry"))
        configuration.spending = spending(root.block("spending"))
        configuration.identities = identities(root.block("identity"))
        return configuration
    }

    /// The chain of agents that have none of their own.
    var providerFallback: [String] {
        agentsRoot?.block("provider")?.words("fallback") ?? root?.block("provider")?.words("fallback") ?? []
    }

    private mutating func checkVersion(_ root: CheckedBlock) {
        guard let version = root.integer("config_version"), version > ConfigurationSchema.newestVersion else { return }
        checker.report(
            root.place(of: "config_version"), "config_version",
            "this program reads files up to version \(ConfigurationSchema.newestVersion); use a newer program")
    }

    private func model(_ provider: CheckedBlock?) -> String? { Self.model(provider?.text("model")) }

    /// "auto" leaves the choice to the gateway, as if nothing were written.
    static func model(_ text: String?) -> String? {
        text.flatMap { $0.isEmpty || $0 == "auto" ? nil : $0 }
    }

    /// Whether something has been said already of the key `key` in `block`, or of what is in it.
    func hasProblem(_ block: CheckedBlock, _ key: String) -> Bool {
        let path = block.path(of: key)
        return (checker.problems + checker.unsetVariables).contains {
            $0.path == path || $0.path.hasPrefix(path + ".") || $0.path.hasPrefix(path + "[")
        }
    }

    /// Reports a name that no agent has.
    mutating func requireAgent(_ name: String, at place: SourcePlace, path: String) {
        guard !agentNames.contains(name), !(agentNames.isEmpty && isWithoutAgentsSection) else { return }
        let suggestion = Spelling.suggestion(for: name, among: agentNames)
        let edit = suggestion.map { ConfigurationProblem.Edit(place: place, old: name, new: $0) }
        checker.report(
            place, path,
            "there is no agent \"\(excerpt(name))\" (\(Self.listed(agentNames, none: "there is none at all")))",
            suggestion: suggestion, edit: edit)
    }

    /// The first of `names` for a message.
    static func listed(_ names: [String], none: String) -> String {
        guard !names.isEmpty else { return none }
        let shown = names.prefix(8).map { excerpt($0) }.joined(separator: ", ")
        return "there is \(shown)" + (names.count > 8 ? " and \(names.count - 8) more" : "")
    }
}
