import CZlib
import PraisonCore
import PraisonNet
import Testing

@Suite(.timeLimit(.minutes(2))) struct `a response's body` {
    private func get(limit: Int = 1 << 20, _ script: @escaping ScriptedServer.Script) async throws -> HTTPResponse {
        try await withClientAndServer(script: script) { client, server in
            var limits = HTTPLimits.patient
            limits.bodySize = limit
            return try await client.execute(HTTPRequest(.get, server.url + "/bot1:secret", limits: limits))
        }
    }

    @Test func `may be chunked, with extensions and trailers`() async throws {
        let response = try await get { connection in
            _ = try await connection.request()
            try await connection.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            for byte in "5;a=b\r\nhello\r\n1\r\n!\r\n0\r\nX-Trailer: 1\r\n\r\n" {
                try await connection.send(String(byte))
            }
            await connection.closed()
        }
        #expect(response.text == "hello!")
        #expect(response.headers["X-Trailer"] == nil)
    }

    @Test func `may end with the connection, as in HTTP/1.0`() async throws {
        let response = try await get { connection in
            _ = try await connection.request()
            try await connection.send("HTTP/1.0 200 OK\r\nX-A: 1\r\n\r\nhello")
        }
        #expect(response.text == "hello")
    }

    @Test func `comes after interim responses`() async throws {
        let response = try await get { connection in
            _ = try await connection.request()
            try await connection.send("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nX-Hint: 1\r\n\r\n")
            try await connection.respond("hello")
        }
        #expect(response.status == 200)
        #expect(response.text == "hello")
        #expect(response.headers["X-Hint"] == nil)
    }

    @Test(arguments: [204, 304])
    func `is missing where the status says so`(_ status: Int) async throws {
        let response = try await get { connection in
            _ = try await connection.request()
            try await connection.send("HTTP/1.1 \(status) X\r\nX-A: 1\r\n\r\n")
            await connection.closed()
        }
        #expect(response.status == status)
        #expect(response.headers["X-A"] == "1")
        #expect(response.bytes.isEmpty)
    }

    @Test func `is what its length says, not what comes after`() async throws {
        let response = try await get { connection in
            _ = try await connection.request()
            try await connection.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello and more")
            await connection.closed()
        }
        #expect(response.text == "hello")
    }

    @Test(arguments: [15 + 16, -15])
    func `is decoded, and so are its headers`(_ windowBits: Int) async throws {
        let coding = windowBits > 15 ? "gzip" : "deflate"
        let body = try #require(compressed([UInt8](repeating: 65, count: 100_000), windowBits: Int32(windowBits)))
        let response = try await get { connection in
            _ = try await connection.request()
            try await connection.send(
                "HTTP/1.1 200 OK\r\nContent-Encoding: \(coding)\r\nContent-Length: \(body.count)\r\n\r\n")
            try await connection.send(body)
            await connection.closed()
        }
        #expect(response.bytes == [UInt8](repeating: 65, count: 100_000))
        #expect(response.headers["Content-Encoding"] == nil)
        #expect(response.headers["Content-Length"] == nil)
    }

    private func tooLarge(_ script: @escaping ScriptedServer.Script) async throws {
        do {
            let response = try await get(limit: 100_000, script)
            Issue.record("a response of \(response.bytes.count) bytes")
        } catch let error as HTTPError {
            #expect(error.reason == .bodyTooLarge)
            #expect(error.mayHaveReachedServer)
            #expect(error.detail == "the response's body is larger than 100000 bytes")
        }
    }

    @Test func `may be as large as its limit`() async throws {
        let response = try await get(limit: 100_000) { connection in
            _ = try await connection.request()
            try await connection.respond(String(repeating: "x", count: 100_000))
            await connection.closed()
        }
        #expect(response.bytes.count == 100_000)
    }

    @Test func `is refused when its length is over the limit`() async throws {
        try await tooLarge { connection in
            _ = try await connection.request()
            try await connection.send("HTTP/1.1 200 OK\r\nContent-Length: 100001\r\n\r\n")
            await connection.closed()
        }
    }

    @Test func `is given up once it is over the limit`() async throws {
        try await tooLarge { connection in
            _ = try await connection.request()
            try await connection.send("HTTP/1.1 200 OK\r\n\r\n")
            while true { try await connection.send([UInt8](repeating: 1, count: 10_000)) }
        }
    }

    @Test func `is given up once it is over the limit when decoded`() async throws {
        let bomb = try #require(compressed([UInt8](repeating: 0, count: 50 << 20), windowBits: 15 + 16))
        #expect(bomb.count < 100_000)
        try await tooLarge { connection in
            _ = try await connection.request()
            try await connection.send(
                "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: \(bomb.count)\r\n\r\n")
            try await connection.send(bomb)
            await connection.closed()
        }
    }

    @Test func `is given up over the limit while it is streamed, too`() async throws {
        let bomb = try #require(compressed([UInt8](repeating: 0, count: 50 << 20), windowBits: 15 + 16))
        try await withClientAndServer { connection in
            _ = try await connection.request()
            try await connection.send(
                "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: \(bomb.count)\r\n\r\n")
            try await connection.send(bomb)
            await connection.closed()
        } _: { client, server in
            var limits = HTTPLimits.patient
            limits.bodySize = 10 << 20
            try await client.withStream(HTTPRequest(.get, server.url, limits: limits)) { _, _, body in
                var total = 0
                let error = await #expect(throws: HTTPError.self) {
                    var iterator = body.makeAsyncIterator()
                    while let bytes = try await iterator.next() {
                        total += bytes.count
                        await Task.yield()
                    }
                }
                #expect(error?.reason == .bodyTooLarge)
                #expect(total <= 10 << 20)
            }
        }
    }
}

/// - Parameter windowBits: as zlib has it: 31 for gzip, -15 for bare deflate.
private func compressed(_ bytes: [UInt8], windowBits: Int32) -> [UInt8]? {
    var stream = z_stream()
    let size = Int32(MemoryLayout<z_stream>.size)
    guard deflateInit2_(&stream, 9, Z_DEFLATED, windowBits, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, size) == Z_OK else {
        return nil
    }
    defer { deflateEnd(&stream) }
    var bytes = bytes
    var result = [UInt8](repeating: 0, count: Int(deflateBound(&stream, UInt(bytes.count))) + 64)
    let code = bytes.withUnsafeMutableBufferPointer { source in
        result.withUnsafeMutableBufferPointer { target in
            stream.next_in = source.baseAddress
            stream.avail_in = UInt32(source.count)
            stream.next_out = target.baseAddress
            stream.avail_out = UInt32(target.count)
            return deflate(&stream, Z_FINISH)
        }
    }
    guard code == Z_STREAM_END else { return nil }
    return Array(result.prefix(Int(stream.total_out)))
}
