import PraisonCore
import PraisonNet
import PraisonSimulation
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1))) struct `an HTTP server` {
    @Test func `answers requests that come in one piece, in their order`() async throws {
        let text = try await HTTPServer.serve {
            .text("[\($0.path)]")
        } _: { address in
            try await RawConnection.open(address) { reader, writer in
                try await writer.send(
                    "GET /a HTTP/1.1\r\nHost: x\r\n\r\nGET /b HTTP/1.1\r\nHost: x\r\n\r\n"
                        + "GET /c HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                return try await reader.rest()
            }
        }
        #expect(text.matches(of: /\[(\/\w)\]/).map(\.output.1) == ["/a", "/b", "/c"])
        #expect(text.matches(of: /HTTP\/1\.1 200 OK\r\n/).count == 3)
        #expect(text.contains("Content-Length: 4\r\n"))
        #expect(text.contains(/Date: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT\r\n/))
    }

    @Test func `collects bodies, chunked or counted`() async throws {
        let answers = try await HTTPServer.serve {
            .text(String(decoding: $0.body, as: UTF8.self).uppercased())
        } _: {
            address in
            try await RawConnection.open(address) { reader, writer in
                try await writer.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello")
                let counted = try await reader.text(through: "HELLO")
                try await writer.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n")
                try await writer.send("2\r\nlo\r\n0\r\n\r\n")
                return [counted, try await reader.text(through: "HELLO")]
            }
        }
        #expect(answers.count == 2)
    }

    @Test func `tells HEAD what GET would, without the body`() async throws {
        let text = try await exchange("HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n") { _ in .text("hello") }
        #expect(text.contains("Content-Length: 5\r\n"))
        #expect(text.hasSuffix("\r\n\r\n"))
        let stream = try await exchange("HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n") { _ in
            HTTPResponse(status: 200, body: .stream(.whole(Array("hello".utf8))))
        }
        #expect(stream.contains("Transfer-Encoding: chunked\r\n"))
        #expect(stream.hasSuffix("\r\n\r\n"))
    }

    @Test func `sends streams in chunks, and to HTTP/1.0 until it hangs up`() async throws {
        let respond: @Sendable (HTTPRequest) async -> HTTPResponse = { _ in
            let pieces = Mutex([Array("he".utf8), Array("llo".utf8)])
            return HTTPResponse(
                status: 200,
                body: .stream(HTTPBodyStream { pieces.withLock { $0.isEmpty ? nil : $0.removeFirst() } }))
        }
        let new = try await exchange("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", respond)
        #expect(new.hasSuffix("\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n"))
        let old = try await exchange("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", respond)
        #expect(old.hasPrefix("HTTP/1.0 200 OK\r\n"))
        #expect(old.hasSuffix("\r\n\r\nhello"))
    }

    @Test func `keeps an HTTP/1.0 connection only if asked to`() async throws {
        let text = try await exchange(
            "GET /1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /2 HTTP/1.0\r\n\r\nGET /3 HTTP/1.0\r\n\r\n"
        ) { .text($0.path) }
        #expect(text.contains("Connection: keep-alive\r\n"))
        #expect(text.hasSuffix("/2"))
    }

    @Test func `says that a body may come`() async throws {
        try await HTTPServer.serve {
            .text(String(decoding: $0.body, as: UTF8.self))
        } _: { address in
            try await RawConnection.open(address) { reader, writer in
                try await writer.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
                let interim = try await reader.text(through: "\r\n\r\n")
                #expect(interim == "HTTP/1.1 100 Continue\r\n\r\n")
                try await writer.send("ok")
                let answer = try await reader.text(through: "\r\n\r\nok")
                #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
            }
        }
    }

    @Test(arguments: [
        ("GET / HTTP/1.1\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
        ("nonsense\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: x\r\nno colon\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1x\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
        ("BREW / HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        ("PROPFIND / HTTP/1.1\r\nHost: x\r\n\r\n", 501),
        ("GET / HTTP/2.0\r\nHost: x\r\n\r\n", 505),
        ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\n\r\n", 413),
        ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999999999999999999\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: x\r\nExpect: miracles\r\nContent-Length: 1\r\n\r\n", 417),
    ])
    func `refuses what it can't serve, and says why`(request: String, status: Int) async throws {
        let text = try await exchange(request, under: .init(maxBodySize: 1000)) { _ in .text("never") }
        #expect(text.hasPrefix("HTTP/1.1 \(status) "), "\(text)")
        #expect(text.contains("Connection: close\r\n"))
        #expect(!text.contains("never"))
    }

    @Test func `holds its limits of size`() async throws {
        let long = "GET / HTTP/1.1\r\nHost: x\r\nX: \(String(repeating: "a", count: 3000))\r\n\r\n"
        #expect(
            try await exchange(long, under: .init(maxHeaderSize: 2048)) { _ in .text("") }.hasPrefix("HTTP/1.1 431 "))
        let many = "GET / HTTP/1.1\r\nHost: x\r\n\((0..<20).map { "X\($0): y\r\n" }.joined())\r\n"
        #expect(
            try await exchange(many, under: .init(maxHeaderCount: 10)) { _ in .text("") }.hasPrefix("HTTP/1.1 431 "))
        let chunks =
            "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
            + String(repeating: "a\r\n0123456789\r\n", count: 20)
        #expect(
            try await exchange(chunks, under: .init(maxBodySize: 100)) { _ in .text("") }.hasPrefix("HTTP/1.1 413 "))
    }

    @Test func `does not wait for ever for a head, nor for a body`() async throws {
        let head = try await slowly("GET / HTTP/1.1\r\nHos") { .init(headerTimeout: $0) }
        #expect(head.hasPrefix("HTTP/1.1 408 "))
        let body = try await slowly("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc") {
            .init(bodyTimeout: $0)
        }
        #expect(body.hasPrefix("HTTP/1.1 408 "))
    }

    @Test func `hangs up on who says nothing, or nothing more`() async throws {
        let short = Duration.milliseconds(100)
        #expect(try await exchange("", under: .init(headerTimeout: short)) { _ in .text("") } == "")
        let idle = try await exchange("GET / HTTP/1.1\r\nHost: x\r\n\r\n", under: .init(keepAliveTimeout: short)) { _ in
            .text("answer")
        }
        #expect(idle.hasSuffix("answer"))
    }

    @Test func `turns away whom it has no room for`() async throws {
        try await HTTPServer.serve(.init(maxConnections: 1)) { _ in
            .text("hello")
        } _: { address in
            try await RawConnection.open(address) { reader, writer in
                try await writer.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                _ = try await reader.text(through: "hello")
                let second = try await RawConnection.open(address) { reader, _ in try await reader.rest() }
                #expect(second.hasPrefix("HTTP/1.1 503 "))
            }
        }
    }

    /// A request whose body is still to come. The server says that it may, so the test knows that it was taken.
    private static let begun = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n"
    private static let mayGoOn = "100 Continue\r\n\r\n"

    /// Whether one connection more is taken.
    private func isTaken(_ address: HTTPServer.Address) async throws -> Bool {
        try await RawConnection.open(address) { reader, writer in
            try? await writer.send(Self.begun)
            do { return try await reader.text(through: Self.mayGoOn).hasPrefix("HTTP/1.1 100 ") } catch { return false }
        }
    }

    @Test func `takes only so many connections of one address on which nothing comes`() async throws {
        let (begun, beginning) = AsyncStream.makeStream(of: Void.self)
        let (released, release) = AsyncStream.makeStream(of: Void.self)
        try await HTTPServer.serve(.init(maxStrangersPerPeer: 2)) { _ in
            beginning.yield()
            for await _ in released { break }
            return .text("done")
        } _: { address in
            try await RawConnection.open(address) { first, firstWriter in
                try await firstWriter.send(Self.begun)
                _ = try await first.text(through: Self.mayGoOn)
                try await RawConnection.open(address) { second, secondWriter in
                    try await secondWriter.send(Self.begun)
                    _ = try await second.text(through: Self.mayGoOn)
                    #expect(try await !isTaken(address))
                    // One that has asked for something and waits for the answer makes room.
                    try await secondWriter.send("ab")
                    for await _ in begun { break }
                    #expect(try await isTaken(address))
                    release.yield()
                    _ = try await second.text(through: "done")
                }
            }
        }
    }

    @Test func `binds no address that is familiar`() async throws {
        let configuration = HTTPServer.Configuration(maxStrangersPerPeer: 1, isFamiliar: { $0 == "127.0.0.1" })
        try await HTTPServer.serve(configuration) { _ in
            .text("")
        } _: { address in
            try await RawConnection.open(address) { first, writer in
                try await writer.send(Self.begun)
                _ = try await first.text(through: Self.mayGoOn)
                #expect(try await isTaken(address))
            }
        }
    }

    @Test(arguments: [(101, true), (403, false)])
    func `counts a WebSocket that is only to say why it is refused`(status: Int, isLetIn: Bool) async throws {
        let (opened, opening) = AsyncStream.makeStream(of: Void.self)
        let socket = Converse { connection in
            opening.yield()
            while try await connection.receive() != nil {}
        }
        try await HTTPServer.serve(.init(maxStrangersPerPeer: 1)) { _ in
            HTTPResponse(status: status, body: .webSocket(socket))
        } _: { address in
            try await RawConnection.open(address) { reader, writer in
                try await writer.send(
                    "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n")
                _ = try await reader.text(through: "\r\n\r\n")
                for await _ in opened { break }
                #expect(try await isTaken(address) == isLetIn)
            }
        }
    }

    @Test func `is not held up by a client that does not answer its farewell`() async throws {
        let configuration = HTTPServer.Configuration(drainTimeout: .seconds(600), closeTimeout: .seconds(600))
        let server = HTTPServer(
            Respond { _ in HTTPResponse(status: 101, body: .webSocket(Converse.echo)) }, configuration: configuration,
            logger: .silent)
        let (addresses, bound) = AsyncStream.makeStream(of: HTTPServer.Address.self)
        let run = Task { try await server.run { bound.yield($0) } }
        var iterator = addresses.makeAsyncIterator()
        let address = try #require(await iterator.next())
        try await RawConnection.open(address) { reader, writer in
            try await writer.send(
                "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n")
            _ = try await reader.text(through: "\r\n\r\n")
            run.cancel()
            #expect(try await reader.bytes(4) == [0x88, 0x12, 0x03, 0xE9])
            // Nothing is answered.
            try await run.value
        }
    }

    @Test func `cancels a handler whose client goes away`() async throws {
        let (cancelled, continuation) = AsyncStream.makeStream(of: Void.self)
        let (begun, beginning) = AsyncStream.makeStream(of: Void.self)
        try await HTTPServer.serve { _ in
            beginning.yield()
            await untilCancelled()
            continuation.yield()
            return .text("")
        } _: { address in
            try await RawConnection.open(address) { _, writer in
                try await writer.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                for await _ in begun { break }
            }
            for await _ in cancelled { break }
        }
    }

    @Test func `asks a stream for no more than the client takes`() async throws {
        let asked = Mutex(0)
        try await HTTPServer.serve { request in
            guard request.path == "/" else { return .text("other") }
            return HTTPResponse(
                status: 200,
                body: .stream(
                    HTTPBodyStream {
                        asked.withLock { $0 += 1 }
                        return [UInt8](repeating: 1, count: 1 << 20)
                    }))
        } _: { address in
            try await RawConnection.open(address) { reader, writer in
                try await writer.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                _ = try await reader.bytes(1 << 20)
                try await RawConnection.serveOthers(at: address)
                // What the kernel and the client's own library buffer comes to a few pieces.
                #expect(asked.withLock { $0 } < 50)
            }
        }
    }

    @Test func `never sends a header that would begin another`() async throws {
        let text = try await exchange("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n") { _ in
            HTTPResponse(status: 200, headers: ["X": "a\r\nSet-Cookie: b"])
        }
        #expect(text.hasPrefix("HTTP/1.1 500 "))
        #expect(!text.contains("Set-Cookie"))
    }

    @Test func `finishes what it has begun when it stops`() async throws {
        let (begun, beginning) = AsyncStream.makeStream(of: Void.self)
        let (stopped, stopping) = AsyncStream.makeStream(of: Void.self)
        let server = HTTPServer(
            Respond { _ in
                beginning.yield()
                for await _ in stopped { break }
                return .text("finished")
            }, configuration: .init(drainTimeout: .seconds(60)), logger: .silent)
        let (addresses, bound) = AsyncStream.makeStream(of: HTTPServer.Address.self)
        let run = Task { try await server.run { bound.yield($0) } }
        var iterator = addresses.makeAsyncIterator()
        let address = try #require(await iterator.next())
        let text = try await RawConnection.open(address) { reader, writer in
            try await writer.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            for await _ in begun { break }
            run.cancel()
            stopping.yield()
            return try await reader.rest()
        }
        #expect(text.hasSuffix("finished"))
        try await run.value
    }

    @Test func `says where it can't listen`() async throws {
        try await HTTPServer.serve { _ in
            .text("")
        } _: { address in
            let second = HTTPServer(
                Respond { _ in .text("") }, configuration: .init(port: address.port), logger: .silent)
            let error = await #expect(throws: HTTPServerError.self) { try await second.run { _ in } }
            #expect(error?.description == "cannot listen on 127.0.0.1:\(address.port): Address already in use")
        }
    }

    /// Sends what is no whole request, and once more with a longer timeout where the machine was too slow to send it
    /// before the server had lost patience.
    private func slowly(
        _ request: String, under configuration: (Duration) -> HTTPServer.Configuration
    ) async throws -> String {
        for seconds in [0.1, 1, 5, 20] {
            let text = try await exchange(request, under: configuration(.seconds(seconds))) { _ in .text("") }
            if !text.isEmpty { return text }
        }
        return ""
    }

    private func exchange(
        _ request: String, under configuration: HTTPServer.Configuration = .init(),
        _ respond: @escaping @Sendable (HTTPRequest) async -> HTTPResponse
    ) async throws -> String {
        try await HTTPServer.serve(configuration, respond) { address in
            try await RawConnection.open(address) { reader, writer in
                // The server may have hung up before.
                try? await writer.send(request)
                return try await reader.rest()
            }
        }
    }
}
