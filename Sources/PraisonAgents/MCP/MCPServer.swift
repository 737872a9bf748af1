import Logging
import PraisonCore

/// A server that lends tools by the Model Context Protocol, as one of its clients. As long as ``run()`` runs, it is kept
/// connected: whenever the connection ends, it is made anew, with growing pauses.
///
/// Source: https://modelcontextprotocol.io/specification/2025-06-18
actor MCPServer {
    /// Tools of one server; what is beyond is left out.
    private static let maximumTools = 500
    private static let maximumPages = 50
    /// For everything but the call of a tool.
    private static let patience: Duration = .seconds(30)
    private static let longestPause: Duration = .seconds(60)
    /// How long a call waits for the connection to be made anew.
    private static let patienceForConnection: Duration = .seconds(5)

    /// What an open connection tells besides answers.
    private enum Signal { case toolsChanged, closed }

    nonisolated let settings: MCPServerSettings
    private let transport: any MCPTransport
    private let clock: any GatewayClock
    private let logger: Logger

    private(set) var tools: [MCPTool] = []
    private var link: (any MCPLink)?
    private var pending: [Int: MCPAnswer] = [:]
    private var nextID = 0
    /// Which of the connections there have been serves calls now; `nil` where none does.
    private let open = Observed<Int?>(nil)
    private var connections = 0
    private var signals: AsyncStream<Signal>.Continuation?

    init(_ settings: MCPServerSettings, transport: any MCPTransport, clock: any GatewayClock, logger: Logger) {
        self.settings = settings
        self.transport = transport
        self.clock = clock
        self.logger = logger
    }

    /// Serves until the task is cancelled.
    func run() async {
        var failures = 0
        while !Task.isCancelled {
            let start = clock.uptime
            do {
                try await connect()
                logger.notice("MCP server ended the connection", metadata: ["server": "\(settings.name)"])
            } catch {
                if Task.isCancelled { break }
                logger.warning(
                    "MCP server can't be used; trying again",
                    metadata: ["server": "\(settings.name)", "error": "\(error)"])
            }
            disconnect()
            failures = clock.uptime - start > Self.longestPause ? 1 : failures + 1
            let pause = min(Duration.seconds(1) * (1 << min(failures - 1, 6)), Self.longestPause)
            do { try await clock.sleep(for: pause) } catch { break }
        }
        disconnect()
    }

    // MARK: Calling

    /// Has the server run a tool.
    ///
    /// - Throws: ``ToolError``
    func call(_ tool: String, _ arguments: JSONDocument) async throws -> String {
        let result: JSONDocument
        do {
            result = try await requestOnOpenConnection(
                "tools/call", ["name": .string(tool), "arguments": arguments.value])
        } catch let error as MCPError {
            throw ToolError("the server \(settings.name) has no answer: \(error)")
        }
        let text = MCPTool.text(of: result)
        if result["isError"]?.bool == true { throw ToolError(text.isEmpty ? "the tool failed" : text) }
        return text.isEmpty ? "done, without output" : text
    }

    /// The request; once more on the next connection where the server certainly did nothing on this one, as after its
    /// restart, which ends all sessions.
    private func requestOnOpenConnection(_ method: String, _ parameters: JSONValue) async throws -> JSONDocument {
        let known = open.value
        do {
            guard known != nil else { throw MCPError("it is not connected", isUndone: true) }
            return try await request(method, parameters)
        } catch let error as MCPError where error.isUndone {
            do {
                try await withTimeout(Self.patienceForConnection, clock: clock) { [open] in
                    _ = await open.wait { $0 != nil && $0 != known }
                    try Task.checkCancellation()
                }
            } catch is TimeoutError {
                throw error
            }
            return try await request(method, parameters)
        }
    }

    private func request(_ method: String, _ parameters: JSONValue) async throws -> JSONDocument {
        guard let link else { throw MCPError("it is not connected", isUndone: true) }
        nextID += 1
        let id = nextID
        let answer = MCPAnswer()
        pending[id] = answer
        defer { pending[id] = nil }
        do {
            try await link.send(
                ["jsonrpc": "2.0", "id": JSONValue(id), "method": .string(method), "params": parameters], id: id)
            return try await answer.value()
        } catch is CancellationError {
            try? await link.send(
                ["jsonrpc": "2.0", "method": "notifications/cancelled", "params": ["requestId": JSONValue(id)]], id: nil
            )
            throw CancellationError()
        } catch let error as MCPError {
            if error.endsConnection { signals?.yield(.closed) }
            throw error
        }
    }

    // MARK: Being connected

    private func connect() async throws {
        try await transport.withLink(
            receive: { await self.take($0, from: $1) }, { link in try await self.serve(link) })
    }

    private func serve(_ link: any MCPLink) async throws {
        let (stream, signals) = AsyncStream<Signal>.makeStream(bufferingPolicy: .bufferingNewest(8))
        (self.link, self.signals) = (link, signals)
        let hello: JSONValue = [
            "protocolVersion": .string(MCPProtocol.version), "capabilities": [:],
            "clientInfo": ["name": "praisonai", "version": "1"],
        ]
        let welcome = try await withTimeout(Self.patience, clock: clock) { try await self.request("initialize", hello) }
        await link.accepted(version: welcome["protocolVersion"]?.string ?? MCPProtocol.version)
        try await link.send(["jsonrpc": "2.0", "method": "notifications/initialized"], id: nil)
        try await listTools()
        connections += 1
        open.change { $0 = connections }
        logger.info(
            "MCP server connected", metadata: ["server": "\(settings.name)", "tools": "\(tools.count)"])
        for await signal in stream {
            guard case .toolsChanged = signal else { return }
            try await listTools()
            logger.info(
                "MCP server changed its tools", metadata: ["server": "\(settings.name)", "tools": "\(tools.count)"])
        }
        try Task.checkCancellation()
    }

    private func listTools() async throws {
        var found: [MCPTool] = []
        var cursor: String?
        for _ in 0..<Self.maximumPages {
            let parameters: JSONValue = cursor.map { ["cursor": .string($0)] } ?? [:]
            let page = try await withTimeout(Self.patience, clock: clock) {
                try await self.request("tools/list", parameters)
            }
            found += (page["tools"]?.elements ?? []).compactMap { MCPTool($0, of: self) }
            cursor = page["nextCursor"]?.string
            if cursor == nil || found.count >= Self.maximumTools { break }
        }
        let lent = found.prefix(Self.maximumTools).filter { settings.tools?.contains($0.remoteName) ?? true }
        var remoteNames: [String: String] = [:]
        tools = lent.filter { tool in
            guard let first = remoteNames[tool.name] else {
                remoteNames[tool.name] = tool.remoteName
                return true
            }
            logger.warning(
                "two tools of an MCP server would have one name; the second is left out",
                metadata: [
                    "server": "\(settings.name)", "tool": "\(tool.name)",
                    "first": "\(LogText.line(first, key: nil, limit: 100))",
                    "second": "\(LogText.line(tool.remoteName, key: nil, limit: 100))",
                ])
            return false
        }
    }

    private func disconnect() {
        open.change { $0 = nil }
        (link, tools) = (nil, [])
        signals?.finish()
        signals = nil
        for answer in pending.values { answer.fail(MCPError("the connection ended")) }
        pending = [:]
    }

    /// Takes one message of the server's.
    private func take(_ message: JSONDocument, from link: any MCPLink) async {
        guard let method = message["method"]?.string else {
            guard let id = message["id"]?.int, let answer = pending[id] else { return }
            if let error = message["error"] {
                answer.fail(
                    MCPError(LogText.line(error["message"]?.string ?? "an error without words", key: nil, limit: 300)))
            } else if let result = message["result"] {
                answer.succeed(result)
            } else {
                answer.fail(MCPError("an answer without a result"))
            }
            return
        }
        if method == "notifications/tools/list_changed" { signals?.yield(.toolsChanged) }
        // A request of the server's: all it may know is that we are here.
        guard let id = message["id"]?.value else { return }
        let reply: JSONValue =
            method == "ping"
            ? ["jsonrpc": "2.0", "id": id, "result": [:]]
            : ["jsonrpc": "2.0", "id": id, "error": ["code": -32601, "message": "not offered by this client"]]
        try? await link.send(reply, id: nil)
    }
}

enum MCPProtocol {
    static let version = "2025-06-18"
}

/// Why a server has no answer, for the log and the model.
struct MCPError: Error, Hashable, Sendable, CustomStringConvertible {
    var description: String
    /// Whether the connection is of no use any more.
    var endsConnection = false
    /// Whether the server certainly did nothing of what it was asked.
    var isUndone = false

    init(_ description: String, endsConnection: Bool = false, isUndone: Bool = false) {
        self.description = description
        self.endsConnection = endsConnection
        self.isUndone = isUndone
    }
}
