import Logging
import PraisonClient
import PraisonCore
import PraisonNet
import PraisonSimulation
import Testing

@testable import PraisonControlPlane

@Suite(.timeLimit(.minutes(3))) struct `a control plane on real sockets` {
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private func serving<Value: Sendable>(
        _ plane: TestPlane, _ body: @escaping @Sendable (_ url: String) async throws -> Value
    ) async throws -> Value {
        try await HTTPServer.withServer(plane.plane, logger: logger) { address in
            try await body("ws://127.0.0.1:\(address.port)/ws")
        }
    }

    private func connect<Value: Sendable>(
        _ url: String, headers: HTTPHeaders = [:],
        _ body: @escaping @Sendable (any WebSocketConnection) async throws -> Value
    ) async throws -> Value {
        try await NIOWebSocketClient(logger: logger)
            .connect(to: url, headers: headers, limits: WebSocketLimits(), body)
    }

    @Test func `talks with our client`() async throws {
        let plane = TestPlane()
        try await serving(plane) { url in
            try await GatewayClient.withClient(
                .init(url: url, agent: "assistant"), webSocket: NIOWebSocketClient(logger: logger), logger: logger
            ) { client in
                async let reply = client.ask("hello")
                let event = await plane.hub.event()
                try await plane.stream(.text("hello "), .text("to you \u{1F44B}"), answering: event)
                try await plane.reply("hello to you \u{1F44B}", to: event)
                #expect(try await reply.text == "hello to you \u{1F44B}")
            }
        }
    }

    @Test func `answers with the subprotocol, and refuses by a frame and a code`() async throws {
        let plane = TestPlane(ServerSettings(authToken: Secret("correct-horse-battery")))
        try await serving(plane) { url in
            try await connect(url, headers: ["Sec-WebSocket-Protocol": "praisonai, bearer.correct-horse-battery"]) {
                try await $0.send(.text(#"{"type":"hello","agent_id":"assistant"}"#))
                guard case .text(let answer)? = try await $0.receive() else { throw Wire.Ended() }
                #expect(answer.contains("hello_ok"))
            }
            try await connect(url) { connection in
                guard case .text(let answer)? = try await connection.receive() else { throw Wire.Ended() }
                #expect(answer.contains("auth_required"))
                #expect(try await connection.receive() == nil)
                #expect(await connection.closeCode == 4003)
            }
        }
    }

    @Test func `has an ordinary conversation after thousands of mutated frames`() async throws {
        let plane = TestPlane()
        let seeds = [
            #"{"type":"hello","agent_id":"assistant","protocol_min":1,"protocol_max":1,"session_id":"s","since":1}"#,
            #"{"type":"message","content":"h\u00e9","request_id":"r-1"}"#, #"{"type":"abort","scope":"session"}"#,
            #"{"type":"server_reply","request_id":"x","value":"allow"}"#, #"{"type":"broadcast","data":{"a":[1]}}"#,
        ].map { Array($0.utf8) }
        try await serving(plane) { url in
            let entropy = SeededEntropy(seed: 11)
            for _ in 0..<4 {
                try await connect(url) { connection in
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        group.addTask { while try await connection.receive() != nil {} }
                        for round in 0..<500 {
                            let frame = Mutation.of(seeds[round % seeds.count], entropy)
                            do { try await connection.send(.text(String(decoding: frame, as: UTF8.self))) } catch {
                                break
                            }
                        }
                        connection.close(.normal, reason: "")
                        try await group.waitForAll()
                    }
                }
            }
            try await connect(url) { connection in
                let count = plane.hub.accepted.count
                try await connection.send(.text(#"{"type":"hello","agent_id":"assistant"}"#))
                try await connection.send(.text(#"{"type":"message","content":"all well?","request_id":"last"}"#))
                let event = await plane.hub.event(count + 1)
                #expect(event.message?.text == "all well?")
                try await plane.reply("all well", to: event)
                var answer = ""
                while !answer.contains("final"), case .text(let text)? = try await connection.receive() {
                    answer = text
                }
                #expect(answer.contains("all well"))
            }
        }
    }
}
