import PraisonCore
import PraisonSimulation
import Testing

@testable import PraisonControlPlane

@Suite(.timeLimit(.minutes(1))) struct `the Model Context Protocol` {
    let plane = TestPlane(.withAPIs)

    private func json(_ response: HTTPResponse) throws -> JSONValue { try JSONDocument(parsing: response.bytes).value }

    private func headers(_ session: String? = nil) -> HTTPHeaders {
        var headers: HTTPHeaders = [
            "Host": "127.0.0.1:8765", "Content-Type": "application/json",
            "Accept": "application/json, text/event-stream",
        ]
        headers["Mcp-Session-Id"] = session
        return headers
    }

    private func initialized() async throws -> String {
        let response = await plane.post(
            "/mcp", #"{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-06-18"}}"#,
            headers: headers())
        return try #require(response.headers["Mcp-Session-Id"])
    }

    private func events(_ response: HTTPResponse) async throws -> [JSONValue] {
        guard case .stream(let stream) = response.body else { return [] }
        var text = ""
        for try await piece in stream { text += String(decoding: piece, as: UTF8.self) }
        return try text.split(separator: "\n").filter { $0.hasPrefix("data: ") }.map {
            try JSONDocument(parsing: String($0.dropFirst(6))).value
        }
    }

    @Test(arguments: [("2025-06-18", "2025-06-18"), ("2024-11-05", "2024-11-05"), ("2099-01-01", "2025-11-25")])
    func `agrees upon a version`(wanted: String, agreed: String) async throws {
        let response = await plane.post(
            "/mcp", #"{"jsonrpc":"2.0","id":"a","method":"initialize","params":{"protocolVersion":"\#(wanted)"}}"#,
            headers: headers())
        let body = try json(response)
        #expect(body["id"] == "a")
        #expect(body["result"]?["protocolVersion"] == .string(agreed))
        #expect(body["result"]?["capabilities"]?["tools"] != nil)
        #expect(response.headers["Mcp-Session-Id"]?.isEmpty == false)
    }

    @Test func `offers each agent as a tool`() async throws {
        let session = try await initialized()
        let note = await plane.post(
            "/mcp", #"{"jsonrpc":"2.0","method":"notifications/initialized"}"#, headers: headers(session))
        #expect(note.status == 202)
        let list = try json(
            await plane.post("/mcp", #"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#, headers: headers(session)))
        #expect(list["result"]?["tools"]?.array?.map { $0["name"] } == ["assistant", "streamer"])
        #expect(list["result"]?["tools"]?[0]?["description"] == "helps with everything")
        #expect(list["result"]?["tools"]?[0]?["inputSchema"]?["required"] == ["message"])
    }

    @Test func `asks an agent, in one conversation per session`() async throws {
        let session = try await initialized()
        for round in 1...2 {
            async let response = plane.post(
                "/mcp",
                #"{"jsonrpc":"2.0","id":\#(round),"method":"tools/call","params":{"name":"assistant","arguments":{"message":"hello"},"_meta":{"progressToken":"p"}}}"#,
                headers: headers(session))
            let event = await plane.hub.event(round)
            #expect(event.target == "assistant")
            #expect(event.message?.text == "hello")
            try await plane.stream(.text("Hi"), answering: event)
            try await plane.reply("Hi!", to: event)
            let events = try await events(await response)
            #expect(events.first?["method"] == "notifications/progress")
            #expect(events.first?["params"]?["progressToken"] == "p")
            #expect(events.last?["id"] == JSONValue(round))
            #expect(events.last?["result"] == ["content": [["type": "text", "text": "Hi!"]], "isError": false])
        }
        let conversations = Set(plane.hub.accepted.compactMap { $0.message?.conversation })
        #expect(conversations.count == 1)
    }

    @Test func `tells a failed turn as a failed tool`() async throws {
        let session = try await initialized()
        async let response = plane.post(
            "/mcp",
            #"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"assistant","arguments":{"message":"x"}}}"#,
            headers: headers(session))
        try await plane.reply("", to: await plane.hub.event(), outcome: TurnOutcome(.failed, errorKind: .overloaded))
        let body = try json(await response)
        #expect(body["result"]?["isError"] == true)
    }

    @Test func `stops what the client takes back`() async throws {
        let session = try await initialized()
        async let response = plane.post(
            "/mcp",
            #"{"jsonrpc":"2.0","id":5,"method":"tools/call","params":{"name":"assistant","arguments":{"message":"x"}}}"#,
            headers: headers(session))
        let event = await plane.hub.event()
        try await plane.stream(.text("So "), answering: event)
        let stream = await response
        let cancelled = await plane.post(
            "/mcp", #"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":5}}"#,
            headers: headers(session))
        #expect(cancelled.status == 202)
        #expect(plane.hub.stops.first?.0 == event.message?.conversation)
        #expect(try await events(stream).last?["result"]?["isError"] == true)
    }

    @Test func `ends a session when asked to, and knows only those of its owner`() async throws {
        let session = try await initialized()
        #expect(
            await plane.post("/mcp", #"{"jsonrpc":"2.0","id":1,"method":"ping"}"#, headers: headers(session)).status
                == 200)
        let end = await plane.plane.respond(
            to: HTTPRequest(.delete, "/mcp", headers: headers(session), peer: "127.0.0.1"))
        #expect(end.status == 204)
        for id in [session, "nope"] {
            let response = await plane.post(
                "/mcp", #"{"jsonrpc":"2.0","id":1,"method":"ping"}"#, headers: headers(id))
            #expect(response.status == 404)
        }
        let nameless = HTTPRequest(.delete, "/mcp", headers: headers(), peer: "127.0.0.1")
        #expect(await plane.plane.respond(to: nameless).status == 400)
        #expect(await plane.get("/mcp").status == 405)
    }

    @Test func `serves a client that has not introduced itself, each message by itself`() async throws {
        let list = try json(
            await plane.post("/mcp", #"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#, headers: headers()))
        #expect(list["result"]?["tools"]?.array?.count == 2)
        for number in 1...2 {
            async let response = plane.post(
                "/mcp",
                #"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"assistant","arguments":{"message":"hi"}}}"#,
                headers: headers())
            try await plane.reply("hello", to: plane.hub.event(number))
            #expect(await response.status == 200)
        }
        #expect(Set(plane.hub.accepted.compactMap(\.message?.conversation.id)).count == 2)
    }

    @Test(arguments: [
        ("{bad", 400, -32700), ("[]", 400, -32600), ("{}", 400, -32600), (#"{"jsonrpc":"2.0"}"#, 400, -32600),
        (#"{"jsonrpc":"2.0","id":1,"method":7}"#, 400, -32600),
        (#"{"jsonrpc":"2.0","id":{},"method":"ping"}"#, 400, -32600),
        (#"{"jsonrpc":"2.0","id":1,"method":"ping","params":[]}"#, 400, -32602),
        (#"{"jsonrpc":"2.0","id":1,"method":"resources/list"}"#, 200, -32601),
        (#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"nobody"}}"#, 200, -32602),
        (#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"assistant"}}"#, 200, -32602),
    ])
    func `answers bad messages with their code`(body: String, status: Int, code: Int) async throws {
        let session = try await initialized()
        let response = await plane.post("/mcp", body, headers: headers(session))
        #expect(response.status == status)
        #expect(try json(response)["error"]?["code"] == JSONValue(code))
        #expect(plane.hub.accepted.isEmpty)
    }

    @Test func `insists on what the transport asks for`() async throws {
        var odd = headers()
        odd["Content-Type"] = "text/plain"
        #expect(await plane.post("/mcp", "{}", headers: odd).status == 415)
        odd = headers()
        odd["Accept"] = "text/html"
        #expect(await plane.post("/mcp", "{}", headers: odd).status == 406)
        odd = headers()
        odd["MCP-Protocol-Version"] = "1999-01-01"
        #expect(await plane.post("/mcp", "{}", headers: odd).status == 400)
        odd = headers()
        odd["Origin"] = "https://evil.example"
        #expect(await plane.post("/mcp", "{}", headers: odd).status == 403)
    }
}
