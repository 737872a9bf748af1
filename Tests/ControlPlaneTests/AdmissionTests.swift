import PraisonCore
import PraisonSimulation
import Testing

@testable import PraisonControlPlane

@Suite(.timeLimit(.minutes(1))) struct `who may connect` {
    static let token = "correct-horse-battery"

    let open = TestPlane()
    let guarded: TestPlane = {
        var server = ServerSettings(authToken: Secret(token))
        server.scopedTokens = [ScopedToken(token: Secret("only-looking-0123456789"), scopes: [.read])]
        return TestPlane(server)
    }()

    private func greet(
        _ plane: TestPlane, _ path: String = "/ws", headers: HTTPHeaders = [:], peer: String = "127.0.0.1"
    )
        async throws -> (frame: JSONValue, code: WebSocketCloseCode?)
    {
        try await plane.connect(path, headers: headers, peer: peer) { wire in
            try? await wire.send(#"{"type":"hello","agent_id":"assistant"}"#)
            let frame = try await wire.next()
            return (frame, frame["type"] == "hello_ok" ? nil : try await wire.end())
        }
    }

    @Test func `this machine, while there is no token`() async throws {
        #expect(try await greet(open).frame["type"] == "hello_ok")
        let stranger = try await greet(open, peer: "203.0.113.9")
        #expect(stranger.frame["code"] == "auth_required")
        #expect(stranger.code == 4003)
    }

    @Test func `nobody without the token, once there is one`() async throws {
        let answer = try await greet(guarded)
        #expect(
            answer.frame == [
                "type": "hello_error", "code": "auth_required", "message": "Authentication required",
                "next_step": "reauthenticate", "next": "reauthenticate",
            ])
        #expect(answer.code == 4003)
        #expect(try await greet(guarded, "/ws?token=wrong").code == 4003)
    }

    @Test(
        arguments: [
            ("/ws?token=correct-horse-battery", [:]),
            ("/ws", ["Authorization": "Bearer correct-horse-battery"]),
            ("/ws", ["Sec-WebSocket-Protocol": "correct-horse-battery"]),
            ("/ws", ["Sec-WebSocket-Protocol": "praisonai, bearer.correct-horse-battery"]),
        ] as [(String, HTTPHeaders)])
    func `the token, shown in any of the usual ways`(path: String, headers: HTTPHeaders) async throws {
        #expect(try await greet(guarded, path, headers: headers).frame["type"] == "hello_ok")
    }

    @Test func `a browser that signed in, for a day`() async throws {
        let host: HTTPHeaders = ["Host": "127.0.0.1:8765", "Authorization": "Bearer \(Self.token)"]
        let login = await guarded.post("/api/login", headers: host)
        #expect(login.status == 204)
        let cookie = try #require(login.headers["Set-Cookie"])
        #expect(cookie.contains("HttpOnly; SameSite=Strict"))
        let value = String(cookie.prefix { $0 != ";" })
        #expect(try await greet(guarded, headers: ["Cookie": "a=b; \(value)"]).frame["type"] == "hello_ok")
        #expect(try await greet(guarded, headers: ["Cookie": "\(value)0"]).frame["type"] == "hello_error")
        guarded.clock.advance(by: .seconds(24 * 3600 + 1))
        #expect(try await greet(guarded, headers: ["Cookie": value]).frame["type"] == "hello_error")
    }

    @Test func `a subprotocol that is not the secret is chosen`() async throws {
        let headers: HTTPHeaders = [
            "Upgrade": "websocket", "Host": "127.0.0.1", "Sec-WebSocket-Protocol": "bearer.\(Self.token), praisonai",
        ]
        let response = await guarded.get("/ws", headers: headers)
        #expect(response.status == 101)
        #expect(response.headers["Sec-WebSocket-Protocol"] == "praisonai")
    }

    @Test func `no web page of another origin`() async throws {
        #expect(try await greet(open, headers: ["Origin": "http://127.0.0.1:8765"]).frame["type"] == "hello_ok")
        let foreign = try await greet(open, headers: ["Origin": "https://evil.example"])
        #expect(foreign.frame["code"] == "origin_not_allowed")
        #expect(foreign.frame["next_step"] == "do_not_retry")
        #expect(foreign.code == 4003)
        let listed = TestPlane(ServerSettings(allowedOrigins: ["https://App.example"]))
        #expect(try await greet(listed, headers: ["Origin": "https://app.example"]).frame["type"] == "hello_ok")
        let anything = TestPlane(ServerSettings(allowedOrigins: ["*"]))
        #expect(try await greet(anything, headers: ["Origin": "https://evil.example"]).frame["type"] == "hello_ok")
    }

    @Test func `no page that gave its own name to this machine`() async throws {
        let rebound: HTTPHeaders = ["Host": "evil.example:8765", "Origin": "http://evil.example:8765"]
        #expect(try await greet(open, headers: rebound).frame["code"] == "origin_not_allowed")
        #expect(await open.get("/info", headers: rebound).status == 403)
        #expect(try await greet(open, headers: ["Host": "localhost:8765"]).frame["type"] == "hello_ok")
    }

    @Test func `nobody who was forwarded by a proxy that is not trusted`() async throws {
        let forwarded: HTTPHeaders = ["X-Forwarded-For": "127.0.0.1"]
        #expect(try await greet(open, headers: forwarded).frame["code"] == "auth_required")
        var server = ServerSettings()
        server.trustedProxies = ["127.0.0.1", "10.0.0.0/8"]
        let behind = TestPlane(server)
        #expect(try await greet(behind, headers: forwarded).frame["code"] == "auth_required")
        #expect(try await greet(behind, headers: ["X-Forwarded-For": "203.0.113.9"]).frame["code"] == "auth_required")
    }

    @Test(
        arguments: [
            ("203.0.113.9", nil, "203.0.113.9"),
            ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
            ("10.1.2.3", "198.51.100.1", "198.51.100.1"),
            ("10.1.2.3", "6.6.6.6, 198.51.100.1, 10.9.9.9", "198.51.100.1"),
            ("10.1.2.3", "10.9.9.9", "proxy:10.1.2.3"),
            ("10.1.2.3", "nonsense", "proxy:10.1.2.3"),
            ("127.0.0.1", "198.51.100.1", "proxy:127.0.0.1"),
            ("2001:db8::1", "198.51.100.1", "198.51.100.1"),
            ("::ffff:10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ] as [(String, String?, String)])
    func `an address as the last hop that can be believed tells it`(peer: String, forwarded: String?, client: String) {
        let addresses = ClientAddress(trustedProxies: ["10.0.0.0/8", "2001:db8::/32"])
        var request = HTTPRequest(.get, "/ws", peer: peer)
        request.headers["X-Forwarded-For"] = forwarded
        #expect(addresses.peer(of: request) == client)
    }

    @Test func `a token does what its scopes allow and no more`() async throws {
        try await guarded.connect("/ws?token=only-looking-0123456789") { wire in
            #expect(try await wire.hello()["type"] == "hello_ok")
            for count in 1...9 {
                try await wire.say("x")
                let answer = try await wire.next()
                #expect(answer["code"] == "insufficient_scope")
                #expect(answer["required_scope"] == "write")
                #expect(answer["seq"]?.int == count)
            }
            try await wire.say("x")
            #expect(try await wire.end() == 4028)
        }
        #expect(guarded.hub.accepted.isEmpty)
    }

    @Test func `an address that keeps failing is not listened to`() async throws {
        var server = ServerSettings(authToken: Secret(Self.token))
        server.preauthMaxConnectionsPerIP = 3
        let plane = TestPlane(server)
        for _ in 0..<3 { #expect(try await greet(plane, "/ws?token=guess", peer: "203.0.113.9").code == 4003) }
        let barred = try await greet(plane, "/ws?token=\(Self.token)", peer: "203.0.113.9")
        #expect(barred.frame["code"] == "rate_limited")
        #expect(barred.code == 4029)
        #expect(try await greet(plane, "/ws?token=\(Self.token)", peer: "203.0.113.10").code == nil)
        plane.clock.advance(by: .seconds(61))
        #expect(try await greet(plane, "/ws?token=\(Self.token)", peer: "203.0.113.9").code == nil)
    }

    @Test func `an address opens so many connections a minute`() async throws {
        var server = ServerSettings(authToken: Secret(Self.token))
        server.maxUpgradesPerMinute = 2
        let plane = TestPlane(server)
        let path = "/ws?token=\(Self.token)"
        for _ in 0..<2 { #expect(try await greet(plane, path, peer: "203.0.113.9").code == nil) }
        #expect(try await greet(plane, path, peer: "203.0.113.9").code == 4008)
        #expect(try await greet(plane, path).code == nil)
    }
}
