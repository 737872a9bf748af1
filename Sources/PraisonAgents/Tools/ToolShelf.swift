import Logging
import PraisonCore

/// All tools there are: the built-in ones, those written in the file, and the servers that lend some.
struct ToolShelf: Sendable {
    private let byName: [String: any Tool]
    private let access: [String: ToolAccess]
    private let services: ToolServices
    private let http: any HTTPClient
    let servers: [MCPServer]
    let circle: AgentCircle
    let post = PostOffice()

    /// What the tools need of the world.
    struct Surroundings: Sendable {
        var http: any HTTPClient
        var clock: any GatewayClock
        /// `nil` where no program may be started.
        var launcher: (any ProcessLauncher)?
        /// Where programs are found.
        var path: String
        /// Whom the agents turn to; `nil` for one another.
        var colleagues: (any Colleagues)?
        var logger: Logger
    }

    init(_ settings: ToolsSettings, services: ToolServices, _ surroundings: Surroundings) {
        let (http, clock) = (surroundings.http, surroundings.clock)
        self.services = services
        self.http = http
        circle = AgentCircle(surroundings.colleagues)
        var tools: [any Tool] = [
            CurrentTimeTool(clock: clock), CalculatorTool(), WeatherTool(http: http, services: services),
            FetchTool(http: http), SendMessageTool(post: post),
        ]
        if let backend = services.search() { tools.append(WebSearchTool(http: http, backend: backend)) }
        for written in settings.tools {
            if let tool = RequestTool(written, http: http) { tools.insert(tool, at: 0) }
            if settings.allowsCommands, let launcher = surroundings.launcher,
                let tool = CommandTool(written, launcher: launcher, path: surroundings.path)
            {
                tools.insert(tool, at: 0)
            }
        }
        // What is written in the file comes first, and may take a built-in tool's place.
        byName = Dictionary(tools.map { ($0.name, $0) }) { first, _ in first }
        access = Dictionary(settings.tools.map { ($0.name, $0.access) }) { first, _ in first }
        servers = settings.servers.compactMap { server in
            Self.transport(to: server, surroundings).map {
                MCPServer(server, transport: $0, clock: clock, logger: surroundings.logger)
            }
        }
    }

    private static func transport(
        to server: MCPServerSettings, _ surroundings: Surroundings
    ) -> (any MCPTransport)? {
        switch server.connection {
        case .program(let command, let environment):
            surroundings.launcher.map {
                MCPProgram(
                    name: server.name, command: command,
                    environment: ProgramEnvironment.make(path: surroundings.path, environment), launcher: $0,
                    logger: surroundings.logger)
            }
        case .http(let url, let headers):
            MCPAddress(
                url: url, headers: headers, timeout: server.timeout, http: surroundings.http, clock: surroundings.clock)
        }
    }

    /// What an agent has: the tools it names, the servers it names, and of servers the single tools it names.
    ///
    /// - Parameter own: tools that are this agent's alone.
    func box(for agent: AgentSettings, own: [any Tool] = []) -> ToolBox {
        var tools = agent.tools.compactMap { byName[$0] } + own
        if let provider = agent.searchProvider, let backend = services.search(by: provider) {
            tools.removeAll { $0.name == BuiltInTools.searchWeb }
            if agent.searchesWeb || agent.tools.contains(BuiltInTools.searchWeb) {
                tools.append(WebSearchTool(http: http, backend: backend))
            }
        } else if agent.searchesWeb, !agent.tools.contains(BuiltInTools.searchWeb),
            let tool = byName[BuiltInTools.searchWeb]
        {
            tools.append(tool)
        }
        if agent.allowsDelegation || agent.tools.contains(BuiltInTools.askAgent) {
            tools.append(AskAgentTool(name: agent.name, colleagues: circle.colleagues))
        }
        if agent.tools.contains(HandOverTool.name) {
            tools.append(HandOverTool(agent: agent.name, colleagues: circle.colleagues))
        }
        let loans = servers.compactMap { server -> ToolBox.Loan? in
            if agent.tools.contains(server.settings.name) { return ToolBox.Loan(server: server) }
            let names = agent.tools.filter {
                byName[$0] == nil && MCPServerSettings.mayLend($0, from: server.settings.name)
            }
            return names.isEmpty ? nil : ToolBox.Loan(server: server, names: Set(names))
        }
        return ToolBox(tools, loans: loans, access: access)
    }

    /// The tools that are there before any agent or server adds its own.
    var names: Set<String> { Set(byName.keys) }

    /// Those of `names` that there are not. What a server may lend one day counts as being there.
    func unknown(_ names: [String]) -> [String] {
        names.filter { name in
            byName[name] == nil && name != BuiltInTools.askAgent && name != HandOverTool.name
                && !servers.contains {
                    name == $0.settings.name || MCPServerSettings.mayLend(name, from: $0.settings.name)
                }
        }
    }

    /// What is to be said of an agent's tools: those it has not.
    func note(on agent: AgentSettings) -> String? {
        let unknown = unknown(agent.tools)
        let known = (byName.keys + [BuiltInTools.askAgent, HandOverTool.name] + servers.map(\.settings.name)).sorted()
        let offer = "there are \(known.joined(separator: ", "))"
        var notes = unknown.isEmpty ? [] : ["has no tool \(unknown.joined(separator: ", ")); \(offer)"]
        let choice = agent.toolChoice
        if !["", "auto", "none", "required"].contains(choice), !self.unknown([choice]).isEmpty,
            !BuiltInTools.given.contains(choice)
        {
            notes.append("has no tool \(choice), which tool_choice names; \(offer)")
        }
        if let provider = agent.searchProvider, services.search(by: provider) == nil {
            notes.append("has no key or address for \(provider), and searches with another")
        }
        return notes.isEmpty ? nil : notes.joined(separator: "; ")
    }
}
