import Logging
import PraisonCore

/// All tools there are: the built-in ones, those written in the file, and the servers that lend some.
struct ToolShelf: Sendable {
    private let byName: [String: any Tool]
    private let access: [String: ToolAccess]
    let servers: [MCPServer]
    let circle = AgentCircle()

    /// What the tools need of the world.
    struct Surroundings: Sendable {
        var http: any HTTPClient
        var clock: any GatewayClock
        /// `nil` where no program may be started.
        var launcher: (any ProcessLauncher)?
        /// Where programs are found.
        var path: String
        var logger: Logger
    }

    init(_ settings: ToolsSettings, services: ToolServices, _ surroundings: Surroundings) {
        let (http, clock) = (surroundings.http, surroundings.clock)
        var tools: [any Tool] = [
            CurrentTimeTool(clock: clock), CalculatorTool(), WeatherTool(http: http, services: services),
            WebSearchTool(http: http, services: services), FetchTool(http: http),
        ]
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
    func box(for agent: AgentSettings) -> ToolBox {
        var tools = agent.tools.compactMap { byName[$0] }
        if agent.allowsDelegation || agent.tools.contains(Self.askAgent) {
            tools.append(AskAgentTool(name: agent.name, circle: circle))
        }
        let loans = servers.compactMap { server -> ToolBox.Loan? in
            if agent.tools.contains(server.settings.name) { return ToolBox.Loan(server: server) }
            let prefix = MCPTool.name("", of: server.settings.name)
            let names = agent.tools.filter { byName[$0] == nil && $0.hasPrefix(prefix) }
            return names.isEmpty ? nil : ToolBox.Loan(server: server, names: Set(names))
        }
        return ToolBox(tools, loans: loans, access: access)
    }

    /// Those of `names` that there are not. What a server may lend one day counts as being there.
    func unknown(_ names: [String]) -> [String] {
        names.filter { name in
            byName[name] == nil && name != Self.askAgent
                && !servers.contains {
                    name == $0.settings.name || name.hasPrefix(MCPTool.name("", of: $0.settings.name))
                }
        }
    }

    private static let askAgent = "ask_agent"
}
