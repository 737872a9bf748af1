import PraisonCore
import PraisonSimulation
import Testing

@testable import PraisonControlPlane

@Suite(.timeLimit(.minutes(1))) struct `approvals on the control plane` {
    private let plane = TestPlane()
    private static let shell = ToolCall(id: "1", name: "shell", arguments: #"{"command": "rm -rf /tmp/x"}"#)

    /// An agent's wish to run the tool, in a session of the control plane or in a chat.
    private func ask(
        _ call: ToolCall = shell, in session: String? = nil, of plane: TestPlane? = nil
    ) async throws -> ApprovalDecision {
        let conversation =
            session.map { Conversation(channel: .gateway, id: Conversation.ID($0), scope: .dm) }
            ?? Conversation(channel: "house", id: "42", scope: .dm)
        return try await (plane ?? self.plane).approvals.decision(
            on: call, by: "assistant",
            during: Turn(id: "t", history: [], input: [], conversation: conversation, sender: Sender(id: "7")),
            within: .seconds(120))
    }

    /// The open request, once there is one.
    private func pending(_ headers: HTTPHeaders = ["Host": "127.0.0.1"]) async throws -> JSONValue {
        while true {
            let body = try json(await plane.get("/api/approval/pending", headers: headers))
            if let first = body["pending"]?[0] { return first }
            await Task.yield()
        }
    }

    private func json(_ response: HTTPResponse) throws -> JSONValue {
        try JSONDocument(parsing: String(decoding: response.bytes, as: UTF8.self)).value
    }

    // MARK: Over HTTP

    @Test func `are listed and resolved once`() async throws {
        async let decision = ask()
        let request = try await pending()
        let id = try #require(request["request_id"]?.string)
        #expect(request["kind"] == "approval")
        #expect(request["agent_id"] == "assistant")
        #expect(request["tool_name"] == "shell")
        #expect(request["agent_name"] == "assistant")
        #expect(request["arguments"] == ["command": "rm -rf /tmp/x"])
        #expect(request["age_seconds"]?.double == 0)
        #expect(request["risk_level"] == "high")
        #expect(request["prompt"] == #"assistant wants to run shell with {"command": "rm -rf /tmp/x"}"#)
        #expect(request["session_id"] == .null)
        #expect(
            try #require(request["expires_at"]?.double) - #require(request["created_at"]?.double) == 120)
        let body = #"{"request_id":"\#(id)","approved":false,"reason":"not today"}"#
        #expect(
            try json(await plane.post("/api/approval/resolve", body)) == [
                "resolved": true, "request_id": .string(id), "approved": false,
            ])
        #expect(try await decision == .denied(by: "local", reason: "not today"))
        #expect(await plane.post("/api/approval/resolve", body).status == 404)
        #expect(try json(await plane.get("/api/approval/pending"))["pending"] == [])
    }

    @Test func `answer the reference's codes for what is wrong`() async throws {
        let missing = await plane.post("/api/approval/resolve", "{}")
        #expect(missing.status == 400)
        #expect(try json(missing)["error"] == "request_id is required")
        let broken = await plane.post("/api/approval/resolve", "{")
        #expect(broken.status == 400)
        #expect(try json(broken)["error"] == "Invalid JSON")
        #expect(await plane.post("/api/approval/resolve", #"{"request_id":"x","approved":true}"#).status == 404)
        let guess = await plane.post("/api/approval/resolve", #"{"request_id":"x","approved":"true"}"#)
        #expect(guess.status == 400)
        #expect(try json(guess)["error"] == "approved must be true or false")
    }

    @Test func `need the scope approvals`() async throws {
        var server = ServerSettings(authToken: Secret("correct-horse-battery"))
        server.scopedTokens = [
            ScopedToken(token: Secret("only-writing-0123456789"), scopes: [.read, .write]),
            ScopedToken(token: Secret("only-approving-0123456789"), scopes: [.approvals]),
        ]
        let guarded = TestPlane(server)
        func headers(_ token: String) -> HTTPHeaders { ["Host": "127.0.0.1", "Authorization": "Bearer \(token)"] }
        let (writer, approver) = (headers("only-writing-0123456789"), headers("only-approving-0123456789"))
        #expect(await guarded.get("/api/approval/pending", headers: writer).status == 403)
        #expect(await guarded.get("/api/approval/pending", headers: approver).status == 200)
        #expect(await guarded.get("/api/approval/pending").status == 401)

        try await guarded.connect(headers: writer) { asking in
            try await guarded.connect(headers: approver) { approving in
                let session = try #require(try await asking.hello()["session_id"]?.string)
                try await approving.hello()
                async let decision = ask(in: session, of: guarded)
                // The session's own client may not decide, so whoever may is asked.
                let id = try #require(try await approving.next()["request"]?["request_id"]?.string)
                try await asking.send(#"{"type":"server_reply","request_id":"\#(id)","value":"allow"}"#)
                let refusal = try await asking.next()
                #expect(refusal["code"] == "insufficient_scope")
                #expect(refusal["required_scope"] == "approvals")
                try await approving.send(#"{"type":"server_reply","request_id":"\#(id)","value":"deny"}"#)
                #expect(try await !decision.isAllowed)
            }
        }
    }

    @Test func `are given for good where that is said`() async throws {
        async let first = ask(ToolCall(id: "1", name: "shell", arguments: #"{"a": 1, "b": 2}"#))
        let id = try #require(try await pending()["request_id"]?.string)
        let body = #"{"request_id":"\#(id)","approved":true,"allow_always":true,"scope_to_args":true}"#
        #expect(await plane.post("/api/approval/resolve", body).status == 200)
        #expect(try await first.isAllowed)
        #expect(try await ask(ToolCall(id: "2", name: "shell", arguments: #"{"b":2,"a":1}"#)).isAllowed)
        #expect(try json(await plane.get("/api/approval/pending"))["allow_list"] == ["shell"])
    }

    // MARK: Over the WebSocket

    @Test func `are put to the clients of their session, and the first answer counts`() async throws {
        try await plane.connect { wire in
            try await plane.connect { other in
                let session = try #require(try await wire.hello()["session_id"]?.string)
                try await other.hello()
                async let decision = ask(in: session)
                let request = try await wire.next()
                #expect(request["type"] == "server_request")
                #expect(request["request"]?["kind"] == "approval")
                #expect(request["request"]?["session_id"] == .string(session))
                let id = try #require(request["request"]?["request_id"]?.string)
                try await wire.send(#"{"type":"server_reply","request_id":"\#(id)","value":"perhaps"}"#)
                #expect(try await wire.next()["code"] == "invalid_value")
                try await wire.send(#"{"type":"server_reply","request_id":"\#(id)","value":"allow"}"#)
                let answers = try await wire.next(2)
                #expect(Set(answers.map { $0["type"] }) == ["server_reply_ack", "server_request_closed"])
                #expect(Set(answers.map { $0["status"] }) == ["resolved", "allowed"])
                #expect(try await decision == .allowed(by: "local"))
                try await other.send(#"{"type":"server_reply","request_id":"\#(id)","value":"deny"}"#)
                // The other session has not been told of it at all.
                #expect(
                    try await other.next() == [
                        "type": "server_reply_ack", "request_id": .string(id), "status": "unknown_request",
                    ])
            }
        }
    }

    @Test func `that a chat asks for are put to everybody who may give them, also who comes later`() async throws {
        try await plane.connect { early in
            try await early.hello()
            async let decision = ask()
            let request = try await early.next()
            #expect(request["request"]?["session_id"] == nil)
            try await plane.connect { late in
                try await late.hello()
                #expect(try await late.next() == request)
                let id = try #require(request["request"]?["request_id"]?.string)
                #expect(
                    await plane.post("/api/approval/resolve", #"{"request_id":"\#(id)","approved":true}"#).status == 200
                )
                for wire in [early, late] {
                    #expect(
                        try await wire.next() == [
                            "type": "server_request_closed", "request_id": .string(id), "status": "allowed",
                        ])
                }
            }
            #expect(try await decision.isAllowed)
        }
    }

    @Test func `expire`() async throws {
        try await plane.connect { wire in
            try await wire.hello()
            async let decision = ask()
            let id = try #require(try await wire.next()["request"]?["request_id"]?.string)
            // The handshake's patience and the approval's.
            await plane.clock.nextSleeper(count: 2)
            plane.clock.advance(by: .seconds(120))
            #expect(try await decision == .expired)
            #expect(
                try await wire.next() == [
                    "type": "server_request_closed", "request_id": .string(id), "status": "expired",
                ])
        }
    }
}
