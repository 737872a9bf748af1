import PraisonCore
import PraisonNet
import Testing

@Suite(.timeLimit(.minutes(2))) struct `a redirect` {
    /// Sends from `/a` to wherever `location` says.
    private func redirecting(to location: String, status: Int = 302) -> ScriptedServer.Script {
        { connection in
            while let request = try await connection.request() {
                if request.path == "/a" {
                    try await connection.respond(
                        "gone", status: "\(status) Found", headers: "Location: \(location)\r\n")
                } else {
                    try await connection.respond(request.line + (request.header("Authorization") ?? ""))
                }
            }
        }
    }

    @Test(arguments: ["/b/c?d", "b/c?d"], [301, 302, 303, 307, 308])
    func `within a server is followed`(_ location: String, _ status: Int) async throws {
        try await withClientAndServer(script: redirecting(to: location, status: status)) { client, server in
            let request = HTTPRequest(.get, server.url + "/a", headers: ["Authorization": "x"])
            #expect(try await client.execute(request).text == "GET /b/c?d HTTP/1.1x")
            let streamed = try await client.withStream(request) { _, _, body in
                var text: [UInt8] = []
                for try await bytes in body { text += bytes }
                return String(decoding: text, as: UTF8.self)
            }
            #expect(streamed == "GET /b/c?d HTTP/1.1x")
        }
    }

    @Test(arguments: [
        "http://localhost:1/", "https://127.0.0.1/", "//example.com/", "http://127.0.0.1:1/", "http://user@[::1]/",
        "ftp://127.0.0.1/", "file:///etc/passwd", "http://", "",
    ])
    func `to another server is a response like any other`(_ location: String) async throws {
        try await withClientAndServer(script: redirecting(to: location)) { client, server in
            let response = try await client.execute(HTTPRequest(.get, server.url + "/a"))
            #expect(response.status == 302)
            #expect(response.text == "gone")
            #expect(response.headers["Location"] == location)
        }
    }

    @Test func `of a request with consequences is a response like any other`() async throws {
        try await withClientAndServer(script: redirecting(to: "/b")) { client, server in
            let response = try await client.execute(HTTPRequest(.post, server.url + "/a"))
            #expect(response.status == 302)
        }
    }

    @Test func `is followed a few times, not for ever`() async throws {
        try await withClientAndServer(script: redirecting(to: "/a")) { client, server in
            #expect(try await client.execute(HTTPRequest(.get, server.url + "/a")).status == 302)
            let status = try await client.withStream(HTTPRequest(.get, server.url + "/a")) { status, _, _ in status }
            #expect(status == 302)
            #expect(server.accepted <= 2)
        }
    }
}
