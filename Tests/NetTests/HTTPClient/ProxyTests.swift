import PraisonCore
import Testing

@testable import PraisonNet

@Suite struct `the proxy settings` {
    private func proxy(for target: String, _ variables: [String: String]) throws -> String? {
        ProxySettings { variables[$0] }.proxy(for: try TargetURL(target))
    }

    @Test func `tell apart the schemes, small letters before capitals`() throws {
        let variables = ["http_proxy": "http://a", "HTTP_PROXY": "http://b", "HTTPS_PROXY": "http://c"]
        #expect(try proxy(for: "http://example.com/", variables) == "http://a")
        #expect(try proxy(for: "https://example.com/", variables) == "http://c")
        #expect(try proxy(for: "https://example.com/", ["ALL_PROXY": "socks5h://d"]) == "socks5h://d")
        #expect(try proxy(for: "https://example.com/", ["https_proxy": ""]) == nil)
    }

    @Test(arguments: [
        "localhost", "LOCALHOST:80", "a.localhost", "127.0.0.1", "127.1.2.3", "127.1", "0x7f000001", "2130706433",
        "0.0.0.0",
        "[::1]", "[::]", "[::ffff:127.0.0.1]",
    ])
    func `leave this machine alone`(_ host: String) throws {
        #expect(try proxy(for: "http://\(host)/", ["all_proxy": "http://a"]) == nil)
    }

    @Test(arguments: [
        "example.com", "localhost.example.com", "128.0.0.1", "[::2]", "[::ffff:10.0.0.1]", "127.example.com",
    ])
    func `take everything else`(_ host: String) throws {
        #expect(try proxy(for: "http://\(host)/", ["all_proxy": "http://a"]) == "http://a")
    }
}

@Suite(.timeLimit(.minutes(2))) struct `a proxy` {
    /// Answers as a proxy that reaches everything itself.
    private let script: ScriptedServer.Script = { connection in
        while let request = try await connection.request() { try await connection.respond(request.line) }
    }

    @Test func `is asked for other machines`() async throws {
        try await ScriptedServer.run(script) { proxy in
            try await withClient {
                $0.proxies = ProxySettings { $0 == "http_proxy" ? proxy.url : nil }
            } _: { client in
                let response = try await client.execute(
                    HTTPRequest(.get, "http://no.such.host.invalid/a", limits: .patient))
                #expect(response.text == "GET http://no.such.host.invalid/a HTTP/1.1")
            }
        }
    }

    @Test func `is not asked for this machine, nor for exceptions`() async throws {
        try await ScriptedServer.run(script) { proxy in
            let variables = ["all_proxy": proxy.url, "no_proxy": "invalid,example.com"]
            try await withClient {
                $0.proxies = ProxySettings { variables[$0] }
            } _: { client in
                let direct = try await client.execute(HTTPRequest(.get, proxy.url + "/a"))
                #expect(direct.text == "GET /a HTTP/1.1")
                let error = await failure(
                    of: client, HTTPRequest(.get, "http://no.such.host.invalid/", limits: .patient))
                #expect(error?.reason == .couldNotResolve)
                #expect(error?.detail == "could not resolve the name no.such.host.invalid")
            }
        }
    }

    @Test func `that refuses a tunnel is told, and nothing has reached the server`() async throws {
        try await ScriptedServer.run { connection in
            let request = try await connection.request()
            #expect(request?.line == "CONNECT no.such.host.invalid:443 HTTP/1.1")
            try await connection.respond("no", status: "403 Forbidden")
        } _: { proxy in
            let variables = ["https_proxy": "http://user:secret@127.0.0.1:\(proxy.port)"]
            try await withClient {
                $0.proxies = ProxySettings { variables[$0] }
            } _: { client in
                let error = await failure(
                    of: client, HTTPRequest(.get, "https://no.such.host.invalid/", limits: .patient))
                #expect(error?.reason == .couldNotConnect)
                #expect(error?.mayHaveReachedServer == false)
                #expect(
                    error?.detail == "the proxy 127.0.0.1:\(proxy.port) did not connect to no.such.host.invalid: "
                        + "it answered 403")
            }
        }
    }

    @Test func `that is not there is named, without its password`() async throws {
        let closed = try ClosedPort()
        defer { withExtendedLifetime(closed) {} }
        let port = closed.number
        let variables = ["https_proxy": "http://user:secret@127.0.0.1:\(port)/"]
        try await withClient {
            $0.proxies = ProxySettings { variables[$0] }
        } _: { client in
            let error = await failure(of: client, HTTPRequest(.get, "https://no.such.host.invalid/", limits: .patient))
            #expect(error?.reason == .couldNotConnect)
            #expect(
                error?.detail == "could not connect to no.such.host.invalid (by the proxy 127.0.0.1:\(port)): "
                    + "Connection refused")
        }
    }
}
