import PraisonCore
import PraisonNet
import PraisonSimulation
import Testing

@testable import PraisonAgents

/// The promises of ``MCPTests`` that depend on the transport, by real sockets.
@Suite(.serialized, .timeLimit(.minutes(2))) struct `a server that lends tools, reached by sockets` {
    private static func withServer(
        _ peer: FakeMCPServer, _ body: @escaping @Sendable (MCPServer, VirtualClock) async throws -> Void
    ) async throws {
        try await onSockets(peer) { url, http in
            let clock = VirtualClock()
            let address = MCPAddress(
                url: "\(url)/mcp", headers: [.init(name: "Authorization", value: Secret("Bearer t-1"))],
                timeout: .seconds(60), http: http, clock: clock)
            let server = MCPServer(
                MCPServerSettings(name: "files", connection: .http(url: url, headers: [])), transport: address,
                clock: clock, logger: silent)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await server.run() }
                defer { group.cancelAll() }
                try await body(server, clock)
            }
        }
    }

    private static func waitForTools(_ server: MCPServer, _ count: Int) async throws {
        while await server.tools.count != count {
            try Task.checkCancellation()
            await Task.yield()
        }
    }

    private static func read(_ server: MCPServer, _ path: String) async throws -> String {
        let arguments = JSONValue.object(["path": .string(path)])
        return try await server.call("read", try JSONDocument(parsing: arguments.bytes()))
    }

    @Test(arguments: [false, true])
    func `answers with JSON or with a stream`(_ streams: Bool) async throws {
        let peer = FakeMCPServer(streams: streams)
        try await Self.withServer(peer) { server, _ in
            try await Self.waitForTools(server, 3)
            // Characters that some take for the end of a line.
            let text = try await Self.read(server, "a\u{2028}b\u{85}c🧭")
            #expect(text.hasPrefix("content of a\u{2028}b\u{85}c🧭"))
        }
        let posts = peer.requests.filter { $0.method == .post }
        #expect(posts.dropFirst().allSatisfy { $0.headers["mcp-session-id"] == "s-1" })
        #expect(posts.allSatisfy { $0.headers["accept"] == "application/json, text/event-stream" })
        #expect(posts.allSatisfy { $0.headers["authorization"] == "Bearer t-1" })
    }

    @Test func `is connected anew when its session is gone`() async throws {
        let peer = FakeMCPServer(streams: true)
        try await Self.withServer(peer) { server, clock in
            try await Self.waitForTools(server, 3)
            peer.forgetSession()
            async let text = Self.read(server, "x")
            try await Self.waitForTools(server, 0)
            // The call that waits for the connection, and the pause before that is made anew.
            await clock.nextSleeper(count: 2)
            clock.advance(by: .seconds(1))
            #expect(try await text.hasPrefix("content of x"))
        }
    }

    static let nonsense: [(String, @Sendable () -> HTTPResponse)] = [
        ("a page", { .text("<html>login</html>", type: "text/html") }), ("status 500", { .text("", status: 500) }),
        ("status 401", { .text("who?", status: 401) }), ("another shape", { .json(["jsonrpc": "2.0"]) }),
        ("half a stream", { .text("data: {\"jsonrpc\"", type: "text/event-stream") }),
        ("a stream that is cut", { .cut(after: Array("data: {\"jsonrpc\":".utf8), type: "text/event-stream") }),
        ("JSON that is cut", { .cut(after: Array("{\"jsonrpc\":".utf8), type: "application/json") }),
        ("nothing", { .text("", type: "application/json") }),
        ("elsewhere", { HTTPResponse(status: 307, headers: ["Location": "http://192.0.2.1/mcp"]) }),
    ]

    @Test(arguments: nonsense.indices)
    func `may talk nonsense when it is called, which the model is told, and then makes sense again`(
        _ example: Int
    ) async throws {
        let peer = FakeMCPServer(streams: false)
        try await Self.withServer(peer) { server, clock in
            try await Self.waitForTools(server, 3)
            peer.say(Self.nonsense[example].1())
            await #expect(throws: ToolError.self) { try await Self.read(server, "x") }
            while true {
                if let text = try? await Self.read(server, "y") {
                    #expect(text.hasPrefix("content of y"))
                    break
                }
                clock.advance(by: .milliseconds(20))
                await Task.yield()
            }
        }
    }
}
