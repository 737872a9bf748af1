import Logging
import PraisonCore
import Testing

@testable import PraisonNet

@Suite(.timeLimit(.minutes(3))) struct `a WebSocket client` {
    private let client = NIOWebSocketClient(logger: .silent)

    @Test func `talks to a server, compressed or not`() async throws {
        try await echo { address in
            for compresses in [true, false] {
                let client = NIOWebSocketClient(
                    configuration: .init(compressesMessages: compresses), logger: .silent)
                let long = String(repeating: "all work and no play ", count: 1000)
                try await client.connect(to: Self.url(address), limits: .patient) { connection in
                    for message in [WebSocketMessage.text("hello"), .text(long), .binary([1, 2, 3])] {
                        try await connection.send(message)
                        #expect(try await connection.receive() == message)
                    }
                }
            }
        }
    }

    @Test func `sees that a ping was answered`() async throws {
        try await echo { address in
            try await client.connect(to: Self.url(address), limits: .patient) { connection in
                let before = await connection.bytesReceived
                try await connection.ping([1, 2, 3])
                // The answer comes before that to what follows.
                try await connection.send(.text("x"))
                _ = try await connection.receive()
                // A pong of three bytes, a text of one, and their headers.
                #expect(await connection.bytesReceived == before + 5 + 3)
            }
        }
    }

    @Test func `tells why the server closed`() async throws {
        let closing = Converse { $0.close(4001, reason: "enough") }
        try await HTTPServer.serve { _ in
            HTTPResponse(status: 101, body: .webSocket(closing))
        } _: { address in
            try await client.connect(to: Self.url(address), limits: .patient) { connection in
                let message = try await connection.receive()
                #expect(message == nil)
                #expect(await connection.closeCode == 4001)
                await #expect(throws: WebSocketClosed(code: 4001)) { try await connection.send(.text("x")) }
            }
        }
    }

    @Test func `hears what comes right behind the handshake`() async throws {
        try await ScriptedServer.run { connection in
            let request = try #require(await connection.text(through: "\r\n\r\n"))
            try await connection.send(Array(Self.acceptance(of: request).utf8) + [0x81, 0x05] + Array("Hello".utf8))
            await connection.closed()
        } _: { server in
            let url = "ws://127.0.0.1:\(server.port)/gateway?v=10"
            try await client.connect(to: url, headers: ["Authorization": "Bearer x"], limits: .patient) { connection in
                let message = try await connection.receive()
                #expect(message == .text("Hello"))
            }
        }
    }

    @Test func `asks as RFC 6455 says`() async throws {
        let (requests, heard) = AsyncStream.makeStream(of: String.self)
        try await ScriptedServer.run { connection in
            let request = try #require(await connection.text(through: "\r\n\r\n"))
            heard.yield(request)
            try await connection.send(Self.acceptance(of: request))
            await connection.closed()
        } _: { server in
            try await client.connect(
                to: "ws://127.0.0.1:\(server.port)?v=10", headers: ["User-Agent": "a"], limits: .patient
            ) { _ in }
            var iterator = requests.makeAsyncIterator()
            let request = try #require(await iterator.next())
            #expect(request.hasPrefix("GET /?v=10 HTTP/1.1\r\nHost: 127.0.0.1:\(server.port)\r\n"))
            for line in [
                "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13", "User-Agent: a",
                "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits",
            ] {
                #expect(request.contains("\r\n\(line)\r\n"))
            }
        }
    }

    @Test(arguments: [
        ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n", "Accept"),
        ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n", "something else"),
        ("nonsense\r\n\r\n", "not HTTP"),
    ])
    func `refuses an answer that is no handshake`(answer: String, words: String) async throws {
        try await ScriptedServer.run { connection in
            _ = await connection.text(through: "\r\n\r\n")
            try await connection.send(answer)
            await connection.closed()
        } _: { server in
            let error = await #expect(throws: WebSocketConnectError.self) {
                try await client.connect(to: "ws://127.0.0.1:\(server.port)/", limits: .patient) { _ in }
            }
            guard case .invalidHandshake(let reason) = error else {
                return #expect(Bool(false), "\(String(describing: error))")
            }
            #expect(reason.contains(words))
        }
    }

    @Test func `refuses protocols and extensions it has not asked for`() async throws {
        for field in ["Sec-WebSocket-Protocol: b", "Sec-WebSocket-Extensions: x-other"] {
            try await ScriptedServer.run { connection in
                let request = try #require(await connection.text(through: "\r\n\r\n"))
                try await connection.send(Self.acceptance(of: request, with: field))
                await connection.closed()
            } _: { server in
                await #expect(throws: WebSocketConnectError.self) {
                    let headers: HTTPHeaders = ["Sec-WebSocket-Protocol": "a"]
                    try await client.connect(to: "ws://127.0.0.1:\(server.port)/", headers: headers, limits: .patient) {
                        _ in
                    }
                }
            }
        }
    }

    @Test func `tells a refusal with its words`() async throws {
        try await HTTPServer.serve { _ in
            .text("no token", status: 401)
        } _: { address in
            await #expect(throws: WebSocketConnectError.refused(status: 401, body: "no token")) {
                try await client.connect(to: Self.url(address), limits: .patient) { _ in }
            }
        }
    }

    @Test func `does not wait for ever for an answer`() async throws {
        try await ScriptedServer.run { connection in
            await connection.closed()
        } _: { server in
            await #expect(throws: WebSocketConnectError.timeout) {
                let limits = WebSocketLimits(connect: .milliseconds(200))
                try await client.connect(to: "ws://127.0.0.1:\(server.port)/", limits: limits) { _ in }
            }
        }
    }

    @Test func `says what keeps it from connecting`() async throws {
        let closed = try ClosedPort()
        defer { withExtendedLifetime(closed) {} }
        let port = closed.number
        let refusal = HTTPError(
            .couldNotConnect, mayHaveReachedServer: false,
            detail: "could not connect to 127.0.0.1:\(port): Connection refused")
        // The kernel says so at once, or a moment later.
        for _ in 1...50 {
            await #expect(throws: WebSocketConnectError.transport(refusal)) {
                try await client.connect(to: "ws://127.0.0.1:\(port)/", limits: .patient) { _ in }
            }
        }
    }

    @Test func `gives up at once when it is cancelled`() async throws {
        let (begun, beginning) = AsyncStream.makeStream(of: Void.self)
        try await ScriptedServer.run { connection in
            beginning.yield()
            await connection.closed()
        } _: { server in
            let connecting = Task {
                try await client.connect(to: "ws://127.0.0.1:\(server.port)/", limits: .patient) { _ in }
            }
            for await _ in begun { break }
            connecting.cancel()
            await #expect(throws: CancellationError.self) { try await connecting.value }
        }
    }

    @Test func `goes through a proxy with its name and password`() async throws {
        try await ScriptedServer.run { connection in
            let connect = try #require(await connection.text(through: "\r\n\r\n"))
            #expect(connect.hasPrefix("CONNECT chat.example:80 HTTP/1.1\r\nHost: chat.example:80\r\n"))
            #expect(connect.contains("\r\nProxy-Authorization: Basic bWU6cDpAc3M=\r\n"))
            try await connection.send("HTTP/1.1 200 Connected\r\n\r\n")
            let request = try #require(await connection.text(through: "\r\n\r\n"))
            #expect(request.contains("\r\nHost: chat.example\r\n"))
            #expect(!request.contains("Proxy-Authorization"))
            try await connection.send(Array(Self.acceptance(of: request).utf8) + [0x81, 0x02] + Array("ok".utf8))
            await connection.closed()
        } _: { server in
            let proxies = ProxySettings { $0 == "http_proxy" ? "http://me:p%3A%40ss@127.0.0.1:\(server.port)" : nil }
            let client = NIOWebSocketClient(configuration: .init(), proxies: proxies, logger: .silent)
            try await client.connect(to: "ws://chat.example/", limits: .patient) { connection in
                let message = try await connection.receive()
                #expect(message == .text("ok"))
            }
        }
    }

    @Test func `tells that a proxy refuses`() async throws {
        try await ScriptedServer.run { connection in
            _ = await connection.text(through: "\r\n\r\n")
            try await connection.send("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
            await connection.closed()
        } _: { server in
            let proxies = ProxySettings { $0 == "https_proxy" ? "127.0.0.1:\(server.port)" : nil }
            let client = NIOWebSocketClient(configuration: .init(), proxies: proxies, logger: .silent)
            let error = await #expect(throws: WebSocketConnectError.self) {
                try await client.connect(to: "wss://chat.example/", limits: .patient) { _ in }
            }
            guard case .transport(let transport) = error else {
                return #expect(Bool(false), "\(String(describing: error))")
            }
            #expect(transport.detail == "the proxy 127.0.0.1:\(server.port) answered CONNECT with 403")
        }
    }

    private func echo(_ body: @escaping @Sendable (HTTPServer.Address) async throws -> Void) async throws {
        try await HTTPServer.serve { _ in
            HTTPResponse(status: 101, body: .webSocket(Converse.echo))
        } _: { address in
            try await body(address)
        }
    }

    private static func url(_ address: HTTPServer.Address) -> String {
        "ws://\(address.host):\(address.port)/ws"
    }

    private static func acceptance(of request: String, with field: String? = nil) -> String {
        let key = request.firstMatch(of: /Sec-WebSocket-Key: (\S+)/)?.output.1 ?? ""
        return """
            HTTP/1.1 101 Switching Protocols\r
            Upgrade: WebSocket\r
            Connection: upgrade\r
            Sec-WebSocket-Accept: \(WebSocketHandshake.accept(String(key)))\r
            \(field.map { $0 + "\r\n" } ?? "")\r

            """
    }
}

