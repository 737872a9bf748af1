import PraisonCore
import PraisonNet
import Testing

@Suite(
    .enabled(if: NginxServer.isInstalled, "needs nginx, which make test installs"), .timeLimit(.minutes(3)), .serialized
)
struct `the HTTP client over HTTP/2` {
    private func withNginx(
        _ change: @Sendable (inout CurlHTTPClient.Configuration) -> Void = { _ in },
        _ body: @Sendable (CurlHTTPClient, NginxServer) async throws -> Void
    ) async throws {
        try await Certificates.make { certificates in
            try await certificates.issue("good")
            try await NginxServer.run(certificates) { server in
                let trust = try TrustStore(only: certificates.authority)
                try await withClient {
                    $0.trust = trust
                    change(&$0)
                } _: { client in
                    try await body(client, server)
                }
            }
        }
    }

    private func request(_ url: String) -> HTTPRequest {
        var limits = HTTPLimits.patient
        limits.bodySize = NginxServer.largeSize
        return HTTPRequest(.get, url, limits: limits)
    }

    @Test func `agrees on it with a server that can`() async throws {
        try await withNginx { client, server in
            let response = try await client.execute(request(server.url))
            #expect(response.text.hasPrefix("HTTP/2.0 "))
            #expect(response.headers["server"]?.hasPrefix("nginx") == true)
        }
    }

    @Test func `stays with HTTP/1.1 when told to`() async throws {
        try await withNginx {
            $0.offersHTTP2 = false
        } _: { client, server in
            let response = try await client.execute(request(server.url))
            #expect(response.text.hasPrefix("HTTP/1.1 "))
        }
    }

    /// nginx allows 128 streams on a connection.
    @Test(arguments: [(100, 1), (500, 10)])
    func `sends many requests at once over few connections`(count: Int, most: Int) async throws {
        try await withNginx { client, server in
            let connections = try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<count { group.addTask { try await client.execute(request(server.url)).text } }
                return try await group.reduce(into: Set<String>()) { $0.insert($1) }
            }
            #expect(connections.count <= most)
            #expect(connections.allSatisfy { $0.hasPrefix("HTTP/2.0 ") })
        }
    }

    /// With libcurl 7.88 this stood still within twenty rounds, and lost the connection, while streams came over
    /// HTTP/2.
    @Test func `keeps slow readers of streams from delaying each other and whole responses`() async throws {
        try await withNginx { client, server in
            let first = try await client.execute(request(server.url)).text
            @Sendable func ask() async throws {
                let other = try await client.execute(request(server.url)).text
                #expect(other == first)
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for reader in 0..<4 {
                    group.addTask {
                        try await client.withStream(request(server.url + "/large")) { _, _, body in
                            for _ in 0..<reader * 5 { try await ask() }
                            var total = 0
                            var asked = 0
                            for try await bytes in body {
                                total += bytes.count
                                guard total >> 20 > asked else { continue }
                                asked = total >> 20
                                try await ask()
                            }
                            #expect(total == NginxServer.largeSize)
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test func `keeps the connection when one of its requests is cancelled`() async throws {
        try await withNginx { client, server in
            let first = try await client.execute(request(server.url)).text
            for _ in 0..<10 {
                try await withThrowingTaskGroup(of: HTTPError?.self) { group in
                    group.addTask { await failure(of: client, request(server.url + "/slow")) }
                    // Over the same connection, most likely after it.
                    for _ in 0..<3 {
                        let other = try await client.execute(request(server.url)).text
                        #expect(other == first)
                    }
                    group.cancelAll()
                    for try await error in group { #expect(error?.reason == .cancelled) }
                }
            }
            let last = try await client.execute(request(server.url)).text
            #expect(last == first)
        }
    }

    @Test func `streams over a connection of HTTP/1.1 that is kept for the next`() async throws {
        try await withNginx { client, server in
            var connections: Set<String> = []
            for _ in 0..<10 {
                let seen = try await client.withStream(request(server.url)) { _, _, body in
                    try await body.reduce(into: []) { $0 += $1 }
                }
                connections.insert(String(decoding: seen, as: UTF8.self))
            }
            #expect(connections.count == 1)
            #expect(connections.first?.hasPrefix("HTTP/1.1 ") == true)
        }
    }

    @Test func `learns that a large body is not wanted while it sends it`() async throws {
        try await withNginx { client, server in
            var request = request(server.url + "/refused")
            request.method = .post
            request.body = [UInt8](repeating: 1, count: 16 << 20)
            let response = try await client.execute(request)
            #expect(response.status == 413)
        }
    }
}
