public import PraisonCore

/// What gateway.yaml says of tools.
public struct ToolsSettings: Sendable {
    public var tools: [ToolSettings]
    public var allowsCommands: Bool
    public var servers: [MCPServerSettings]

    public init(tools: [ToolSettings] = [], allowsCommands: Bool = false, servers: [MCPServerSettings] = []) {
        self.tools = tools
        self.allowsCommands = allowsCommands
        self.servers = servers
    }

    public init(_ configuration: GatewayConfiguration) {
        self.init(
            tools: configuration.tools, allowsCommands: configuration.allowsCommandTools,
            servers: configuration.mcpServers)
    }
}
