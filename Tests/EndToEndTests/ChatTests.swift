import Foundation
import Logging
import PraisonCore
import PraisonNet
import Testing

@Suite(.serialized, .timeLimit(.minutes(5)))
struct `talking to a gateway` {
    private static let demonstration = "agents:\n  assistant: {instructions: You help.}\n  second: {}\n"

    @Test func `over the WebSocket goes by hello, message and response`() async throws {
        try await Workspace.with { workspace in
            try await GatewayProcess.withGateway(Self.demonstration, in: workspace) { gateway in
                let client = NIOWebSocketClient(logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
                try await client.connect(to: gateway.webSocketURL, headers: [:], limits: WebSocketLimits()) { socket in
                    func next(_ type: String, status: String? = nil) async throws -> JSONDocument {
                        while case .text(let text)? = try await socket.receive() {
                            let frame = try JSONDocument(parsing: text)
                            if frame["type"]?.string == type, status == nil || frame["status"]?.string == status {
                                return frame
                            }
                        }
                        throw CancellationError()
                    }
                    try await socket.send(
                        .text(#"{"type":"hello","agent_id":"assistant","protocol_min":1,"protocol_max":1}"#))
                    let welcome = try await next("hello_ok")
                    #expect(welcome["protocol"]?.int == 1)
                    try await socket.send(.text(#"{"type":"message","content":"what is 6 times 7"}"#))
                    _ = try await next("response", status: "accepted")
                    let reply = try await next("response", status: "final")
                    #expect(reply["content"]?.string?.contains("42") == true)
                    #expect(reply["outcome"]?["status"]?.string == "ok")
                    #expect(reply["session_id"]?.string == welcome["session_id"]?.string)
                }
            }
        }
    }

    @Test func `by a pipe answers each line`() async throws {
        try await Workspace.with { workspace in
            try await GatewayProcess.withGateway(Self.demonstration, in: workspace) { gateway in
                let chat = try await CommandProcess.run(
                    "chat", "--url", gateway.webSocketURL, in: workspace,
                    input: "my name is Ada\n\nwhat is 6 times 7\nwhat is my name\n")
                #expect(chat.status == 0, "\(chat.errors)")
                #expect(chat.output.contains("42"))
                #expect(chat.output.split(separator: "\n").last?.contains("Ada") == true)
                #expect(!chat.output.contains("> "))
            }
        }
    }

    @Test func `that does not run, or to an agent that does not exist, says so`() async throws {
        try await Workspace.with { workspace in
            let nobody = try await CommandProcess.run(
                "chat", "--url", "ws://127.0.0.1:9/ws", in: workspace, input: "hi\n")
            #expect(nobody.status == 75)
            #expect(nobody.errors.contains("praisonai gateway start"))
            try await GatewayProcess.withGateway(Self.demonstration, in: workspace) { gateway in
                let unknown = try await CommandProcess.run(
                    "chat", "nobody", "--url", gateway.webSocketURL, in: workspace, input: "hi\n")
                #expect(unknown.status == 78)
                #expect(unknown.errors.hasPrefix("Error: Agent not found: nobody; there are: assistant"))
                // The gateway's codes are for programs.
                #expect(!unknown.errors.contains("agent_not_found"))
            }
        }
    }

    @Test func `needs the token where there is one`() async throws {
        try await Workspace.with { workspace in
            let configuration = "gateway: {auth_token: open-sesame-0123}\n" + Self.demonstration
            try await GatewayProcess.withGateway(configuration, in: workspace) { gateway in
                try workspace.write("agents: {a: {}}\n", to: "other.yaml")
                let without = try await CommandProcess.run(
                    "chat", "assistant", "--config", "other.yaml", "--url", gateway.webSocketURL, in: workspace,
                    input: "hi\n")
                #expect(without.status == 78)
                let with = try await CommandProcess.run(
                    "chat", "--token", "open-sesame-0123", "--url", gateway.webSocketURL, in: workspace, input: "hi\n")
                #expect(with.status == 0, "\(with.errors)")
                #expect(!with.everything.contains("open-sesame"))
            }
        }
    }
}
