import Logging
import PraisonClient
import PraisonCore
import PraisonGateway
import PraisonNet
import PraisonSimulation
import PraisonStore
import Synchronization
import Testing

@testable import PraisonControlPlane

@Suite(.timeLimit(.minutes(2))) struct `a control plane on a whole hub` {
    /// A hub, its journal and a control plane, in one process.
    private struct House: Sendable {
        let gateway: Gateway
        let plane: ControlPlane
        let agent: ScriptedAgent

        init(
            _ journal: SQLiteJournal, agent: ScriptedAgent = ScriptedAgent(), clock: any GatewayClock = SystemClock()
        ) {
            let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            let configuration = GatewayConfiguration(agents: [AgentSettings(name: "assistant")])
            self.agent = agent
            gateway = Gateway(
                configuration, agents: [agent], descriptions: [AgentDescription(name: "assistant", model: "test/echo")],
                adapters: [], journal: journal,
                surroundings: Gateway.Surroundings(
                    clock: clock, entropy: SystemEntropy(), http: InMemoryHTTPClient(HTTPRouter()),
                    webSocket: Nowhere(), cryptography: OpenSSLCryptography(), logger: logger))
            plane = ControlPlane(
                server: configuration.server, session: configuration.session, hub: gateway, store: journal,
                cryptography: OpenSSLCryptography(), clock: clock, entropy: SystemEntropy(), logger: logger)
            gateway.attach(plane.adapter)
        }

        func running<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) async throws -> Value {
            try await withThrowingTaskGroup(of: Value?.self) { group in
                group.addTask {
                    try await gateway.run()
                    return nil
                }
                group.addTask {
                    try await plane.run()
                    return nil
                }
                group.addTask { try await body() }
                defer { group.cancelAll() }
                while let result = try await group.next() {
                    if let result { return result }
                }
                throw CancellationError()
            }
        }

        func connect<Value: Sendable>(_ body: @escaping @Sendable (Wire) async throws -> Value) async throws -> Value {
            try await InMemoryWebSocketClient(plane).connect(
                to: "ws://127.0.0.1/ws", headers: [:], limits: WebSocketLimits()
            ) { connection in
                guard let connection = connection as? InMemoryWebSocket else { throw Wire.Ended(code: nil) }
                return try await body(Wire(connection: connection))
            }
        }
    }

    private func journal() throws -> SQLiteJournal {
        try SQLiteJournal(
            .memory, clock: SystemClock(), logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    /// The frames up to and with the next final one.
    private func turn(_ wire: Wire, _ text: String) async throws -> [JSONValue] {
        try await wire.say(text)
        return try await untilFinal(wire)
    }

    private func untilFinal(_ wire: Wire) async throws -> [JSONValue] {
        var frames: [JSONValue] = []
        repeat { frames.append(try await wire.next()) } while frames.last?["status"] != "final"
        return frames
    }

    @Test func `keeps sessions of one agent apart: histories and streams`() async throws {
        let house = House(try journal())
        try await house.running {
            try await house.connect { alice in
                try await alice.hello()
                try await house.connect { bob in
                    try await bob.hello()
                    _ = try await turn(alice, "my secret is 4711")
                    let bobs = try await turn(bob, "hello")
                    _ = try await turn(alice, "and again")
                    #expect(!bobs.map { $0.text() }.joined().contains("4711"))
                }
            }
        }
        #expect(
            house.agent.turns.map { ($0.history + $0.input).map(\.text) } == [
                ["my secret is 4711"], ["hello"], ["my secret is 4711", "echo: my secret is 4711", "and again"],
            ])
    }

    @Test func `streams, then gives the whole reply, numbered without gaps`() async throws {
        let house = House(try journal())
        try await house.running {
            try await house.connect { wire in
                try await wire.hello()
                let frames = try await turn(wire, "one two three") + turn(wire, "four")
                #expect(frames.compactMap { $0["seq"]?.int } == Array(1...frames.count))
                let words = frames.filter { $0["type"] == "token_stream" }.compactMap { $0["data"]?["content"]?.string }
                #expect(words.joined() == "echo: one two threeecho: four")
            }
        }
    }

    /// How many milliseconds that takes is measured by the benchmark `control-plane`. Here no time passes at all, so that
    /// nothing on the way may wait for any.
    @Test func `stops a turn that is blocked at once, and goes on with the next`() async throws {
        let house = House(try journal(), clock: VirtualClock())
        try await house.running {
            try await house.connect { wire in
                try await wire.hello()
                try await wire.say("BLOCK")
                #expect(try await wire.next()["status"] == "accepted")
                await house.agent.blocked()
                try await wire.say("next")
                #expect(try await wire.next(2)[1]["content"] == "Message queued.")
                try await wire.send(#"{"type":"abort"}"#)
                let answer = try await wire.next()
                #expect(answer["type"] == "aborted")
                #expect(answer["turn_aborted"] == true)
                #expect(try await untilFinal(wire).last?["content"] == "echo: next")
            }
        }
    }

    @Test func `answers what a killed gateway had accepted, and the client gets it when it is back`() async throws {
        let journal = try journal()
        let first = House(journal)
        let key = try await first.running {
            try await first.connect { wire in
                let key = try await wire.hello("assistant", #","session_id":"s""#)["resume_key"]?.string ?? ""
                _ = try await turn(wire, "one")
                try await wire.say("BLOCK once", requestID: "r-2")
                _ = try await wire.next()
                await first.agent.blocked()
                return key
            }
        }
        // Everything is cancelled, as a kill does it; the journal is all that is left.
        let agent = ScriptedAgent(blocks: false)
        let second = House(journal, agent: agent)
        try await second.running {
            try await second.connect { wire in
                let hello = try await wire.hello("assistant", #","session_id":"s","since":5,"resume_key":"\#(key)""#)
                #expect(hello["resumed"] == true)
                var frames: [JSONValue] = []
                repeat {
                    let frame = try await wire.next()
                    frames.append(frame["event"]?["data"] ?? frame)
                } while frames.last?["status"] != "final"
                #expect(frames.last?["content"] == "echo: BLOCK once")
                #expect(frames.last?["request_id"] == "r-2")
                #expect(frames.compactMap { $0["seq"]?.int } == Array(6..<(6 + frames.count)))
            }
        }
        #expect(agent.turns.count == 1)
        #expect(agent.turns[0].history.map(\.text) == ["one", "echo: one"])
    }

    @Test(arguments: [("turn", ["r-1"]), ("session", ["r-1", "r-2", "r-3"])])
    func `stops a turn that an earlier process had begun`(scope: String, gone: [String]) async throws {
        let journal = try journal()
        let first = House(journal)
        let key = try await first.running {
            try await first.connect { wire in
                let key = try await wire.hello("assistant", #","session_id":"s""#)["resume_key"]?.string ?? ""
                try await wire.say("BLOCK", requestID: "r-1")
                _ = try await wire.next()
                await first.agent.blocked()
                try await wire.say("next", requestID: "r-2")
                _ = try await wire.next(2)
                return key
            }
        }
        let second = House(journal)
        try await second.running {
            try await second.connect { wire in
                try await wire.hello("assistant", #","session_id":"s","since":2,"resume_key":"\#(key)""#)
                await second.agent.blocked()
                try await wire.say("third", requestID: "r-3")
                #expect(try await wire.next(2)[1]["content"] == "Message queued.")
                try await wire.send(#"{"type":"abort","scope":"\#(scope)"}"#)
                let answer = try await wire.next()
                #expect(answer["type"] == "aborted")
                #expect(answer["turn_aborted"] == true)
                #expect(answer["pending_cancelled"]?.int == gone.count - 1)
                #expect(answer["request_ids"]?.array?.compactMap(\.string) == gone)
                // Nothing more is heard of these.
                try await wire.say("last", requestID: "r-4")
                var ends: [JSONValue] = []
                while ends.last?["request_id"] != "r-4" {
                    ends += try await untilFinal(wire).filter { $0["status"] == "final" }
                }
                let answered = ends.compactMap { $0["request_id"]?.string }
                #expect(answered == (scope == "turn" ? ["r-2", "r-3", "r-4"] : ["r-4"]))
                try await wire.say("next", requestID: "r-2")
                let retry = try await wire.next()
                #expect(retry["status"] == "duplicate")
                #expect(retry["outcome"]?["status"]?.string == (scope == "turn" ? "ok" : "aborted"))
            }
        }
    }

    @Test func `carries out built-in commands as anywhere else`() async throws {
        let house = House(try journal())
        try await house.running {
            try await house.connect { wire in
                try await wire.hello()
                _ = try await turn(wire, "remember me")
                _ = try await turn(wire, "/new")
                _ = try await turn(wire, "who am I?")
                #expect(try await turn(wire, "/help").last?["content"]?.string?.contains("/new") == true)
            }
        }
        #expect(house.agent.turns.last?.history.isEmpty == true)
    }

    @Test func `serves many clients of one agent at once`() async throws {
        let house = House(try journal())
        try await house.running {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 1...50 {
                    group.addTask {
                        try await house.connect { wire in
                            try await wire.hello()
                            for round in 1...3 {
                                let frames = try await turn(wire, "client \(number) round \(round)")
                                #expect(frames.last?["content"]?.string == "echo: client \(number) round \(round)")
                                let words = frames.filter { $0["type"] == "token_stream" }.compactMap {
                                    $0["data"]?["content"]?.string
                                }
                                #expect(words.count == 5)
                                #expect(words.joined() == frames.last?["content"]?.string)
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
        #expect(house.agent.turns.count == 150)
    }
}

/// Says back what it hears, word by word. `BLOCK` keeps it busy until it is stopped.
private final class ScriptedAgent: Agent {
    private struct State {
        var turns: [Turn] = []
        var isBlocked = false
        var waiter: CheckedContinuation<Void, Never>?
    }

    let name: AgentName = "assistant"
    private let blocks: Bool
    private let state = Mutex(State())

    init(blocks: Bool = true) { self.blocks = blocks }

    var turns: [Turn] { state.withLock { $0.turns } }

    /// Returns once a turn is blocked.
    func blocked() async {
        await withCheckedContinuation { continuation in
            let isReady = state.withLock { state in
                if !state.isBlocked { state.waiter = continuation }
                return state.isBlocked
            }
            if isReady { continuation.resume() }
        }
    }

    func reply(to turn: Turn, emit: @escaping @Sendable (ReplyPart) async throws -> Void) async throws -> Reply {
        state.withLock { $0.turns.append(turn) }
        let text = turn.input.map(\.text).joined(separator: "\n")
        if blocks, text.hasPrefix("BLOCK") {
            state.withLock { state in
                state.isBlocked = true
                defer { state.waiter = nil }
                return state.waiter
            }?.resume()
            await untilCancelled()
            throw CancellationError()
        }
        let reply = "echo: \(text)"
        for (index, word) in reply.split(separator: " ").enumerated() {
            try await emit(.text(index == 0 ? String(word) : " \(word)"))
        }
        return Reply(text: reply)
    }
}

private struct Nowhere: WebSocketClient {
    func connect<Value: Sendable>(
        to url: String, headers: HTTPHeaders, limits: WebSocketLimits,
        _ body: @Sendable (any WebSocketConnection) async throws -> Value
    ) async throws -> Value {
        throw WebSocketConnectError.invalidURL(url)
    }
}
