import Logging
import PraisonCore
import PraisonNet
import PraisonSimulation
import Testing

@testable import PraisonControlPlane

/// A control plane with everything around it held still.
struct TestPlane: Sendable {
    let hub: FakeHub
    let clock: VirtualClock
    let plane: ControlPlane
    let approvals: ApprovalDesk

    init(
        _ server: ServerSettings = ServerSettings(), session: SessionSettings = SessionSettings(),
        hub: FakeHub = FakeHub(), store: (any ClientSessionStore)? = MemorySessionStore(),
        cursors: (any CursorStore)? = nil, announced: [AgentDescription] = [], clock: VirtualClock = VirtualClock(),
        seed: UInt64 = 1
    ) {
        self.hub = hub
        self.clock = clock
        let entropy = SeededEntropy(seed: seed)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        approvals = ApprovalDesk(cursors: nil, clock: clock, entropy: entropy, logger: logger)
        plane = ControlPlane(
            server: server, session: session, hub: hub, store: store, cursors: cursors, remoteAgents: announced,
            approvals: approvals,
            cryptography: OpenSSLCryptography(), clock: clock, entropy: entropy, logger: logger)
    }

    /// Keeps the plane's heartbeat going for as long as `body` takes.
    func running<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) async throws -> Value {
        try await withThrowingTaskGroup(of: Value?.self) { group in
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

    /// Opens a WebSocket for as long as `body` takes.
    func connect<Value: Sendable>(
        _ path: String = "/ws", headers: HTTPHeaders = [:], peer: String = "127.0.0.1",
        _ body: @escaping @Sendable (Wire) async throws -> Value
    ) async throws -> Value {
        let client = InMemoryWebSocketClient(plane, peer: peer)
        return try await client.connect(
            to: "ws://127.0.0.1:8765\(path)", headers: headers, limits: WebSocketLimits()
        ) { connection in
            guard let connection = connection as? InMemoryWebSocket else { throw Wire.Ended(code: nil) }
            return try await body(Wire(connection: connection))
        }
    }

    /// The hub's reply to `event`, as the outbox delivers it.
    @discardableResult
    func reply(
        _ text: String, to event: GatewayEvent, outcome: TurnOutcome = TurnOutcome(.answered)
    ) async throws -> MessageReceipt {
        let conversation = try #require(event.message?.conversation)
        return try await plane.adapter.send(
            OutboundMessage(
                key: "\(event.id)/0", conversation: conversation, text: text, answers: event.id, outcome: outcome))
    }

    /// A part of the reply to `event`.
    func stream(_ parts: ReplyPart..., answering event: GatewayEvent) async throws {
        let adapter = try #require(plane.adapter as? any StreamsReplies)
        let conversation = try #require(event.message?.conversation)
        for part in parts {
            await adapter.stream(
                part, answering: event.id, agent: AgentName(event.target ?? "assistant"), in: conversation)
        }
    }

    func get(_ path: String, headers: HTTPHeaders = ["Host": "127.0.0.1:8765"], peer: String = "127.0.0.1") async
        -> HTTPResponse
    {
        await plane.respond(to: HTTPRequest(.get, path, headers: headers, peer: peer))
    }

    func post(
        _ path: String, _ body: String = "", headers: HTTPHeaders = ["Host": "127.0.0.1:8765"],
        peer: String = "127.0.0.1"
    ) async -> HTTPResponse {
        await plane.respond(to: HTTPRequest(.post, path, headers: headers, body: Array(body.utf8), peer: peer))
    }
}

/// A client that speaks in literal frames.
struct Wire: Sendable {
    struct Ended: Error, Equatable { var code: WebSocketCloseCode? = nil }

    let connection: InMemoryWebSocket

    func send(_ text: String) async throws { try await connection.send(.text(text)) }

    /// The next frame; heartbeats are answered and left out.
    func next() async throws -> JSONValue {
        while let message = try await connection.receive() {
            guard case .text(let text) = message else { continue }
            let frame = try JSONDocument(parsing: text).value
            if frame["type"] == "ping" { continue }
            return frame
        }
        throw Ended(code: connection.closeCode)
    }

    func next(_ count: Int) async throws -> [JSONValue] {
        var frames: [JSONValue] = []
        for _ in 0..<count { frames.append(try await next()) }
        return frames
    }

    /// What ends the connection.
    func end() async throws -> WebSocketCloseCode? {
        while try await connection.receive() != nil {}
        return connection.closeCode
    }

    /// Says hello and returns the answer.
    @discardableResult
    func hello(_ agent: String = "assistant", _ more: String = "", capabilities: String = "\"streaming\"") async throws
        -> JSONValue
    {
        try await send(
            #"{"type":"hello","agent_id":"\#(agent)","protocol_min":1,"protocol_max":1,"capabilities":[\#(capabilities)]\#(more)}"#
        )
        return try await next()
    }

    func say(_ content: String, requestID: String? = nil) async throws {
        try await send(
            JSONValue.object(
                ["type": "message", "content": .string(content)].merging(
                    requestID.map { ["request_id": .string($0)] } ?? [:]
                ) { first, _ in first }
            ).text())
    }
}