@Suite struct `the URL of a WebSocket` {
    @Test(arguments: [
        ("ws://a", false, "a", 80, "/", "a"),
        ("WSS://A.example:8443/x?y=1", true, "A.example", 8443, "/x?y=1", "A.example:8443"),
        ("ws://[::1]:8765?token=x", false, "::1", 8765, "/?token=x", "[::1]:8765"),
        ("wss://a:443/", true, "a", 443, "/", "a"),
    ])
    func `is read`(text: String, secure: Bool, host: String, port: Int, target: String, authority: String) throws {
        let url = try WebSocketURL(text)
        #expect(url.isSecure == secure)
        #expect(url.host == host)
        #expect(url.port == port)
        #expect(url.target == target)
        #expect(url.authority == authority)
    }

    @Test(arguments: [
        "", "http://a", "ws://", "ws:///x", "ws://a:0/", "ws://a:65536/", "ws://a:b/", "ws://a/x y", "ws://a/\r\nX: y",
        "ws://a/#x", "ws://me@a/", "ws://[::1/", "ws://ä/", "ws://a:+80/",
    ])
    func `is refused`(text: String) {
        #expect(throws: WebSocketConnectError.self) { try WebSocketURL(text) }
    }
}

@Suite struct `proxy settings` {
    private func proxy(_ url: String, _ variables: [String: String]) throws -> String? {
        let settings = ProxySettings { variables[$0] }
        return try settings.proxy(for: WebSocketURL(url)).map { "\($0.host):\($0.port)" }
    }

