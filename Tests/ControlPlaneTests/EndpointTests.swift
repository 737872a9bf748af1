import PraisonCore
import PraisonNet
import PraisonSimulation
import Synchronization
import Testing

@testable import PraisonControlPlane

@Suite(.timeLimit(.minutes(1))) struct `HTTP endpoints` {
    let plane = TestPlane()
    let guarded: TestPlane = {
        var server = ServerSettings(authToken: Secret("correct-horse-battery"))
        server.scopedTokens = [ScopedToken(token: Secret("only-looking-0123456789"), scopes: [.read])]
        return TestPlane(server)
    }()

    private func json(_ response: HTTPResponse) throws -> JSONValue { try JSONDocument(parsing: response.bytes).value }

    private func bearer(_ token: String) -> HTTPHeaders {
        ["Host": "127.0.0.1:8765", "Authorization": "Bearer \(token)"]
    }

    @Test func `tell how the gateway fares, to everybody`() async throws {
        let health = try json(await guarded.get("/health"))
        #expect(health["status"] == "healthy")
        #expect(health["agents"] == 2)
        #expect(health["sessions"] == 0)
        #expect(health["channels"]?["house"]?["platform"] == "acme")
        #expect(health["channels"]?["house"]?["ok"] == true)
        #expect(health["last_inbound_at"] == 1_767_225_601)
        #expect(health["liveness"]?["interval_ms"] == 30_000)
        #expect(health["pressure"]?["pressure"] == "nominal")
        #expect(health["reload"]?["last_result"] == "never")
        #expect(health["applied_config_revision"] == .null)
        #expect(health["config_drift"] == false)
        let limited = try json(await TestPlane(ServerSettings(maxConcurrentRuns: 12)).get("/health"))
        #expect(limited["pressure"]?["admission_max"] == 12)
        #expect(try json(await guarded.get("/live")) == ["alive": true])
        let ready = await guarded.get("/ready")
        #expect(ready.status == 200)
        #expect(try json(ready)["failing"] == [])
    }

    /// The reference's answers, as they were recorded.
    @Test(arguments: [
        (
            "/health",
            #"""
            {"status":"healthy","uptime":314.5,"agents":2,"sessions":3,"clients":0,"channels":{},
            "last_inbound_at":1795335779.1,"liveness":{"enabled":true,"interval_ms":30000,
            "missed_beats_before_reap":2,"reaped_connections":0},"reload":{"watcher":"active","last_result":"never",
            "last_at":null,"changed_paths":[],"error":null},"applied_config_revision":"ff3b544f305d",
            "on_disk_config_revision":"ff3b544f305d","config_drift":false,"pressure":{"admission_max":8,
            "admission_in_flight":1,"admission_queued":0,"admission_shed_total":0,"inbox_pending":0,
            "outbox_pending":0,"outbox_dead_letter":0,"event_loop_lag_p99_ms":0.0,"pressure":"nominal"}}
            """#
        ),
        ("/ready", #"{"ready":true,"failing":[],"uptime":314.8}"#), ("/live", #"{"alive":true}"#),
        (
            "/info",
            #"""
            {"name":"PraisonAI Gateway","version":"0.1.16","protocol_version":1,"agents":["assistant","streamer"],
            "sessions":3,"clients":0,"api":{"openai":true,"mcp":true,"stream":false},
            "scopes":["read","write","approvals","pairing","admin"]}
            """#
        ),
        ("/api/approval/pending", #"{"pending":[],"allow_list":[]}"#),
        ("/api/approval/allow-list", #"{"allow_list":[],"grants":[]}"#),
    ])
    func `have every member that the reference's have`(path: String, recorded: String) async throws {
        func check(_ own: JSONValue?, _ theirs: JSONValue, at place: String) {
            guard let own else {
                Issue.record("\(path) lacks \(place)")
                return
            }
            for (name, value) in theirs.object ?? [:] { check(own[name], value, at: "\(place).\(name)") }
            #expect((own.array == nil) == (theirs.array == nil), "\(path): \(place)")
            #expect((own.bool == nil) == (theirs.bool == nil), "\(path): \(place)")
        }
        check(try json(await plane.get(path)), try JSONDocument(parsing: recorded).value, at: "")
    }

    @Test func `tell when the configuration has changed since the start`() async throws {
        let file = Mutex(Array("agents: {a: {}}".utf8))
        let record = ConfigurationRecord(cryptography: OpenSSLCryptography()) { file.withLock { $0 } }
        let applied = record.json(at: .seconds(1))["applied_config_revision"]
        #expect(applied?.string?.count == 12)
        #expect(record.json(at: .seconds(1))["config_drift"] == false)
        file.withLock { $0 += Array(" ".utf8) }
        // Whoever asks often is told what was found a moment ago.
        #expect(record.json(at: .seconds(1.5))["config_drift"] == false)
        let later = record.json(at: .seconds(2))
        #expect(later["config_drift"] == true)
        #expect(later["applied_config_revision"] == applied)
        record.noteReading(isGood: false, at: Timestamp(seconds: 5))
        let reload = record.json(at: .seconds(2))["reload"]
        #expect(reload?["last_result"] == "failed")
        #expect(reload?["last_at"] == 5)
    }

    @Test func `are not ready while the gateway stops`() async throws {
        plane.hub.setDraining()
        let ready = await plane.get("/ready")
        #expect(ready.status == 503)
        #expect(try json(ready)["ready"] == false)
        #expect(try json(ready)["failing"] == ["draining"])
        #expect(try json(await plane.get("/health"))["status"] == "draining")
    }

    @Test func `tell who answers, to those who may know`() async throws {
        let info = try json(await plane.get("/info"))
        #expect(info["agents"] == ["assistant", "streamer"])
        #expect(info["agent_details"]?[0]?["model"] == "offline/demo")
        #expect(info["protocol_version"] == 1)
        #expect(info["scopes"] == ["read", "write", "approvals", "pairing", "admin"])
        let nobody = await guarded.get("/info")
        #expect(nobody.status == 401)
        #expect(nobody.headers["WWW-Authenticate"] == "Bearer")
        #expect(await guarded.get("/info", headers: bearer("wrong")).status == 403)
        #expect(await guarded.get("/info?token=correct-horse-battery").status == 200)
        #expect(try json(await guarded.get("/info", headers: bearer("only-looking-0123456789")))["scopes"] == ["read"])
    }

    @Test func `speak Prometheus`() async throws {
        let metrics = String(decoding: await plane.get("/metrics").bytes, as: UTF8.self)
        #expect(metrics.contains("# TYPE active_sessions gauge\nactive_sessions 0\n"))
        #expect(metrics.contains(#"praisonai_channel_up{channel="house",platform="acme"} 1"#))
        #expect(await guarded.get("/metrics").status == 401)
    }

    @Test func `pause, resume and reconnect channels`() async throws {
        #expect(
            try json(await plane.post("/api/channels/house/pause")) == ["success": true, "message": "paused house"])
        let unknown = await plane.post("/api/channels/nope/resume")
        #expect(unknown.status == 200)
        #expect(try json(unknown)["success"] == false)
        _ = await plane.post("/api/channels/house/reconnect")
        #expect(plane.hub.changes == ["pause house", "resume nope", "reconnect house"])
        #expect(
            await guarded.post("/api/channels/house/pause", headers: bearer("only-looking-0123456789")).status == 403)
        #expect(guarded.hub.changes.isEmpty)
    }

    @Test func `do nothing for a page of another origin`() async throws {
        let page: HTTPHeaders = ["Host": "127.0.0.1:8765", "Origin": "https://evil.example"]
        #expect(await plane.post("/api/channels/house/pause", headers: page).status == 403)
        #expect(plane.hub.changes.isEmpty)
        let own: HTTPHeaders = ["Host": "127.0.0.1:8765", "Origin": "http://127.0.0.1:8765"]
        #expect(await plane.post("/api/channels/house/pause", headers: own).status == 200)
    }

    @Test func `let people in by their code`() async throws {
        #expect(try json(await plane.get("/api/pairing/pending"))["pending"]?[0]?["user_id"] == "42")
        #expect(await plane.post("/api/pairing/approve", "{}").status == 400)
        #expect(await plane.post("/api/pairing/approve", "{bad").status == 400)
        let wrong = await plane.post("/api/pairing/approve", #"{"channel":"house","code":"XXXX2345"}"#)
        #expect(wrong.status == 404)
        #expect(try json(wrong) == ["error": "Invalid or expired code"])
        let right = await plane.post("/api/pairing/approve", #"{"channel":"house","code":"abcd2345"}"#)
        #expect(try json(right) == ["approved": true, "channel": "house", "code": "ABCD2345", "user_id": "42"])
        #expect(await plane.post("/api/pairing/revoke", #"{"channel":"house","user_id":42}"#).status == 200)
        #expect(await plane.post("/api/pairing/revoke", #"{"channel":"house","user_id":"1"}"#).status == 404)
    }

    @Test func `keep a list of what needs no approval`() async throws {
        let list = "/api/approval/allow-list"
        #expect(try json(await plane.get(list)) == ["allow_list": [], "grants": []])
        #expect(await plane.post(list, "{}").status == 400)
        #expect(try json(await plane.post(list, #"{"tool_name":"shell","agent_id":"assistant"}"#))["added"] == "shell")
        let grant = try json(await plane.get(list))["grants"]?[0]
        #expect(grant?["tool_name"] == "shell")
        #expect(grant?["agent_id"] == "assistant")
        let call = ToolCall(id: "1", name: "shell", arguments: #"{"a": 1, "b": 2}"#)
        #expect(await plane.approvals.allowList.grant(for: call, by: "assistant") != nil)
        #expect(await plane.approvals.allowList.grant(for: call, by: "streamer") == nil)
        let remove = HTTPRequest(
            .delete, list, headers: ["Host": "127.0.0.1"], body: Array(#"{"tool_name":"shell"}"#.utf8),
            peer: "127.0.0.1")
        #expect(try json(await plane.plane.respond(to: remove)) == ["removed": "shell"])
        let again = await plane.plane.respond(to: remove)
        #expect(again.status == 404)
        #expect(try json(again) == ["error": "'shell' not in allow-list"])
    }

    @Test(arguments: ["5", "[\"assistant\"]", "\"\"", "true", "{}"])
    func `allow a tool to no agent when it can't be told to which`(agent: String) async throws {
        let body = #"{"tool_name":"shell","agent_id":\#(agent)}"#
        let list = "/api/approval/allow-list"
        for method in [HTTPRequest.Method.post, .delete] {
            let response = await plane.plane.respond(
                to: HTTPRequest(
                    method, list, headers: ["Host": "127.0.0.1"], body: Array(body.utf8), peer: "127.0.0.1"))
            #expect(response.status == 400)
            #expect(try json(response) == ["error": "agent_id must be a non-empty string"])
        }
        #expect(try json(await plane.get(list))["grants"] == [])
    }

    @Test func `allow a tool to every agent where none is named`() async throws {
        let list = "/api/approval/allow-list"
        #expect(try json(await plane.post(list, #"{"tool_name":"shell"}"#)) == ["added": "shell"])
        _ = await plane.post(list, #"{"tool_name":"shell","agent_id":"*"}"#)
        let grants = try json(await plane.get(list))["grants"]?.array
        #expect(grants?.count == 1)
        #expect(grants?.first?["agent_id"] == "*")
        let call = ToolCall(id: "1", name: "shell", arguments: "{}")
        #expect(await plane.approvals.allowList.grant(for: call, by: "streamer") != nil)
    }

    @Test func `bound how often another machine may change things`() async throws {
        for number in 1...12 {
            let response = await guarded.post(
                "/api/channels/house/pause", headers: bearer("correct-horse-battery"), peer: "192.0.2.1")
            #expect(response.status == (number <= 10 ? 200 : 429))
        }
        let seconds = try json(
            await guarded.post(
                "/api/channels/house/pause", headers: bearer("correct-horse-battery"), peer: "192.0.2.1"))
        #expect(seconds == ["error": "Rate limited", "retry_after_seconds": 60])
        let neighbour = await guarded.post(
            "/api/channels/house/pause", headers: bearer("correct-horse-battery"), peer: "192.0.2.2")
        #expect(neighbour.status == 200)
    }

    @Test func `close clients whose token is no longer good`() async throws {
        try await guarded.connect(headers: bearer("correct-horse-battery")) { old in
            try await guarded.connect(headers: bearer("only-looking-0123456789")) { looker in
                _ = try await (old.hello(), looker.hello())
                var server = ServerSettings(authToken: Secret("another-horse-battery"))
                server.scopedTokens = [ScopedToken(token: Secret("only-looking-0123456789"), scopes: [.read])]
                guarded.plane.rotateTokens(server)
                #expect(try await old.end() == 4001)
                try await looker.send(#"{"type":"ping"}"#)
                #expect(try await looker.next()["type"] == "pong")
            }
        }
        #expect(await guarded.get("/info", headers: bearer("correct-horse-battery")).status == 403)
        #expect(await guarded.get("/info", headers: bearer("another-horse-battery")).status == 200)
    }

    @Test func `answer 404 for unknown paths and 405 with Allow for wrong methods`() async throws {
        #expect(await plane.get("/nope").status == 404)
        #expect(await plane.get("/ws").status == 404)
        let wrong = await plane.post("/health")
        #expect(wrong.status == 405)
        #expect(wrong.headers["Allow"] == "GET, HEAD")
    }

    @Test func `serve a page that can reach nobody but its gateway`() async throws {
        let (first, second) = (await plane.get("/"), await plane.get("/"))
        #expect(first.status == 200)
        let policy = try #require(first.headers["Content-Security-Policy"])
        #expect(policy.hasPrefix("default-src 'none'; style-src 'nonce-"))
        #expect(policy.contains("connect-src 'self' ws://127.0.0.1:8765 wss://127.0.0.1:8765;"))
        #expect(policy != second.headers["Content-Security-Policy"])
        let html = String(decoding: first.bytes, as: UTF8.self)
        #expect(!html.contains("src=\"http") && !html.contains("@import") && !html.contains("innerHTML"))
        let hostile = await plane.get("/", headers: ["Host": "x; script-src *"])
        #expect(hostile.headers["Content-Security-Policy"]?.contains("script-src *") == false)
    }
}
