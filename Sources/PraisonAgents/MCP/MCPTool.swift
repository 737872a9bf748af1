import PraisonCore

/// A tool that a server lends.
struct MCPTool: Tool {
    private static let maximumDescription = 2048

    let definition: ModelRequest.Tool
    /// What the server calls it.
    let remoteName: String
    private let server: MCPServer

    var timeLimit: Duration { server.settings.timeout }

    /// - Returns: `nil` for what is no tool.
    init?(_ document: JSONDocument, of server: MCPServer) {
        guard let name = document["name"]?.string, !name.isEmpty else { return nil }
        remoteName = name
        self.server = server
        let description = document["description"]?.string ?? document["title"]?.string ?? name
        // A server without arguments may have written nothing. What providers want of it is seen to for all tools.
        let parameters = document["inputSchema"].flatMap { $0.kind == .object ? $0.value : nil } ?? ["type": "object"]
        definition = ModelRequest.Tool(
            name: MCPServerSettings.name(of: name, from: server.settings.name),
            description: String(description.prefix(Self.maximumDescription)), parameters: parameters)
    }

    func run(_ arguments: JSONDocument, for turn: Turn) async throws -> String {
        try await server.call(remoteName, arguments)
    }

    /// A result's words; of what is no text it is said that it is there.
    static func text(of result: JSONDocument) -> String {
        let parts = (result["content"]?.elements ?? []).compactMap { part -> String? in
            switch part["type"]?.string {
            case "text": part["text"]?.string
            case "resource": part["resource"]?["text"]?.string ?? "[a file: \(part["resource"]?["uri"]?.string ?? "")]"
            case "resource_link": "[\(part["name"]?.string ?? "a file"): \(part["uri"]?.string ?? "")]"
            case let kind?: "[\(kind) of type \(part["mimeType"]?.string ?? "unknown"), not shown]"
            case nil: nil
            }
        }
        if parts.isEmpty, let structured = result["structuredContent"] {
            return String(decoding: structured.rawBytes, as: UTF8.self)
        }
        return parts.joined(separator: "\n")
    }
}
