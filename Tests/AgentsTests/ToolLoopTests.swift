import PraisonCore
import PraisonSimulation
import Synchronization
import Testing

@testable import PraisonAgents

@Suite struct `an agent with tools` {
    private let clock = VirtualClock()

    private func agent(_ model: ScriptedModel, tools: [any Tool]) -> ModelAgent {
        ModelAgent(
            AgentSettings(name: "a"), model: model, tools: ToolBox(tools),
            window: ContextWindow(total: 8192, output: 1024),
            clock: clock, logger: silent)
    }

    @Test func `runs all calls at once and gives every result back in the order of the calls`() async throws {
        let gate = Gate(2)
        let tools: [any Tool] = [
            StubTool("slow") { _ in await gate.pass() ? "slow's" : "alone" },
            StubTool("fast") { _ in await gate.pass() ? "fast's" : "alone" },
        ]
        let model = ScriptedModel([.calling([("1", "slow", "{}"), ("2", "fast", "{}")]), .saying("both done")])
        let parts = Collected<ReplyPart>()
        let reply = try await agent(model, tools: tools).reply(to: .make("go")) { parts.add($0) }
        #expect(reply.text == "both done")
        let second = try #require(model.requests.last)
        #expect(second.messages.suffix(2).map(\.text) == ["slow's", "fast's"])
        #expect(second.messages.suffix(2).map(\.toolCallID) == ["1", "2"])
        #expect(reply.messages.map(\.role) == [.assistant, .tool, .tool, .assistant])
        #expect(parts.all.contains(.toolResult(id: "1", text: "slow's", isError: false)))
    }

