import PraisonCore
import PraisonSimulation
import Synchronization
import Testing

@testable import PraisonAgents

@Suite(.timeLimit(.minutes(1))) struct `a tool written in the file` {
    private static let schema: JSONValue = [
        "type": "object",
        "properties": [
            "id": ["type": "string", "maxLength": 40], "count": ["type": "integer", "minimum": 1, "maximum": 9],
            "unit": ["type": "string", "enum": ["kg", "lb"]], "tags": ["type": "array", "items": ["type": "string"]],
        ],
        "required": ["id"], "additionalProperties": false,
    ]

    private func request(
        _ method: HTTPRequest.Method, _ url: String, _ arguments: String, _ server: any HTTPHandler
    ) async throws -> String {
        let settings = ToolSettings(
            name: "lookup", description: "looks up", parameters: Self.schema,
            action: .http(method: method, url: url, headers: [.init(name: "X-Key", value: Secret("k-1"))]))
        let tool = try #require(RequestTool(settings, http: InMemoryHTTPClient(server)))
        return try await tool.run(try JSONDocument(parsing: arguments), for: .make("x"))
    }

    // MARK: Requests

    @Test func `asks a server with the arguments where they belong`() async throws {
        let server = ScriptedServer([.text("found")])
        let answer = try await request(
            .get, "https://shop.test/orders/{id}?v=1", #"{"id": "a/../b?c d", "count": 3}"#, server)
        #expect(answer == "found")
        #expect(server.seen.first?.target == "https://shop.test/orders/a%2F..%2Fb%3Fc%20d?v=1&count=3")
        #expect(server.seen.first?.headers["x-key"] == "k-1")
        _ = try await request(
            .post, "https://shop.test/orders/{id}", #"{"id": "7", "tags": ["x"], "count": 3}"#, server)
        #expect(server.seen[1].target == "https://shop.test/orders/7")
        #expect(try JSONDocument(parsing: server.seen[1].body).value == ["tags": ["x"], "count": 3])
    }

    @Test func `can't be led to another path`() async throws {
        let server = ScriptedServer([.text("found")])
        _ = try await request(.get, "https://shop.test/orders/{id}/items", #"{"id": ".."}"#, server)
        #expect(server.seen.first?.target == "https://shop.test/orders/_/items")
    }

    @Test(arguments: [
        ("{}", "id is missing"), (#"{"id": 1}"#, "id must be string"), (#"{"id": "x", "count": 1.5}"#, "integer"),
        (#"{"id": "x", "count": 10}"#, "at most 9"), (#"{"id": "x", "unit": "st"}"#, "one of"),
        (#"{"id": "x", "tags": [1]}"#, "tags[0] must be string"), (#"{"id": "x", "idd": 1}"#, "there is no idd"),
    ])
    func `refuses arguments that don't fit its schema`(_ arguments: String, _ words: String) async throws {
        let server = ScriptedServer([.text("found")])
        let error = await #expect(throws: ToolError.self) {
            try await request(.get, "https://shop.test/{id}", arguments, server)
        }
        #expect(error?.description.contains(words) == true)
        #expect(server.seen.isEmpty)
    }

    @Test func `tells the model how the server failed`() async {
        let error = await #expect(throws: ToolError.self) {
            try await request(
                .get, "https://shop.test/{id}", #"{"id": "x"}"#, ScriptedServer([.text("no such", status: 404)]))
        }
        #expect(error?.description == "the server answered with status 404: no such")
    }

    // MARK: Commands

    private func command(
        _ words: [String], _ arguments: String, _ launcher: FakeLauncher, maxOutput: Int = 1000
    ) async throws -> String {
        let settings = ToolSettings(
            name: "disk", description: "d",
            parameters: ["type": "object", "properties": ["path": ["type": "string"], "flag": ["type": "string"]]],
            action: .command(words), timeout: .seconds(5), maxOutput: maxOutput,
            environment: [.init(name: "TOKEN", value: Secret("t-1"))])
        let tool = try #require(CommandTool(settings, launcher: launcher, path: "/bin"))
        return try await tool.run(try JSONDocument(parsing: arguments), for: .make("x"))
    }

    @Test func `starts its program with one word for each argument, and nothing of the gateway's`() async throws {
        let launcher = FakeLauncher(output: "12 %")
        let text = try await command(
            ["df", "-h", "{path}", "--x={flag}"], #"{"path": "/home; rm -rf / $(x)"}"#, launcher)
        #expect(text == "12 %")
        let start = try #require(launcher.started.first)
        #expect(start.command == ["df", "-h", "/home; rm -rf / $(x)"])
        #expect(start.environment == ["PATH": "/bin", "LANG": "C.UTF-8", "HOME": "/nonexistent", "TOKEN": "t-1"])
        #expect(start.limits.cpuSeconds == 5)
        #expect(start.limits.memoryBytes != nil && start.limits.openFiles != nil && start.limits.fileBytes != nil)
    }

    @Test func `leaves out options and last words, and never has one word stand for another`() async throws {
        let words = ["grep", "{flag}", "{path}"]
        let launcher = FakeLauncher(output: "x")
        _ = try await command(words, #"{"flag": "a"}"#, launcher)
        _ = try await command(["grep", "-e={flag}", "{path}"], #"{"path": "b"}"#, launcher)
        #expect(launcher.started.map(\.command) == [["grep", "a"], ["grep", "b"]])
        let error = await #expect(throws: ToolError.self) {
            try await command(words, #"{"path": "b"}"#, launcher)
        }
        #expect(error?.description == "flag is missing")
        #expect(launcher.started.count == 2)
    }

    @Test func `has as long as its file says`() throws {
        let settings = ToolSettings(name: "x", description: "", action: .command(["df"]), timeout: .seconds(5))
        #expect(CommandTool(settings, launcher: FakeLauncher(output: ""), path: "")?.timeLimit == .seconds(5))
    }

    @Test func `takes no option from a model`() async {
        let launcher = FakeLauncher(output: "")
        let error = await #expect(throws: ToolError.self) {
            try await command(["tar", "{path}"], #"{"path": "--to-command=sh"}"#, launcher)
        }
        #expect(error?.description.contains("begin with -") == true)
        #expect(launcher.started.isEmpty)
    }

    @Test func `shows as much as it may, and tells how it failed`() async throws {
        let long = FakeLauncher(output: String(repeating: "x", count: 5000))
        #expect(try await command(["yes"], "{}", long, maxOutput: 100).hasSuffix("[cut: the output is longer]"))
        let error = await #expect(throws: ToolError.self) {
            try await command(["df"], "{}", FakeLauncher(output: "", errors: "no such file\n", status: 2))
        }
        #expect(error?.description == "the program ended with 2: no such file")
    }

    @Test func `is off unless the file allows programs`() {
        let written = ToolSettings(name: "disk", description: "d", action: .command(["df"]))
        for allowed in [false, true] {
            let shelf = ToolShelf.make(
                ScriptedServer([]), ToolsSettings(tools: [written], allowsCommands: allowed),
                launcher: FakeLauncher(output: ""))
            #expect(shelf.unknown(["disk"]).isEmpty == allowed)
        }
    }

    // MARK: Whose it is

    @Test func `works for those who may use it only`() async {
        let limits = [
            ToolSettings(
                name: "calculator", description: "", action: .existing, access: ToolAccess(trust: .trusted)),
            ToolSettings(
                name: "current_time", description: "", action: .existing, access: ToolAccess(users: ["7", "work/8"])),
        ]
        let box = ToolShelf.make(ScriptedServer([]), ToolsSettings(tools: limits)).box(
            for: .with(tools: ["calculator", "current_time", "search_web"]))
        func names(_ sender: SenderID, _ channel: ChannelName, _ trust: Routing.Binding.Trust) async -> [String] {
            let turn = Turn(
                id: "t", history: [], input: [], conversation: Conversation(channel: channel, id: "1", scope: .dm),
                sender: Sender(id: sender), trust: trust)
            return await box.tools(for: turn).keys.sorted()
        }
        #expect(await names("7", "home", .trusted) == ["calculator", "current_time", "search_web"])
        #expect(await names("8", "work", .standard) == ["current_time", "search_web"])
        #expect(await names("8", "home", .untrusted) == ["search_web"])
    }

    @Test func `searches with what the agent's block says, and by itself where it may`() async throws {
        let environment = ["BRAVE_API_KEY": "b-1", "TAVILY_API_KEY": "t-1"]
        for (provider, host) in [
            (nil, "api.search.brave.com"), ("tavily", "api.tavily.com"), ("duckduckgo", "html.duckduckgo.com"),
        ] as [(String?, String)] {
            let server = ScriptedServer([.json(["results": [], "web": ["results": []]])])
            let shelf = ToolShelf.make(server, environment: environment)
            var settings = AgentSettings(name: "a")
            (settings.searchesWeb, settings.searchProvider) = (true, provider)
            let tool = try #require(await shelf.box(for: settings).tools(for: .make("x"))["search_web"]?.tool)
            _ = try? await tool.run(try JSONDocument(parsing: #"{"query": "x"}"#), for: .make("x"))
            #expect(server.seen.first?.target.contains(host) == true)
            #expect(shelf.note(on: settings) == nil)
        }
        var other = AgentSettings(name: "a")
        other.searchProvider = "searxng"
        let shelf = ToolShelf.make(ScriptedServer([]))
        #expect(await shelf.box(for: other).tools(for: .make("x")).isEmpty)
        #expect(shelf.note(on: other)?.contains("searxng") == true)
    }

    // MARK: Asking others

    @Test func `lets agents ask one another, with the rights of who asks and not for ever`() async throws {
        let circle = AgentCircle()
        let asked = Collected<Turn>()
        let other = StubAgent(name: "sales") { turn in
            asked.add(turn)
            return Reply(text: "42 euros")
        }
        circle.fill([
            (other, AgentDescription(name: "sales", summary: "sells", model: "m")),
            (other, AgentDescription(name: "a", model: "m")),
        ])
        let tool = AskAgentTool(name: "a", colleagues: circle.colleagues)
        #expect(tool.definition.description.contains("sales: sells"))
        var turn = Turn.make("x", history: [ChatMessage(.user, "old")])
        turn.deniedTools = ["send"]
        let arguments = try JSONDocument(parsing: #"{"agent": "sales", "question": "how much?"}"#)
        #expect(try await tool.run(arguments, for: turn) == "42 euros")
        let inner = try #require(asked.all.first)
        #expect(inner.history.isEmpty && inner.input.map(\.text) == ["how much?"])
        #expect(inner.deniedTools == ["send"] && inner.askedBy == ["a"] && inner.sender == turn.sender)
        turn.askedBy = ["sales"]
        await #expect(throws: ToolError.self) { try await tool.run(arguments, for: turn) }
        let unknown = try JSONDocument(parsing: #"{"agent": "nobody", "question": "how much?"}"#)
        await #expect(throws: ToolError.self) { try await tool.run(unknown, for: .make("x")) }
    }
}

struct StubAgent: Agent {
    let name: AgentName
    let answer: @Sendable (Turn) async throws -> Reply

    func reply(to turn: Turn, emit: @escaping @Sendable (ReplyPart) async throws -> Void) async throws -> Reply {
        try await answer(turn)
    }
}

/// Starts nothing: remembers what it was asked to start, and plays a program.
final class FakeLauncher: ProcessLauncher {
    private let starts = Collected<ProgramStart>()
    private let output: String
    private let errors: String
    private let status: Int32

    init(output: String, errors: String = "", status: Int32 = 0) {
        self.output = output
        self.errors = errors
        self.status = status
    }

    var started: [ProgramStart] { starts.all }

    func withProcess<Value: Sendable>(
        _ program: ProgramStart, _ body: @Sendable (any RunningProcess) async throws -> Value
    ) async throws -> Value {
        starts.add(program)
        return try await body(
            Program(output: .whole(Array(output.utf8)), errors: .whole(Array(errors.utf8)), status: status))
    }

    private struct Program: RunningProcess {
        let output: HTTPBodyStream
        let errors: HTTPBodyStream
        let status: Int32
        func write(_ bytes: [UInt8]) async throws {}
        func closeInput() async {}
        func exit() async -> Int32 { status }
    }
}
