import PraisonCore
import PraisonNet
import PraisonSimulation
import Synchronization
import Testing

/// A server whose first connection answers one request, and breaks on the second before a byte of the response.
@Suite(.timeLimit(.minutes(2))) struct `a kept connection that breaks` {
    private func requests(
        _ method: HTTPRequest.Method, body: [UInt8] = [], resets: Bool = false
    ) async throws -> (result: Result<String, HTTPError>, received: Int) {
        let received = Atomic(0)
        return try await withClientAndServer { connection in
            var answered = 0
            while let request = try await connection.request() {
                received.add(1, ordering: .relaxed)
                if connection.number == 1, answered == 1 {
                    return resets ? try await connection.reset() : ()
                }
                answered += 1
                try await connection.respond("\(request.body.count)")
            }
        } _: { client, server in
            _ = try await client.execute(HTTPRequest(.get, server.url))
            let request = HTTPRequest(method, server.url, body: body, limits: .patient)
            let result: Result<String, HTTPError>
            do throws(HTTPError) {
                result = .success(try await client.execute(request).text)
            } catch {
                result = .failure(error)
            }
            return (result, received.load(ordering: .relaxed))
        }
    }

    @Test(arguments: [HTTPRequest.Method.get, .delete, .put], [false, true])
    func `is replaced for a request that may be repeated`(_ method: HTTPRequest.Method, _ resets: Bool) async throws {
        let (result, received) = try await requests(method, resets: resets)
        #expect(result == .success("0"))
        #expect(received == 3)
    }

    @Test func `is replaced, and a large body sent again from its start`() async throws {
        let (result, _) = try await requests(.put, body: [UInt8](repeating: 1, count: 1 << 20))
        #expect(result == .success("\(1 << 20)"))
    }

    @Test(arguments: [0, 10, 1 << 20], [false, true])
    func `fails a request that must not be repeated, and says that it may have been carried out`(
        _ size: Int, _ resets: Bool
    ) async throws {
        let (result, received) = try await requests(.post, body: [UInt8](repeating: 1, count: size), resets: resets)
        let error = #expect(throws: HTTPError.self) { try result.get() }
        #expect(error?.reason == .closed)
        #expect(error?.mayHaveReachedServer == true)
        #expect(received == 2)
    }

    @Test func `is left alone when the server closed it in good time`() async throws {
        let closed = Observed(false)
        try await withClientAndServer { connection in
            _ = try await connection.request()
            try await connection.respond("\(connection.number)")
            if connection.number == 1 {
                try await connection.close()
                closed.change { $0 = true }
            } else {
                await connection.closed()
            }
        } _: { client, server in
            let first = try await client.execute(HTTPRequest(.post, server.url, limits: .patient))
            #expect(first.text == "1")
            await closed.wait { $0 }
            let second = try await client.execute(HTTPRequest(.post, server.url, limits: .patient))
            #expect(second.text == "2")
        }
    }
}
