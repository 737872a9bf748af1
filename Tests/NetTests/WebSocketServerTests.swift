import PraisonCore
import PraisonNet
import Testing

@Suite(.timeLimit(.minutes(1))) struct `a WebSocket server` {
    private static let upgrade = """
        GET /ws HTTP/1.1\r
        Host: x\r
        Upgrade: websocket\r
        Connection: keep-alive, Upgrade\r
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
        Sec-WebSocket-Version: 13\r

        """

    /// "Hello" in one masked text frame (RFC 6455 §5.7).
    private static let hello: [UInt8] = [0x81, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58]

    @Test func `shakes hands as RFC 6455 shows it, and echoes`() async throws {
        try await open { reader, writer in
            try await writer.send(Self.upgrade + "\r\n")
            let head = try await reader.text(through: "\r\n\r\n")
            #expect(head.hasPrefix("HTTP/1.1 101 Switching Protocols\r\n"))
            #expect(head.contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"))
            try await writer.send(Self.hello)
            #expect(try await reader.bytes(7) == [0x81, 0x05, 0x48, 0x65, 0x6C, 0x6C, 0x6F])
        }
    }

    @Test func `hears frames that come right behind the request`() async throws {
        try await open { reader, writer in
            try await writer.send(Array((Self.upgrade + "\r\n").utf8) + Self.hello)
            _ = try await reader.text(through: "\r\n\r\n")
            #expect(try await reader.bytes(7) == [0x81, 0x05, 0x48, 0x65, 0x6C, 0x6C, 0x6F])
        }
    }

    @Test func `answers a farewell with the same code and hangs up`() async throws {
        try await open { reader, writer in
            try await writer.send(Array((Self.upgrade + "\r\n").utf8) + [0x88, 0x82, 0, 0, 0, 0, 0x0F, 0xA1])
            _ = try await reader.text(through: "\r\n\r\n")
            #expect(try await reader.bytes(4) == [0x88, 0x02, 0x0F, 0xA1])
            #expect(try await reader.rest() == "")
        }
    }

    @Test func `closes with 1002 on a frame that is not masked`() async throws {
        try await open { reader, writer in
            try await writer.send(Array((Self.upgrade + "\r\n").utf8) + [0x81, 0x01, 0x61])
            _ = try await reader.text(through: "\r\n\r\n")
            let frame = try await reader.bytes(4)
            #expect(frame[0] == 0x88)
            #expect(frame[2...] == [0x03, 0xEA])
            _ = try await reader.rest()
        }
    }

    @Test func `speaks the protocol its handler has chosen`() async throws {
        let chosen = HTTPResponse(
            status: 101, headers: ["Sec-WebSocket-Protocol": "chat.v1"], body: .webSocket(Converse.echo))
        try await HTTPServer.serve { _ in
            chosen
        } _: { address in
            try await RawConnection.open(address) { reader, writer in
                try await writer.send(Self.upgrade + "Sec-WebSocket-Protocol: chat.v2, chat.v1\r\n\r\n")
                #expect(try await reader.text(through: "\r\n\r\n").contains("Sec-WebSocket-Protocol: chat.v1\r\n"))
            }
        }
    }

    @Test(arguments: [
        ("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 426),
        (
            "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: upgrade\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 8\r\n\r\n", 426
        ),
        (
            "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: upgrade\r\n"
                + "Sec-WebSocket-Key: short\r\nSec-WebSocket-Version: 13\r\n\r\n", 400
        ),
        (
            "POST / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: upgrade\r\nContent-Length: 0\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n", 426
        ),
    ])
    func `refuses other requests`(request: String, status: Int) async throws {
        try await open { reader, writer in
            try await writer.send(request)
            let text = try await reader.rest()
            #expect(text.hasPrefix("HTTP/1.1 \(status) "), "\(text)")
        }
    }

    @Test func `hangs up after an upgrade that its handler refuses`() async throws {
        try await HTTPServer.serve { _ in
            .text("no token", status: 401)
        } _: { address in
            try await RawConnection.open(address) { reader, writer in
                try await writer.send(Self.upgrade + "\r\n")
                let text = try await reader.rest()
                #expect(text.hasPrefix("HTTP/1.1 401 "))
                #expect(text.hasSuffix("no token"))
            }
        }
    }

    @Test func `tells its handler when the client is gone`() async throws {
        let (codes, ended) = AsyncStream.makeStream(of: WebSocketCloseCode?.self)
        let watching = Converse { connection in
            while try await connection.receive() != nil {}
            ended.yield(await connection.closeCode)
        }
        try await HTTPServer.serve { _ in
            HTTPResponse(status: 101, body: .webSocket(watching))
        } _: { address in
            try await RawConnection.open(address) { reader, writer in
                try await writer.send(Self.upgrade + "\r\n")
                _ = try await reader.text(through: "\r\n\r\n")
            }
            var iterator = codes.makeAsyncIterator()
            #expect(await iterator.next() == .abnormal)
        }
    }

    @Test func `makes a handler wait while the client does not read`() async throws {
        let (sent, sending) = AsyncStream.makeStream(of: Int.self)
        let talkative = Converse { connection in
            for count in 1... {
                try await connection.send(.binary([UInt8](repeating: 7, count: 60_000)))
                sending.yield(count)
            }
        }
        try await HTTPServer.serve { request in
            request.path == "/ws" ? HTTPResponse(status: 101, body: .webSocket(talkative)) : .text("other")
        } _: { address in
            try await RawConnection.open(address) { reader, writer in
                try await writer.send(Self.upgrade + "\r\n")
                _ = try await reader.text(through: "\r\n\r\n")
                try await RawConnection.serveOthers(at: address)
            }
            sending.finish()
            var last = 0
            for await count in sent { last = count }
            // What the kernel buffers comes to a few megabytes.
            #expect((1..<400).contains(last))
        }
    }

    @Test func `says goodbye when it stops`() async throws {
        let server = HTTPServer(
            Respond { _ in HTTPResponse(status: 101, body: .webSocket(Converse.echo)) }, logger: .silent)
        let (addresses, bound) = AsyncStream.makeStream(of: HTTPServer.Address.self)
        let run = Task { try await server.run { bound.yield($0) } }
        var iterator = addresses.makeAsyncIterator()
        let address = try #require(await iterator.next())
        try await RawConnection.open(address) { reader, writer in
            try await writer.send(Array((Self.upgrade + "\r\n").utf8) + Self.hello)
            _ = try await reader.text(through: "\r\n\r\n")
            _ = try await reader.bytes(7)
            run.cancel()
            let frame = try await reader.bytes(4)
            #expect(frame[0] == 0x88)
            #expect(frame[2...] == [0x03, 0xE9])
            try await writer.send([0x88, 0x82, 0, 0, 0, 0, 0x03, 0xE9])
            _ = try await reader.rest()
        }
        try await run.value
    }

    private func open(
        _ body: @escaping @Sendable (inout RawConnection.Reader, RawConnection.Writer) async throws -> Void
    ) async throws {
        try await HTTPServer.serve { _ in
            HTTPResponse(status: 101, body: .webSocket(Converse.echo))
        } _: { address in
            try await RawConnection.open(address, body)
        }
    }
}