    @Test func `keeps each result with its own call where a server counts its calls anew`() async throws {
        let model = ScriptedModel([
            .calling([("functions.say:0", "say", #"{"x": 1}"#)]),
            .calling([("functions.say:0", "say", #"{"x": 2}"#), ("functions.say:0", "say", #"{"x": 3}"#)]),
            .saying("done"),
        ])
        let old = [
            ChatMessage(.user, "before"),
            ChatMessage(.assistant, "", toolCalls: [ToolCall(id: "functions.say:0", name: "say", arguments: "{}")]),
            ChatMessage(.tool, "old", toolCallID: "functions.say:0"), ChatMessage(.assistant, "well"),
        ]
        let parts = Collected<ReplyPart>()
        let agent = agent(model, tools: [StubTool("say") { $0.value.text() }])
        _ = try await agent.reply(to: .make("go", history: old)) { parts.add($0) }
        let messages = try #require(model.requests.last?.messages)
        let calls = messages.flatMap(\.toolCalls)
        #expect(calls.map(\.id) == ["functions.say:0", "functions.say:0_2", "functions.say:0_3", "functions.say:0_4"])
        let results = messages.filter { $0.role == .tool }
        #expect(results.map(\.toolCallID) == calls.map(\.id))
        #expect(results.map(\.text) == ["old", #"{"x":1}"#, #"{"x":2}"#, #"{"x":3}"#])
        #expect(parts.all.contains(.toolResult(id: "functions.say:0_4", text: #"{"x":3}"#, isError: false)))
    }

    @Test func `keeps what was said before a tool apart from what is said after it`() async throws {
        let model = ScriptedModel([
            .calling([("1", "now", "{}")], saying: "Let me look."), .saying("It is nine."),
        ])
        let parts = Collected<ReplyPart>()
        let reply = try await agent(model, tools: [StubTool("now") { _ in "9:00" }]).reply(to: .make("time?")) {
            parts.add($0)
        }
        #expect(reply.text == "Let me look.\n\nIt is nine.")
        #expect(parts.text == reply.text)
        #expect(reply.messages.last?.text == "It is nine.")
        #expect(reply.messages.first?.text == "Let me look.")
    }

    @Test(arguments: [
        ("now", "{\"a\":", "invalid JSON"), ("now", "[1]", "no JSON object"), ("nwo", "{}", "there is no tool nwo"),
        ("fails", "{}", "out of order"), ("breaks", "{}", "the tool failed"),
    ])
    func `tells the model what went wrong and goes on`(_ name: String, _ arguments: String, _ words: String)
        async throws
    {
        let tools: [any Tool] = [
            StubTool("now") { _ in "9:00" }, StubTool("fails") { _ in throw ToolError("out of order") },
            StubTool("breaks") { _ in throw TestFailure(secret: "sk-1") },
        ]
        let model = ScriptedModel([.calling([("1", name, arguments)]), .saying("sorry")])
        let reply = try await agent(model, tools: tools).reply(to: .make("go")) { _ in }
        #expect(reply.text == "sorry")
        let result = try #require(model.requests.last?.messages.last)
        #expect(result.isError == true)
        #expect(result.text.contains(words))
        #expect(!result.text.contains("sk-1"))
        // What could not be read is not sent back to a server that would try to read it.
        #expect(model.requests.last?.messages.dropLast().last?.toolCalls.first?.arguments.hasPrefix("{}") == true)
    }

    @Test func `does not wait for a tool that never ends`() async throws {
        let model = ScriptedModel([.calling([("1", "hangs", "{}")]), .saying("no luck")])
        let tool = StubTool("hangs") { [clock] _ in
            try await clock.sleep(for: .seconds(86_400))
            return ""
        }
        async let reply = agent(model, tools: [tool]).reply(to: .make("go")) { _ in }
        await clock.nextSleeper(count: 2)
        clock.advance(by: .seconds(30))
        #expect(try await reply.text == "no luck")
        #expect(
            model.requests.last?.messages.last?.text == "Error: no result within 30 s")
    }

    @Test func `never carries out a call whose arguments were cut off`() async throws {
        let ran = Collected<String>()
        let model = ScriptedModel([.calling([("1", "now", "{\"a\": 1")], finish: .length), .saying("shorter")])
        let tool = StubTool("now") { _ in
            ran.add("ran")
            return ""
        }
        _ = try await agent(model, tools: [tool]).reply(to: .make("go")) { _ in }
        #expect(ran.all.isEmpty)
        #expect(model.requests.last?.messages.last?.text.contains("cut off") == true)
    }

    @Test func `takes its tools away when it repeats itself, so that it has to answer`() async throws {
        let model = ScriptedModel(
            (1...20).map { .calling([("\($0)", "now", "{ \"zone\": \"UTC\"}")]) }, whenForbidden: .saying("nine"))
        let ran = Collected<String>()
        let tool = StubTool("now") { _ in
            ran.add("ran")
            return "9:00"
        }
        let reply = try await agent(model, tools: [tool]).reply(to: .make("go")) { _ in }
        #expect(reply.text == "nine")
        #expect(ran.all.count == ToolLoop.maximumRepeats)
        #expect(model.requests.last?.toolChoice == ModelRequest.ToolChoice.none)
    }

    /// A real model of 270 million parameters calls tools until it runs out of room, each time.
    @Test func `takes its tools away when its calls are cut off again and again`() async throws {
        let model = ScriptedModel(
            (1...20).map { .calling([("\($0)", "now", "{\"n\": \($0)")], finish: .length) },
            whenForbidden: .saying("shorter"))
        let reply = try await agent(model, tools: [StubTool("now") { _ in "9:00" }]).reply(to: .make("go")) { _ in }
        #expect(reply.text == "shorter")
        #expect(model.requests.count == ToolLoop.maximumRepeats + 1)
    }

    @Test func `is asked for words after ten steps`() async throws {
        let model = ScriptedModel(
            (1...20).map { .calling([("\($0)", "now", "{\"n\": \($0)}")]) }, whenForbidden: .saying("enough"))
        let reply = try await agent(model, tools: [StubTool("now") { _ in "9:00" }]).reply(to: .make("go")) { _ in }
        #expect(reply.text == "enough")
        #expect(model.requests.count == ToolLoop.maximumSteps + 1)
        #expect(reply.usage == TokenUsage(input: 11, output: 11))
    }

    @Test func `sees only the tools this turn may use`() async throws {
        let model = ScriptedModel([.calling([("1", "send", "{}")]), .saying("ok")])
        var turn = Turn.make("go")
        turn.allowedTools = ["now", "send"]
        turn.deniedTools = ["send"]
        let tools = ["now", "send", "other"].map { name in StubTool(name) { _ in "done" } }
        _ = try await agent(model, tools: tools).reply(to: turn) { _ in }
        #expect(model.requests.first?.tools.map(\.name) == ["now"])
        #expect(model.requests.last?.messages.last?.isError == true)
    }

    @Test func `shows a model no more of a result than it can bear`() async throws {
        let model = ScriptedModel([.calling([("1", "long", "{}")]), .saying("ok")])
        let tool = StubTool("long") { _ in String(repeating: "é", count: 40_000) }
        _ = try await agent(model, tools: [tool]).reply(to: .make("go")) { _ in }
        let text = try #require(model.requests.last?.messages.last?.text)
        #expect(text.utf8.count < ToolRunner.maximumResult + 100)
        #expect(text.contains("[cut: the result has 80000 bytes]"))
    }

    @Test(arguments: [
        ("required", ModelRequest.ToolChoice.required, ["now", "send"]), ("send", .required, ["send"]),
        ("none", .none, ["now", "send"]), ("auto", .automatic, ["now", "send"]),
        ("nothing", .automatic, ["now", "send"]),
    ])
    func `is made to use a tool first where the file says so, and is free then`(
        _ choice: String, _ sent: ModelRequest.ToolChoice, _ offered: [String]
    ) async throws {
        let model = ScriptedModel([.calling([("1", "send", "{}")]), .saying("ok")], whenForbidden: .saying("words"))
        var settings = AgentSettings(name: "a")
        settings.toolChoice = choice
        let agent = ModelAgent(
            settings, model: model, tools: ToolBox(["now", "send"].map { name in StubTool(name) { _ in "done" } }),
            window: ContextWindow(total: 8192, output: 1024), clock: clock, logger: silent)
        _ = try await agent.reply(to: .make("go")) { _ in }
        #expect(model.requests.first?.toolChoice == sent)
        #expect(model.requests.first?.tools.map(\.name) == offered)
        if choice != "none" {
            #expect(model.requests.last?.toolChoice == .automatic)
            #expect(model.requests.last?.tools.map(\.name) == ["now", "send"])
        }
    }

    @Test func `stops its tools when the turn is stopped`() async {
        let model = ScriptedModel([.calling([("1", "hangs", "{}")])])
        let ended = Collected<String>()
        let tool = StubTool("hangs") { [clock] _ in
            defer { ended.add("ended") }
            try await clock.sleep(for: .seconds(86_400))
            return ""
        }
        let work = Task { try await agent(model, tools: [tool]).reply(to: .make("go")) { _ in } }
        await clock.nextSleeper(count: 2)
        work.cancel()
        await #expect(throws: CancellationError.self) { try await work.value }
        #expect(ended.all == ["ended"])
    }
}

/// A model that says what it is told to.
final class ScriptedModel: ModelProvider {
    let name = "test/scripted"
    private let script: Mutex<[ModelResponse]>
    private let whenForbidden: ModelResponse
    private let seen = Collected<ModelRequest>()

    /// - Parameter whenForbidden: said where the request forbids tools.
    init(_ script: [ModelResponse], whenForbidden: ModelResponse = .saying("(nothing)")) {
        self.script = Mutex(script)
        self.whenForbidden = whenForbidden
    }

    var requests: [ModelRequest] { seen.all }

    func complete(
        _ request: ModelRequest, emit: @escaping @Sendable (ModelEvent) async throws -> Void
    ) async throws -> ModelResponse {
        seen.add(request)
        let response =
            request.toolChoice == .none
            ? whenForbidden : script.withLock { $0.isEmpty ? whenForbidden : $0.removeFirst() }
        if !response.text.isEmpty { try await emit(.text(response.text)) }
        return response
    }
}

extension ModelResponse {
    static func saying(_ text: String) -> ModelResponse {
        ModelResponse(text: text, usage: TokenUsage(input: 1, output: 1), model: "test/scripted")
    }

    static func calling(
        _ calls: [(id: String, name: String, arguments: String)], saying text: String = "",
        finish: FinishReason = .toolCalls
    ) -> ModelResponse {
        ModelResponse(
            text: text, toolCalls: calls.map { ToolCall(id: $0.id, name: $0.name, arguments: $0.arguments) },
            finish: finish, usage: TokenUsage(input: 1, output: 1), model: "test/scripted")
    }
}

struct StubTool: Tool {
    let definition: ModelRequest.Tool
    let work: @Sendable (JSONDocument) async throws -> String

    init(_ name: String, _ work: @escaping @Sendable (JSONDocument) async throws -> String) {
        definition = ModelRequest.Tool(name: name, description: name, parameters: ["type": "object"])
        self.work = work
    }

    func run(_ arguments: JSONDocument, for turn: Turn) async throws -> String { try await work(arguments) }
}

struct TestFailure: Error { var secret: String }

extension Collected where Element == ReplyPart {
    /// The words among the parts.
    var text: String { all.compactMap { if case .text(let text) = $0 { text } else { nil } }.joined() }
}

/// Lets nobody pass before all are there.
actor Gate {
    private var missing: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(_ count: Int) { missing = count }

    func pass() async -> Bool {
        missing -= 1
        if missing <= 0 {
            for waiter in waiting { waiter.resume() }
        } else {
            await withCheckedContinuation { waiting.append($0) }
        }
        return true
    }
}
