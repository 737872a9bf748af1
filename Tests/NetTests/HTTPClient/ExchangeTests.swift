import PraisonCore
import PraisonNet
import Testing

@Suite(.timeLimit(.minutes(2))) struct `the HTTP client's exchanges` {
    static let echo: ScriptedServer.Script = { connection in
        while let request = try await connection.request() {
            try await connection.respond(request.head + String(decoding: request.body, as: UTF8.self))
        }
    }

    @Test func `bring status, headers and body`() async throws {
        try await withClientAndServer { connection in
            _ = try await connection.request()
            try await connection.respond(
                "hello", status: "201 Created", headers: "X-One: a\r\nx-one:  b \r\nX-Empty:\r\n")
        } _: { client, server in
            let response = try await client.execute(HTTPRequest(.get, server.url))
            #expect(response.status == 201)
            #expect(response.headers.values(of: "X-One") == ["a", "b"])
            #expect(response.headers["x-empty"] == "")
            #expect(response.text == "hello")
        }
    }

    @Test(arguments: [
        HTTPRequest.Method.get, .post, .put, .patch, .delete, .options,
    ])
    func `send the method, target and headers they are given, and no others that matter`(
        _ method: HTTPRequest.Method
    ) async throws {
        try await withClientAndServer(script: Self.echo) { client, server in
            let headers: HTTPHeaders = ["Authorization": "Bearer x", "X-Empty": "", "X-Two": "1", "x-two": "2"]
            let response = try await client.execute(
                HTTPRequest(method, server.url + "/bot1:AA/a%20b?c=d%2F", headers: headers))
            let lines = response.text.split(separator: "\r\n").map(String.init)
            #expect(lines.first == "\(method.rawValue) /bot1:AA/a%20b?c=d%2F HTTP/1.1")
            let length = [.post, .put, .patch].contains(method) ? ["Content-Length: 0"] : []
            #expect(
                lines.dropFirst().sorted()
                    == ([
                        "Host: 127.0.0.1:\(server.port)", "User-Agent: praisonai", "Accept: */*",
                        "Accept-Encoding: gzip, deflate", "Authorization: Bearer x", "X-Empty:", "X-Two: 1", "x-two: 2",
                    ] + length).sorted())
        }
    }

    @Test func `of HEAD have no body, whatever length is announced`() async throws {
        try await withClientAndServer { connection in
            _ = try await connection.request()
            try await connection.send("HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n")
            await connection.closed()
        } _: { client, server in
            let response = try await client.execute(HTTPRequest(.head, server.url))
            #expect(response.headers["Content-Length"] == "99999999999")
            #expect(response.bytes.isEmpty)
        }
    }

    @Test(arguments: [0, 1, 65_536, 65_537, 5_000_000])
    func `carry a body of any size up`(_ size: Int) async throws {
        try await withClientAndServer { connection in
            while let request = try await connection.request() {
                try await connection.respond(
                    "\(request.body.count) \(request.body.reduce(0) { ($0 &* 31) &+ Int($1) })")
            }
        } _: { client, server in
            let body = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 7) }
            let response = try await client.execute(HTTPRequest(.post, server.url, body: body, limits: .patient))
            #expect(response.text == "\(size) \(body.reduce(0) { ($0 &* 31) &+ Int($1) })")
        }
    }

    @Test func `use one connection again`() async throws {
        try await withClientAndServer(script: Self.echo) { client, server in
            for _ in 0..<20 { _ = try await client.execute(HTTPRequest(.get, server.url)) }
            _ = try await client.execute(HTTPRequest(.post, server.url, body: [1]))
            #expect(server.accepted == 1)
        }
    }

    @Test func `go on side by side, 500 requests and 500 long polls`() async throws {
        try await withClientAndServer { connection in
            while let request = try await connection.request() {
                if request.path == "/poll" { return await connection.closed() }
                try await connection.respond(request.path)
            }
        } _: { client, server in
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for _ in 0..<500 {
                    group.addTask {
                        let error = await failure(
                            of: client, HTTPRequest(.post, server.url + "/poll", limits: .patient))
                        return error?.reason == .cancelled
                    }
                }
                await server.wait { $0.open == 500 }
                for number in 0..<500 {
                    group.addTask {
                        let request = HTTPRequest(.get, server.url + "/\(number)", limits: .patient)
                        return try await client.execute(request).text == "/\(number)"
                    }
                }
                var served = 0
                for try await isGood in group {
                    #expect(isGood)
                    served += 1
                    if served == 500 { group.cancelAll() }
                }
                #expect(served == 1000)
            }
            // Each further request closes one of the connections that are too many to keep.
            while server.open > 65 { _ = try await client.execute(HTTPRequest(.get, server.url, limits: .patient)) }
        }
    }
}
