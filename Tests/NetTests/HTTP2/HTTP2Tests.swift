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

    @Test func `keeps a stream nobody reads from delaying others`() async throws {
        try await withNginx { client, server in
            let first = try await client.execute(request(server.url)).text
            try await client.withStream(request(server.url + "/large")) { _, _, body in
                for _ in 0..<20 {
                    let other = try await client.execute(request(server.url)).text
                    #expect(other == first)
                }
                var total = 0
                for try await bytes in body { total += bytes.count }
                #expect(total == NginxServer.largeSize)
            }
        }
    }

    @Test func `keeps the connection when one of its streams is cancelled`() async throws {
        try await withNginx { client, server in
            let first = try await client.execute(request(server.url)).text
            for _ in 0..<10 {
                try await client.withStream(request(server.url + "/large")) { _, _, body in
                    for try await _ in body { break }
                }
            }
            let second = try await client.execute(request(server.url)).text
            #expect(first == second)
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
