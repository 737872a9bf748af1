import PraisonCore
import PraisonNet
import Testing

@Suite(.timeLimit(.minutes(2))) struct `a cancelled task` {
    private let silent: ScriptedServer.Script = { connection in
        _ = try await connection.request()
        await connection.closed()
    }

    @Test func `ends its request and closes the connection`() async throws {
        let hasRequest = Observed(false)
        try await withClientAndServer { connection in
            _ = try await connection.request()
            hasRequest.change { $0 = true }
            await connection.closed()
        } _: { client, server in
            let task = Task { await failure(of: client, HTTPRequest(.post, server.url, limits: .patient)) }
            await hasRequest.wait { $0 }
            task.cancel()
            let error = await task.value
            #expect(error?.reason == .cancelled)
            #expect(error?.mayHaveReachedServer == true)
            await server.wait { $0.open == 0 }
        }
    }

    @Test func `asks nobody when it was cancelled before`() async throws {
        try await withClientAndServer(script: silent) { client, server in
            let task = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                return await failure(of: client, HTTPRequest(.post, server.url, limits: .patient))
            }
            let error = await task.value
            #expect(error?.reason == .cancelled)
            #expect(error?.mayHaveReachedServer == false)
            #expect(server.accepted == 0)
        }
    }

    @Test func `never hangs, whenever it is cancelled`() async throws {
        try await withClientAndServer { connection in
            while try await connection.request() != nil { try await connection.respond("abc") }
        } _: { client, server in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<300 {
                    group.addTask {
                        let task = Task {
                            for _ in 0..<20 {
                                if number.isMultiple(of: 2) {
                                    _ = try await client.execute(HTTPRequest(.get, server.url, limits: .patient))
                                } else {
                                    try await client.withStream(HTTPRequest(.get, server.url, limits: .patient)) {
                                        for try await _ in $2 {}
                                    }
                                }
                            }
                        }
                        for _ in 0..<number % 40 { await Task.yield() }
                        task.cancel()
                        do { try await task.value } catch let error as HTTPError { #expect(error.reason == .cancelled) }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await client.execute(HTTPRequest(.get, server.url)).text == "abc")
        }
    }

    @Test func `stops reading a stream, and closes it`() async throws {
        try await withClientAndServer { connection in
            _ = try await connection.request()
            try await connection.send("HTTP/1.1 200 OK\r\n\r\nabc")
            await connection.closed()
        } _: { client, server in
            let (signals, next) = AsyncStream.makeStream(of: Void.self)
            let task = Task {
                try await client.withStream(HTTPRequest(.get, server.url, limits: .patient)) { _, _, body in
                    for try await _ in body { next.yield() }
                }
            }
            for await _ in signals { break }
            task.cancel()
            let error = await #expect(throws: HTTPError.self) { try await task.value }
            #expect(error?.reason == .cancelled)
            await server.wait { $0.open == 0 }
        }
    }
}

@Suite(.timeLimit(.minutes(2))) struct `an HTTP client that is shut down` {
    @Test func `ends what is under way, and starts nothing more`() async throws {
        try await withClientAndServer { connection in
            _ = try await connection.request()
            await connection.closed()
        } _: { client, server in
            async let error = failure(of: client, HTTPRequest(.post, server.url, limits: .patient))
            await server.wait { $0.open == 1 }
            await client.shutdown()
            #expect(await error?.reason == .cancelled)
            let late = await failure(of: client, HTTPRequest(.post, server.url))
            #expect(late?.reason == .cancelled)
            #expect(late?.mayHaveReachedServer == false)
            await client.shutdown()
            await server.wait { $0.open == 0 }
        }
    }
}
