import PraisonCore
import PraisonNet
import PraisonSimulation
import Testing

@Suite(.timeLimit(.minutes(2))) struct `a large upload` {
    private func upload(to url: String, size: Int = 32 << 20, firstByte: Duration = .seconds(60)) -> HTTPRequest {
        var limits = HTTPLimits.patient
        limits.firstByte = firstByte
        return HTTPRequest(.post, url, body: [UInt8](repeating: 1, count: size), limits: limits)
    }

    @Test func `is given up when the server takes nothing of it for too long`() async throws {
        try await withClientAndServer { connection in
            try await connection.stopReading()
            await untilCancelled()
        } _: { client, server in
            let error = await failure(of: client, upload(to: server.url, firstByte: .milliseconds(200)))
            #expect(error?.reason == .firstByteTimeout)
            #expect(error?.mayHaveReachedServer == true)
        }
    }

    @Test func `delays no other request`() async throws {
        try await withClientAndServer { connection in
            if connection.number == 1 {
                try await connection.stopReading()
                return await untilCancelled()
            }
            while try await connection.request() != nil { try await connection.respond("quick") }
        } _: { client, server in
            let sending = Task { await failure(of: client, upload(to: server.url)) }
            await server.wait { $0.open == 1 }
            for _ in 0..<20 {
                let response = try await client.execute(HTTPRequest(.get, server.url, limits: .patient))
                #expect(response.text == "quick")
            }
            sending.cancel()
            #expect(await sending.value?.reason == .cancelled)
        }
    }

    @Test func `ends early when the server answers that it is too large`() async throws {
        try await withClientAndServer { connection in
            _ = await connection.read()
            try await connection.respond("no", status: "413 Content Too Large", headers: "Connection: close\r\n")
            await connection.closed()
        } _: { client, server in
            let response = try await client.execute(upload(to: server.url))
            #expect(response.status == 413)
        }
    }
}