    @Test func `are read as curl reads them`() throws {
        #expect(try proxy("ws://a/", ["http_proxy": "http://p:3128/"]) == "p:3128")
        #expect(try proxy("ws://a/", ["http_proxy": "p"]) == "p:1080")
        #expect(try proxy("ws://a/", ["HTTP_PROXY": "p:1"]) == nil)
        #expect(try proxy("wss://a/", ["HTTPS_PROXY": "p:1"]) == "p:1")
        #expect(try proxy("wss://a/", ["https_proxy": "q:2", "HTTPS_PROXY": "p:1", "all_proxy": "r:3"]) == "q:2")
        #expect(try proxy("wss://a/", ["http_proxy": "p:1", "ALL_PROXY": "r:3"]) == "r:3")
        #expect(try proxy("wss://a/", [:]) == nil)
    }

    @Test func `leave out loopback and what no_proxy names`() throws {
        let all = ["all_proxy": "p:1"]
        for url in ["ws://localhost/", "ws://127.0.0.1:8765/", "ws://[::1]/"] { #expect(try proxy(url, all) == nil) }
        for list in ["*", "a.example", ".example", "b,  a.example:80", "EXAMPLE"] {
            #expect(try proxy("ws://a.example/", all.merging(["no_proxy": list]) { $1 }) == nil)
        }
        for list in ["", "xample", "b.example", "a.example:81"] {
            #expect(try proxy("ws://a.example/", all.merging(["NO_PROXY": list]) { $1 }) == "p:1")
        }
    }

    @Test func `say what they can't use`() {
        #expect(throws: WebSocketConnectError.self) { try proxy("ws://a/", ["all_proxy": "socks5://p:1"]) }
        #expect(throws: WebSocketConnectError.self) { try proxy("ws://a/", ["all_proxy": "http://p:port"]) }
    }
}
