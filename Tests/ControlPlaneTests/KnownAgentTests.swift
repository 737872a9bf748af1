import Logging
import PraisonClient
import PraisonCore
import PraisonSimulation
import Testing

@testable import PraisonControlPlane

@Suite(.timeLimit(.minutes(1))) struct `an agent that came unannounced` {
    private let cursors = MemoryCursors()

    private let turn = Turn(
        id: "turn-1", history: [], input: [ChatMessage(.user, "hello")],
        conversation: Conversation(channel: "gateway", id: "7", scope: .dm), sender: Sender(id: "ada"))

    private func server(_ token: String) -> ServerSettings {
        ServerSettings(authToken: Secret(token))
    }

    private func register(_ plane: TestPlane, _ token: String? = nil) async throws -> JSONValue {
        try await plane.connect(headers: token.map { ["Authorization": "Bearer \($0)"] } ?? [:]) { wire in
            try await wire.send(#"{"type":"agent_register","name":"far","description":"far away"}"#)
            return try await wire.next()
        }
    }

    @Test func `is known to the next process, which waits for it and lets its clients in`() async throws {
        _ = try await register(TestPlane(cursors: cursors))
        let plane = TestPlane(cursors: cursors)
        await plane.plane.restore()
        #expect(plane.hub.agents.last == AgentDescription(name: "far", summary: "far away", model: "remote"))
        try await plane.connect { client in
            #expect(try await client.hello("far")["type"] == "hello_ok")
            let agent = try #require(plane.hub.directory.agent("far"))
            async let served: Void = plane.connect { wire in
                try await wire.send(#"{"type":"agent_register","name":"far"}"#)
                #expect(try await wire.next()["type"] == "agent_registered")
                let id = try #require(try await wire.next()["turn_id"]?.string)
                try await wire.send(#"{"type":"turn_done","turn_id":"\#(id)","reply":{"text":"back"}}"#)
            }
            #expect(try await agent.reply(to: turn) { _ in }.text == "back")
            try await served
        }
        #expect(plane.hub.agents.last?.summary == "far away")
    }

    @Test func `is forgotten when no session of it can be resumed any more, also by the next process`() async throws {
        let first = TestPlane(cursors: cursors)
        _ = try await register(first)
        let clock = first.clock
        clock.advance(by: .seconds(25 * 3600))
        let second = TestPlane(cursors: cursors, clock: clock)
        await second.plane.restore()
        #expect(second.hub.directory.agent("far") == nil)
    }

    @Test func `is the holder's of its token, as long as that is valid`() async throws {
        let (old, new) = ("the-first-token-0123456789", "the-second-token-0123456789")
        _ = try await register(TestPlane(server(old), cursors: cursors), old)
        var both = server(old)
        both.scopedTokens = [ScopedToken(token: Secret(new), scopes: [.admin])]
        let plane = TestPlane(both, cursors: cursors)
        await plane.plane.restore()
        #expect(try await register(plane, new)["code"] == "agent_not_registered")
        let rotated = TestPlane(server(new), cursors: cursors)
        await rotated.plane.restore()
        #expect(try await register(rotated, new)["type"] == "agent_registered")
    }

    @Test func `is never in the way of one that runs in the gateway now`() async throws {
        _ = try await register(TestPlane(cursors: cursors))
        let local = AgentDescription(name: "far", summary: "near", model: "acme/one")
        let plane = TestPlane(hub: FakeHub(agents: [local]), cursors: cursors)
        await plane.plane.restore()
        #expect(plane.hub.agents == [local])
    }
}

@Suite(.timeLimit(.minutes(1))) struct `a process that serves an agent` {
    @Test func `gets as many large turns as it takes, however slowly it reads`() async throws {
        let (near, _) = InMemoryWebSocket.pair()
        var server = ServerSettings()
        server.maxBufferedBytes = 1000
        let client = Client(
            id: "1", principal: Principal(tokenFingerprint: nil, scopes: [.admin]), connection: near, server: server,
            now: .zero)
        let text = String(repeating: "x", count: 900)
        for _ in 1...8 { client.offer { text } }
        client.send("small")
        #expect(near.closeCode == nil)
        #expect(await client.nextWork()?.count == 9)
    }

    /// A gateway's end of one connection.
    private struct Line: WebSocketClient {
        let connection: InMemoryWebSocket

        func connect<Value: Sendable>(
            to url: String, headers: HTTPHeaders, limits: WebSocketLimits,
            _ body: @Sendable (any WebSocketConnection) async throws -> Value
        ) async throws -> Value { try await body(connection) }
    }

    private struct Echo: Agent {
        let name: AgentName = "far"
        func reply(
            to turn: Turn, emit: @escaping @Sendable (ReplyPart) async throws -> Void
        ) async throws -> Reply { Reply(text: turn.input.map(\.text).joined()) }
    }

    @Test func `answers a turn that comes before the word that it is registered`() async throws {
        let (near, far) = InMemoryWebSocket.pair()
        let host = AgentHost(
            Echo(), webSocket: Line(connection: near), clock: VirtualClock(), entropy: SeededEntropy(seed: 3),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await host.run() }
            let wire = Wire(connection: far)
            #expect(try await wire.next()["type"] == "agent_register")
            let turn = Turn(
                id: "1", history: [], input: [ChatMessage(.user, "early")],
                conversation: Conversation(channel: "house", id: "7", scope: .dm), sender: Sender(id: "ada"))
            try await wire.send(
                JSONValue.object(["type": "turn", "turn_id": "t", "agent": "far", "turn": turn.wireJSON]).text())
            try await wire.send(#"{"type":"agent_registered","name":"far"}"#)
            let done = try await wire.next()
            #expect(done["type"] == "turn_done" && done["reply"]?["text"] == "early")
            group.cancelAll()
        }
    }
}
