import Logging
import PraisonCore
import PraisonSimulation
import Synchronization
import Testing

@testable import PraisonAgents

@Suite(.timeLimit(.minutes(1))) struct `a server that lends tools` {
    private let clock = VirtualClock()
    private let time: VirtualTime

    init() { time = VirtualTime(of: clock) }

    /// Runs a server until `body` returns; time passes whenever both wait for it.
    private func withServer<Value: Sendable>(
        _ transport: any MCPTransport, tools: Set<String>? = nil, logger: Logger = silent,
        _ body: @escaping @Sendable (MCPServer) async throws -> Value
    ) async throws -> Value {
        var settings = MCPServerSettings(name: "files", connection: .http(url: "http://mcp.test/mcp", headers: []))
        settings.tools = tools
        let server = MCPServer(settings, transport: transport, clock: clock, logger: logger)
        return try await time.run {
            try await withThrowingTaskGroup(of: Value?.self) { group in
                group.addTask {
                    await server.run()
                    return nil
                }
                group.addTask { try await body(server) }
                defer { group.cancelAll() }
                while let value = try await group.next() { if let value { return value } }
                throw CancellationError()
            }
        }
    }

    private func overHTTP(_ peer: FakeMCPServer) -> MCPAddress {
        MCPAddress(
            url: "http://mcp.test/mcp", headers: [.init(name: "Authorization", value: Secret("Bearer t-1"))],
            timeout: .seconds(60), http: InMemoryHTTPClient(peer), clock: clock)
    }

    /// The names of the server's tools, once there are so many.
    private func tools(_ server: MCPServer, _ count: Int) async throws -> [String] {
        while await server.tools.count != count { try await clock.sleep(for: .milliseconds(20)) }
        return await server.tools.map(\.name)
    }

    private static func arguments(_ text: String) throws -> JSONDocument { try JSONDocument(parsing: text) }

    @Test(arguments: [false, true])
    func `is spoken to over HTTP, whether it answers with JSON or a stream`(_ streams: Bool) async throws {
        let peer = FakeMCPServer(streams: streams)
        try await withServer(overHTTP(peer)) { server in
            let lent = try await tools(server, 3)
            #expect(lent == ["files_read", "files_fail", "files_odd_name_"])
            let tool = try #require(await server.tools.first)
            #expect(tool.definition.description == "reads a file")
            #expect(tool.definition.parameters["properties"]?["path"] != nil)
            let text = try await tool.run(try Self.arguments(#"{"path": "a\u2028b"}"#), for: .make("x"))
            #expect(text == "content of a\u{2028}b\n[image of type image/png, not shown]")
        }
        let later = peer.requests.filter { $0.method == .post }.dropFirst()
        #expect(later.allSatisfy { $0.headers["mcp-session-id"] == "s-1" })
        #expect(later.dropFirst().allSatisfy { $0.headers["mcp-protocol-version"] == "2025-06-18" })
        #expect(peer.requests.allSatisfy { $0.headers["authorization"] == "Bearer t-1" })
        #expect(later.allSatisfy { $0.headers["accept"] == "application/json, text/event-stream" })
    }

    @Test func `tells the model what went wrong`() async throws {
        let peer = FakeMCPServer(streams: false)
        try await withServer(overHTTP(peer)) { server in
            _ = try await tools(server, 3)
            for (name, words) in [("fail", "out of order"), ("unknown", "unknown tool")] {
                let error = await #expect(throws: ToolError.self) {
                    try await server.call(name, try Self.arguments("{}"))
                }
                #expect(error?.description.contains(words) == true)
            }
        }
    }

    @Test func `lends what the file allows`() async throws {
        try await withServer(overHTTP(FakeMCPServer(streams: false)), tools: ["read"]) { server in
            let lent = try await tools(server, 1)
            #expect(lent == ["files_read"])
        }
    }

    @Test(arguments: [404, 400])
    func `is connected anew when its session is gone`(lostStatus: Int) async throws {
        let peer = FakeMCPServer(streams: false, lostStatus: lostStatus)
        try await withServer(overHTTP(peer)) { server in
            _ = try await tools(server, 3)
            peer.forgetSession()
            let text = try await server.call("read", try Self.arguments(#"{"path": "x"}"#))
            #expect(text.hasPrefix("content of x"))
        }
        #expect(peer.count(of: "initialize") == 2)
        #expect(peer.count(of: "tools/call") == 2)
    }

    @Test func `keeps its session when a call is refused for another reason`() async throws {
        let peer = FakeMCPServer(streams: false)
        try await withServer(overHTTP(peer)) { server in
            _ = try await tools(server, 3)
            peer.say(HTTPResponse(status: 400, body: .bytes(Array("the path is missing".utf8))))
            await #expect(throws: ToolError.self) { try await server.call("read", try Self.arguments("{}")) }
            let text = try await server.call("read", try Self.arguments(#"{"path": "x"}"#))
            #expect(text.hasPrefix("content of x"))
        }
        #expect(peer.count(of: "initialize") == 1)
    }

    @Test func `that is not connected yet is waited for a little while`() async throws {
        let peer = FakeMCPServer(streams: false)
        peer.say(.text("", status: 500))
        try await withServer(overHTTP(peer)) { server in
            let text = try await server.call("read", try Self.arguments(#"{"path": "x"}"#))
            #expect(text.hasPrefix("content of x"))
        }
        #expect(peer.count(of: "tools/call") == 1)
    }

    @Test func `that does not come back is told of after five seconds`() async throws {
        let settings = MCPServerSettings(name: "files", connection: .http(url: "http://mcp.test/mcp", headers: []))
        let server = MCPServer(
            settings, transport: overHTTP(FakeMCPServer(streams: false)), clock: clock, logger: silent)
        let call = Task { try await server.call("read", try Self.arguments("{}")) }
        await clock.advanceToNextSleeper()
        let error = await #expect(throws: ToolError.self) { try await call.value }
        #expect(error?.description == "the server files has no answer: it is not connected")
        #expect(clock.uptime == .seconds(5))
    }

    @Test func `is never asked again what it may have done`() async throws {
        let peer = FakeMCPServer(streams: false)
        try await withServer(overHTTP(peer)) { server in
            _ = try await tools(server, 3)
            peer.say(.text("", status: 502))
            await #expect(throws: ToolError.self) {
                try await server.call("read", try Self.arguments(#"{"path": "x"}"#))
            }
        }
        #expect(peer.count(of: "tools/call") == 1)
    }

    @Test func `lends the first of two tools whose names become one, and the log says so`() async throws {
        let lines = Collected<String>()
        let peer = FakeMCPServer(streams: false, tools: ["a.b", "read", "a_b"])
        try await withServer(overHTTP(peer), logger: LogRecorder.logger(lines)) { server in
            let lent = try await tools(server, 2)
            #expect(lent == ["files_a_b", "files_read"])
            #expect(await server.tools.first?.remoteName == "a.b")
        }
        let said = try #require(lines.all.first { $0.hasPrefix("warning") })
        #expect(said.contains("a.b") && said.contains("a_b") && said.contains("the second is left out"))
    }

    @Test func `keeps the properties of a tool that says nothing of its schema's type`() throws {
        let server = MCPServer(
            MCPServerSettings(name: "files", connection: .http(url: "http://mcp.test/mcp", headers: [])),
            transport: overHTTP(FakeMCPServer(streams: false)), clock: clock, logger: silent)
        let listed =
            #"{"name": "read", "inputSchema": {"properties": {"path": {}}, "anyOf": [{"required": ["path"]}]}}"#
        let tool = try #require(MCPTool(try Self.arguments(listed), of: server)).definition.withPlainRoot
        #expect(tool.parameters == ["type": "object", "properties": ["path": [:]]])
        #expect(tool.description.contains(#"{"anyOf":[{"required":["path"]}]}"#))
    }

    @Test(arguments: [
        HTTPResponse.text("<html>login</html>", type: "text/html"), .text("", status: 500), .json(["jsonrpc": "2.0"]),
        .text("data: {\"jsonrpc\"", type: "text/event-stream"),
    ])
    func `that talks nonsense is tried again later, and lends nothing meanwhile`(_ nonsense: HTTPResponse) async throws
    {
        let peer = FakeMCPServer(streams: false)
        peer.say(nonsense)
        try await withServer(overHTTP(peer)) { server in
            _ = try await tools(server, 3)
        }
    }

    @Test func `may be a program, and change its tools`() async throws {
        let launcher = ScriptedLauncher()
        let program = MCPProgram(
            name: "files", command: ["mcp-files"], environment: [:], launcher: launcher, logger: silent)
        try await withServer(program) { server in
            #expect(try await tools(server, 3).first == "files_read")
            let text = try await server.call("read", try Self.arguments(#"{"path": "x"}"#))
            #expect(text.hasPrefix("content of x"))
            launcher.changeTools()
            let lent = try await tools(server, 1)
            #expect(lent == ["files_new"])
        }
        #expect(launcher.said.contains { $0.contains("\"notifications/initialized\"") })
        // Its ping was answered, its other wishes refused.
        #expect(launcher.said.contains { $0.contains("\"id\":\"p1\"") && $0.contains("\"result\":{}") })
        #expect(launcher.said.contains { $0.contains("\"id\":\"r1\"") && $0.contains("-32601") })
    }

    @Test func `that is a program is started again when it ends`() async throws {
        let launcher = ScriptedLauncher()
        let program = MCPProgram(
            name: "files", command: ["mcp-files"], environment: [:], launcher: launcher, logger: silent)
        try await withServer(program) { server in
            _ = try await tools(server, 3)
            launcher.end()
            _ = try await tools(server, 0)
            _ = try await tools(server, 3)
            #expect(launcher.starts == 2)
        }
    }

    @Test func `is told when nobody waits for its answer any more`() async throws {
        let launcher = ScriptedLauncher()
        let program = MCPProgram(
            name: "files", command: ["mcp-files"], environment: [:], launcher: launcher, logger: silent)
        try await withServer(program) { server in
            _ = try await tools(server, 3)
            let call = Task(executorPreference: time) { try await server.call("hang", try Self.arguments("{}")) }
            while !launcher.said.contains(where: { $0.contains("\"hang\"") }) {
                try await clock.sleep(for: .milliseconds(20))
            }
            call.cancel()
            await #expect(throws: CancellationError.self) { try await call.value }
            #expect(launcher.said.last?.contains("notifications/cancelled") == true)
        }
    }

    @Test func `is allowed or denied as a whole by its name, and by the names of its tools`() async throws {
        try await withServer(overHTTP(FakeMCPServer(streams: false))) { server in
            _ = try await tools(server, 3)
            let box = ToolBox([StubTool("now") { _ in "9:00" }], loans: [ToolBox.Loan(server: server)])
            func names(allowed: [String]? = nil, denied: [String] = []) async -> Set<String> {
                var turn = Turn.make("x")
                (turn.allowedTools, turn.deniedTools) = (allowed, denied)
                return Set(await box.tools(for: turn).keys)
            }
            #expect(await names(denied: ["files"]) == ["now"])
            #expect(await names(allowed: ["files"]) == ["files_read", "files_fail", "files_odd_name_"])
            #expect(await names(allowed: ["files", "now"], denied: ["files_read", "files_fail"]).count == 2)
        }
    }

    @Test func `gives its tools to the agents that name it`() {
        let settings = ToolsSettings(
            servers: ["files", "my.notes"].map {
                MCPServerSettings(name: $0, connection: .http(url: "http://mcp.test/mcp", headers: []))
            })
        let shelf = ToolShelf.make(ScriptedServer([]), settings)
        #expect(shelf.unknown(["files", "files_read", "file_read", "calculator", "my_notes_read"]) == ["file_read"])
    }
}

/// What a server says, whichever way it is reached.
enum MCPScript {
    static func answer(to message: JSONDocument, tools: [String]) -> JSONValue? {
        guard let id = message["id"]?.value, let method = message["method"]?.string else { return nil }
        func result(_ value: JSONValue) -> JSONValue { ["jsonrpc": "2.0", "id": id, "result": value] }
        switch method {
        case "initialize":
            return result(["protocolVersion": "2025-06-18", "capabilities": [:], "serverInfo": ["name": "fake"]])
        case "tools/list":
            // One tool a page.
            let page = message["params"]?["cursor"]?.string.flatMap { Int($0) } ?? 0
            let tool: JSONValue = [
                "name": .string(tools[page]), "description": "reads a file",
                "inputSchema": ["type": "object", "properties": ["path": ["type": "string"]]],
            ]
            let next: JSONValue = page + 1 < tools.count ? .string("\(page + 1)") : .null
            return result(["tools": [tool], "nextCursor": next])
        case "tools/call":
            switch message["params"]?["name"]?.string {
            case "read":
                let path = message["params"]?["arguments"]?["path"]?.string ?? "nothing"
                return result([
                    "content": [
                        ["type": "text", "text": .string("content of \(path)")],
                        ["type": "image", "data": "AAAA", "mimeType": "image/png"],
                    ]
                ])
            case "fail": return result(["content": [["type": "text", "text": "out of order"]], "isError": true])
            case "hang": return nil
            default: return ["jsonrpc": "2.0", "id": id, "error": ["code": -32602, "message": "unknown tool"]]
            }
        default: return ["jsonrpc": "2.0", "id": id, "error": ["code": -32601, "message": "unknown method"]]
        }
    }
}

final class FakeMCPServer: HTTPHandler {
    private struct State {
        var session = 1
        var nonsense: HTTPResponse?
    }

    private let streams: Bool
    private let tools: [String]
    private let seen = Collected<HTTPRequest>()
    private let state = Mutex(State())

    /// How it says that it knows no such session.
    private let lostStatus: Int

    init(streams: Bool, tools: [String] = ["read", "fail", "odd name!"], lostStatus: Int = 404) {
        self.streams = streams
        self.lostStatus = lostStatus
        self.tools = tools
    }

    var requests: [HTTPRequest] { seen.all }
    func count(of method: String) -> Int {
        requests.filter { (try? JSONDocument(parsing: $0.body))?["method"]?.string == method }.count
    }
    func forgetSession() { state.withLock { $0.session += 1 } }
    func say(_ nonsense: HTTPResponse) { state.withLock { $0.nonsense = nonsense } }

    func respond(to request: HTTPRequest) async -> HTTPResponse {
        seen.add(request)
        guard request.method == .post else { return HTTPResponse(status: 405) }
        let (session, nonsense) = state.withLock { state in
            defer { state.nonsense = nil }
            return ("s-\(state.session)", state.nonsense)
        }
        if let nonsense { return nonsense }
        guard let message = try? JSONDocument(parsing: request.body) else { return HTTPResponse(status: 400) }
        let isFirst = message["method"]?.string == "initialize"
        if !isFirst, request.headers["mcp-session-id"] != session {
            return HTTPResponse(
                status: lostStatus, body: .bytes(Array(#"{"error":{"message":"No valid session ID provided"}}"#.utf8)))
        }
        guard let answer = MCPScript.answer(to: message, tools: tools) else {
            return HTTPResponse(status: 202)
        }
        var response =
            streams
            ? HTTPResponse.text(
                ": hello\r\n\r\nevent: message\r\ndata: {\"jsonrpc\":\"2.0\",\"method\":\"notifications/message\"}\r\n\r\n"
                    + "event: message\r\ndata: \(answer.text())\r\n\r\n", type: "text/event-stream") : .json(answer)
        if isFirst { response.headers["Mcp-Session-Id"] = session }
        return response
    }
}

/// Plays a program that speaks MCP.
final class ScriptedLauncher: ProcessLauncher {
    private struct State {
        var tools = ["read", "fail", "odd name!"]
        var starts = 0
        var output: AsyncStream<[UInt8]>.Continuation?
    }

    private let state = Mutex(State())
    private let lines = Collected<String>()

    var said: [String] { lines.all }
    var starts: Int { state.withLock { $0.starts } }

    func changeTools() {
        state.withLock { $0.tools = ["new"] }
        write("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/tools/list_changed\"}\n")
    }

    func end() { state.withLock { $0.output }?.finish() }

    private func write(_ text: String) {
        let output = state.withLock { $0.output }
        // In pieces, as pipes are.
        for byte in text.utf8 { output?.yield([byte]) }
    }

    func withProcess<Value: Sendable>(
        _ program: ProgramStart, _ body: @Sendable (any RunningProcess) async throws -> Value
    ) async throws -> Value {
        let (stream, output) = AsyncStream<[UInt8]>.makeStream()
        state.withLock { state in
            state.starts += 1
            state.output = output
        }
        write("not JSON at all\r\n\n{\"jsonrpc\":\"2.0\",\"id\":\"p1\",\"method\":\"ping\"}\r\n")
        write("{\"jsonrpc\":\"2.0\",\"id\":\"r1\",\"method\":\"roots/list\"}\n")
        return try await body(Program(launcher: self, pieces: Pieces(stream)))
    }

    /// What the program writes. One task reads it.
    private final class Pieces: @unchecked Sendable {
        private var iterator: AsyncStream<[UInt8]>.Iterator
        init(_ stream: AsyncStream<[UInt8]>) { iterator = stream.makeAsyncIterator() }
        func next() async -> [UInt8]? { await iterator.next() }
    }

    private struct Program: RunningProcess {
        let launcher: ScriptedLauncher
        let pieces: Pieces

        var output: HTTPBodyStream { HTTPBodyStream { [pieces] in await pieces.next() } }
        var errors: HTTPBodyStream { .whole(Array("warming up\n".utf8)) }

        func write(_ bytes: [UInt8]) async throws {
            launcher.lines.add(String(decoding: bytes, as: UTF8.self))
            guard let message = try? JSONDocument(parsing: bytes) else { return }
            let tools = launcher.state.withLock { $0.tools }
            if let answer = MCPScript.answer(to: message, tools: tools) { launcher.write(answer.text() + "\n") }
        }

        func closeInput() async {}
        func exit() async -> Int32 { 0 }
    }
}
