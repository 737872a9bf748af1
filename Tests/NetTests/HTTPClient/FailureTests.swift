import PraisonCore
import PraisonNet
import Testing

@Suite(.timeLimit(.minutes(2))) struct `the HTTP client's errors` {
    /// The token of a path, which no error may quote.
    static let secret = "12345:AAsecret"

    /// Plays `script` to one request and gives back what the client says.
    private func failure(
        _ method: HTTPRequest.Method = .post, limits: HTTPLimits = .patient, _ script: @escaping ScriptedServer.Script
    ) async throws -> HTTPError {
        try await withClientAndServer(script: script) { client, server in
            let target = "\(server.url)/bot\(Self.secret)/send?key=\(Self.secret)"
            let error = await NetTests.failure(of: client, HTTPRequest(method, target, limits: limits))
            let found = try #require(error)
            #expect(!"\(found)".contains("secret") && !"\(found)".contains("/bot"))
            return found
        }
    }

    @Test func `tell a server that is not there, which nothing has reached`() async throws {
        try await withClient { client in
            let closed = try ClosedPort()
            defer { withExtendedLifetime(closed) {} }
            let port = closed.number
            let error = await NetTests.failure(of: client, HTTPRequest(.get, "http://127.0.0.1:\(port)/botX"))
            #expect(error?.reason == .couldNotConnect)
            #expect(error?.mayHaveReachedServer == false)
            #expect(error?.detail == "could not connect to 127.0.0.1:\(port): Connection refused")
        }
    }

    @Test func `tell a name that does not exist`() async throws {
        try await withClient {
            $0.proxies = .none
        } _: { client in
            let error = await NetTests.failure(of: client, HTTPRequest(.get, "http://no.such.host.invalid/botX"))
            #expect(error?.reason == .couldNotResolve)
            #expect(error?.mayHaveReachedServer == false)
            #expect(error?.detail == "could not resolve the name no.such.host.invalid")
        }
    }

    @Test(arguments: [
        "", "example.com", "/path", "ftp://example.com/bot1:AA", "http://", "http://a b/",
        "https://exa mple.com/bot1:AA",
        "http://example.com:99999/", "file:///etc/passwd", "http://ex\0ample.com/",
    ])
    func `tell a URL that is none, without quoting it`(_ target: String) async throws {
        try await withClient { client in
            let error = await NetTests.failure(of: client, HTTPRequest(.get, target))
            #expect(error?.reason == .invalidURL)
            #expect(error?.mayHaveReachedServer == false)
            #expect(error?.detail.contains("bot1") == false)
        }
    }

    @Test(arguments: ["Bearer x\n", "a\r\nX-Evil: 1", "a\0b"])
    func `name a header that cannot be sent, without its value`(_ value: String) async throws {
        try await withClient { client in
            let request = HTTPRequest(.get, "http://127.0.0.1:1/", headers: ["Authorization": value])
            let error = await NetTests.failure(of: client, request)
            #expect(error?.reason == .invalidRequest)
            #expect(error?.mayHaveReachedServer == false)
            #expect(error?.detail.contains("Authorization") == true)
            #expect(error?.detail.contains(value) == false)
        }
    }

    static let cuts: [String] = [
        "", "HTTP/1.1 20", "HTTP/1.1 200 OK\r\nContent-Len", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n123",
    ]

    @Test(arguments: cuts)
    func `tell a response that breaks off, which the server may have acted on`(_ bytes: String) async throws {
        let error = try await failure { connection in
            _ = try await connection.request()
            try await connection.send(bytes)
        }
        #expect(error.reason == .closed)
        #expect(error.mayHaveReachedServer)
    }

    @Test(arguments: cuts)
    func `tell a connection that is reset`(_ bytes: String) async throws {
        let error = try await failure { connection in
            _ = try await connection.request()
            try await connection.send(bytes)
            try await connection.reset()
        }
        #expect(error.reason == .closed)
        #expect(error.mayHaveReachedServer)
    }

    @Test(arguments: [
        "SSH-2.0-OpenSSH_9.2\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n12345\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n12345",
        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope",
        "HTTP/9.9 hello\r\n\r\n", "\0\0\0\0\0\0\0\0",
    ])
    func `tell an answer that is not HTTP`(_ bytes: String) async throws {
        let error = try await failure { connection in
            _ = try await connection.request()
            try await connection.send(bytes)
        }
        #expect(error.reason == .other)
        #expect(error.mayHaveReachedServer)
    }

    @Test func `tell a head that is too large`() async throws {
        let error = try await failure { connection in
            _ = try await connection.request()
            try await connection.send("HTTP/1.1 200 OK\r\n")
            let line = "X-Long: \(String(repeating: "x", count: 10_000))\r\n"
            for _ in 0..<1000 { try await connection.send(line) }
        }
        #expect(error.reason == .other)
        #expect(error.detail == "the response's head is larger than 256 KiB")
    }

    @Test func `tell a server that never connects`() async throws {
        // Documentation addresses (RFC 5737) are not routed; where a network refuses them at once, that is the answer.
        try await withClient {
            $0.proxies = .none
        } _: { client in
            var limits = HTTPLimits.patient
            limits.connect = .milliseconds(50)
            let error = await NetTests.failure(of: client, HTTPRequest(.get, "http://192.0.2.1/", limits: limits))
            #expect(error?.reason == .connectTimeout || error?.reason == .couldNotConnect)
            #expect(error?.mayHaveReachedServer == false)
        }
    }

    @Test func `tell a server that never answers`() async throws {
        var limits = HTTPLimits.patient
        limits.firstByte = .milliseconds(50)
        let error = try await failure(limits: limits) { await $0.closed() }
        #expect(error.reason == .firstByteTimeout)
        #expect(error.mayHaveReachedServer)
        #expect(error.detail == "no response within 0.05 s")
    }

    @Test func `tell a server that falls silent`() async throws {
        var limits = HTTPLimits.patient
        limits.idle = .milliseconds(50)
        let error = try await failure(limits: limits) { connection in
            _ = try await connection.request()
            try await connection.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345")
            await connection.closed()
        }
        #expect(error.reason == .idleTimeout)
        #expect(error.mayHaveReachedServer)
    }

    @Test func `tell an exchange that takes too long, though it never stops`() async throws {
        var limits = HTTPLimits.patient
        limits.total = .milliseconds(100)
        limits.bodySize = .max
        let error = try await failure(limits: limits) { connection in
            _ = try await connection.request()
            try await connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            while true { try await connection.send("1\r\nx\r\n") }
        }
        #expect(error.reason == .totalTimeout)
        #expect(error.mayHaveReachedServer)
    }
}
