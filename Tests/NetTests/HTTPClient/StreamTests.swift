import PraisonCore
import PraisonNet
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(2))) struct `a streamed response` {
    private let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"

    @Test func `is lent before any of its body is there`() async throws {
        try await withClientAndServer { connection in
            _ = try await connection.request()
            try await connection.send("HTTP/1.1 200 OK\r\nX-A: b\r\nTransfer-Encoding: chunked\r\n\r\n")
            await connection.closed()
        } _: { client, server in
            let status = try await client.withStream(HTTPRequest(.get, server.url, limits: .patient)) {
                status, headers, _ in
                #expect(headers["X-A"] == "b")
                return status
            }
            #expect(status == 200)
        }
    }

    @Test func `arrives piece by piece, and then ends`() async throws {
        let (signals, next) = AsyncStream.makeStream(of: Void.self)
        try await withClientAndServer { [head] connection in
            _ = try await connection.request()
            try await connection.send(head)
            var turns = signals.makeAsyncIterator()
            for piece in ["one", "two"] {
                try await connection.send("3\r\n\(piece)\r\n")
                await turns.next()
            }
            try await connection.send("0\r\n\r\n")
        } _: { client, server in
            let pieces = try await client.withStream(HTTPRequest(.get, server.url, limits: .patient)) { _, _, body in
                var pieces: [String] = []
                for try await bytes in body {
                    pieces.append(String(decoding: bytes, as: UTF8.self))
                    next.yield()
                }
                return pieces
            }
            #expect(pieces == ["one", "two"])
        }
    }

    @Test func `makes the server wait while nobody reads`() async throws {
        let sent = Atomic(0)
        try await withClientAndServer { connection in
            let request = try #require(try await connection.request())
            try await connection.send("HTTP/1.1 200 OK\r\nContent-Length: \(64 << 20)\r\n\r\n")
            guard request.head.hasPrefix("GET") else { return await connection.closed() }
            let piece = [UInt8](repeating: 7, count: 64 << 10)
            for _ in 0..<1024 {
                try await connection.send(piece)
                sent.add(piece.count, ordering: .relaxed)
            }
        } _: { client, server in
            var limits = HTTPLimits.patient
            limits.bodySize = 64 << 20
            // A pause is the reader's, not the server's: it is no idle time. As long as no server here is kept waiting by
            // everything else that runs.
            limits.idle = .seconds(20)
            limits.total = .seconds(110)
            let silence = HTTPRequest(.post, server.url, limits: limits)
            try await client.withStream(HTTPRequest(.get, server.url, limits: limits)) { _, _, body in
                // By the same clock, another server was idle for too long meanwhile.
                #expect(await failure(of: client, silence)?.reason == .idleTimeout)
                let before = sent.load(ordering: .relaxed)
                // What waits: our buffer, the kernel's two, and NIO's.
                #expect(before < 32 << 20)
                var total = 0
                for try await bytes in body {
                    #expect(bytes.count <= 300 << 10)
                    total += bytes.count
                }
                #expect(total == 64 << 20)
            }
        }
    }

    @Test func `is closed when its reader leaves early`() async throws {
        try await withClientAndServer { [head] connection in
            _ = try await connection.request()
            try await connection.send(head)
            while true { try await connection.send("3\r\nabc\r\n") }
        } _: { client, server in
            let first = try await client.withStream(HTTPRequest(.get, server.url, limits: .patient)) { _, _, body in
                for try await bytes in body { return bytes.count }
                return 0
            }
            #expect(first > 0)
            await server.wait { $0.open == 0 }
        }
    }

    @Test func `hands on its reader's own error, and is closed`() async throws {
        struct Mine: Error {}
        try await withClientAndServer { [head] connection in
            _ = try await connection.request()
            try await connection.send(head)
            await connection.closed()
        } _: { client, server in
            await #expect(throws: Mine.self) {
                try await client.withStream(HTTPRequest(.get, server.url, limits: .patient)) { _, _, _ in throw Mine() }
            }
            await server.wait { $0.open == 0 }
        }
    }

    @Test func `gives what came before it broke off, then the error`() async throws {
        try await withClientAndServer { [head] connection in
            _ = try await connection.request()
            try await connection.send(head + "3\r\nabc\r\n")
        } _: { client, server in
            try await client.withStream(HTTPRequest(.get, server.url, limits: .patient)) { _, _, body in
                var got: [UInt8] = []
                let error = await #expect(throws: HTTPError.self) {
                    var iterator = body.makeAsyncIterator()
                    while let bytes = try await iterator.next() { got += bytes }
                }
                #expect(got == Array("abc".utf8))
                #expect(error?.reason == .closed)
            }
        }
    }

    @Test func `serves its connection again once it was read to the end`() async throws {
        try await withClientAndServer { connection in
            while try await connection.request() != nil { try await connection.respond("abc") }
        } _: { client, server in
            for _ in 0..<5 {
                try await client.withStream(HTTPRequest(.get, server.url, limits: .patient)) { _, _, body in
                    for try await _ in body {}
                }
            }
            #expect(server.accepted == 1)
        }
    }

    @Test func `delays only itself when it is not read`() async throws {
        try await withClientAndServer { connection in
            while let request = try await connection.request() {
                if request.path == "/quick" {
                    try await connection.respond("quick")
                } else {
                    try await connection.send("HTTP/1.1 200 OK\r\nContent-Length: \(16 << 20)\r\n\r\n")
                    try await connection.send([UInt8](repeating: 1, count: 16 << 20))
                }
            }
        } _: { client, server in
            try await client.withStream(HTTPRequest(.get, server.url + "/slow", limits: .patient)) { _, _, body in
                for _ in 0..<20 {
                    let quick = try await client.execute(HTTPRequest(.get, server.url + "/quick", limits: .patient))
                    #expect(quick.text == "quick")
                }
                var total = 0
                for try await bytes in body { total += bytes.count }
                #expect(total == 16 << 20)
            }
        }
    }
}
