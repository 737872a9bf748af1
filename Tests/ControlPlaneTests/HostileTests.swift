import Foundation
import Logging
import NIOCore
import NIOPosix
import PraisonClient
import PraisonCore
import PraisonNet
import PraisonSimulation
import Testing

@testable import PraisonControlPlane

/// What people with bad intentions, or bad programs, send to a live server. `.ci/long` sends 100,000 of it under the
/// sanitizers; `PRAISON_MUTATIONS` says how much.
@Suite(.timeLimit(.minutes(30))) struct `a live control plane` {
    private static let total = ProcessInfo.processInfo.environment["PRAISON_MUTATIONS"].flatMap { Int($0) } ?? 3000
    private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private let frames = [
        #"{"type":"hello","agent_id":"assistant","protocol_min":1,"protocol_max":1,"session_id":"s","since":1}"#,
        #"{"type":"join","agent_id":"assistant","min_version":1,"since":"2"}"#,
        #"{"type":"message","content":"h\u00e9","request_id":"r-1"}"#, #"{"type":"abort","scope":"session"}"#,
        #"{"type":"server_reply","request_id":"x","value":"allow"}"#, #"{"type":"broadcast","data":{"a":[1]}}"#,
        #"{"type":"agent_register","name":"far","concurrency":2,"timeout":5}"#,
        #"{"type":"turn_part","turn_id":"t","part":{"tool_call":{"id":"1","name":"n"}}}"#,
        #"{"type":"turn_done","turn_id":"t","reply":{"text":"x","messages":[{"role":"user","text":"y"}]}}"#,
        #"{"type":"agent_ask","request_id":"q","turn_id":"t","agent":"assistant","question":"why"}"#,
    ].map { Array($0.utf8) }

    private let requests = [
        ("/v1/chat/completions", #"{"model":"assistant","stream":true,"messages":[{"role":"user","content":"x"}]}"#),
        (
            "/v1/responses",
            #"{"model":"assistant","input":[{"role":"user","content":[{"type":"input_text","text":"x"}]}]}"#
        ),
        ("/mcp", #"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18"}}"#),
        ("/api/pairing/approve", #"{"channel":"house","code":"ABCD2345"}"#),
        ("/api/approval/allow-list", #"{"tool_name":"shell","agent_id":"assistant"}"#),
    ]

    private let raw = [
        "GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        "POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 2\r\n\r\n{}",
        "POST /v1/responses HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        "GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
    ].map { Array($0.utf8) }

    @Test func `has an ordinary conversation after all that was thrown at it`() async throws {
        var server = ServerSettings.withAPIs
        // Whatever a mutation lets through is turned down here, so that nobody waits for an answer.
        server.maxConnections = 64
        let plane = TestPlane(server)
        plane.hub.setDraining()
        try await HTTPServer.withServer(plane.plane, logger: logger) { address in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await throwFrames(Self.total / 2, address.port) }
                group.addTask { try await throwBodies(Self.total * 2 / 5, address.port) }
                group.addTask { try await throwBytes(Self.total / 10, address.port) }
                try await group.waitForAll()
            }
            plane.hub.setDraining(false)
            let webSocket = NIOWebSocketClient(logger: logger)
            try await GatewayClient.withClient(
                .init(url: "ws://127.0.0.1:\(address.port)/ws", agent: "assistant"), webSocket: webSocket,
                logger: logger
            ) { client in
                let count = plane.hub.accepted.count
                async let reply = client.ask("all well?")
                let event = await plane.hub.event(count + 1)
                #expect(event.message?.text == "all well?")
                try await plane.reply("all well", to: event)
                #expect(try await reply.text == "all well")
            }
        }
    }

    private func throwFrames(_ count: Int, _ port: Int) async throws {
        let entropy = SeededEntropy(seed: 21)
        var left = count
        while left > 0 {
            let some = min(left, 500)
            left -= some
            try await NIOWebSocketClient(logger: logger).connect(
                to: "ws://127.0.0.1:\(port)/ws", headers: [:], limits: WebSocketLimits()
            ) { connection in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { while try await connection.receive() != nil {} }
                    for round in 0..<some {
                        let frame = Mutation.of(frames[round % frames.count], entropy)
                        do { try await connection.send(.text(String(decoding: frame, as: UTF8.self))) } catch { break }
                    }
                    connection.close(.normal, reason: "")
                    try await group.waitForAll()
                }
            }
        }
    }

    private func throwBodies(_ count: Int, _ port: Int) async throws {
        let entropy = SeededEntropy(seed: 22)
        let http = CurlHTTPClient(logger: logger)
        for round in 0..<count {
            let (path, body) = requests[round % requests.count]
            let request = HTTPRequest(
                .post, "http://127.0.0.1:\(port)\(path)",
                headers: [
                    "Content-Type": "application/json", "Accept": "application/json, text/event-stream",
                ], body: Mutation.of(Array(body.utf8), entropy))
            let response = try await http.execute(request)
            #expect((200...503).contains(response.status))
        }
        await http.shutdown()
    }

    /// Bytes that are hardly HTTP any more. Each connection is closed by whoever has enough first.
    private func throwBytes(_ count: Int, _ port: Int) async throws {
        let entropy = SeededEntropy(seed: 23)
        for round in 0..<count {
            let bytes = Mutation.of(raw[round % raw.count], entropy)
            let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connect(host: "127.0.0.1", port: port).get()
            try? await channel.writeAndFlush(ByteBuffer(bytes: bytes))
            try? await channel.close()
        }
    }
}
