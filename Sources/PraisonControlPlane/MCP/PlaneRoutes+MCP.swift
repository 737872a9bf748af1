import PraisonCore

extension PlaneRoutes {
    /// The Model Context Protocol over streamable HTTP: each agent is a tool that takes a message.
    ///
    /// Source: https://modelcontextprotocol.io/specification/2025-11-25/basic/transports
    func addMCP(to router: inout HTTPRouter) {
        guard parts.rooms.server.api.mcp else { return }
        router.on(.post, "/mcp") { request, _ in
            await guarded(request, .write) { await MCPEndpoint(parts: parts, principal: $0).answer(request) }
        }
        router.on(.delete, "/mcp") { request, _ in
            await guarded(request, .write) { MCPEndpoint(parts: parts, principal: $0).end(request) }
        }
        // The server has nothing to say by itself; a client asks, and goes on without.
        router.on(.get, "/mcp") { _, _ in
            var response = HTTPResponse.json(["error": "no stream is offered here; POST to this address"], status: 405)
            response.headers["Allow"] = "DELETE, POST"
            return response
        }
    }
}

/// Answers one message of an MCP client.
struct MCPEndpoint {
    /// The newest first.
    static let versions = ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"]
    private static let sessionHeader = "Mcp-Session-Id"

    let parts: PlaneParts
    let principal: Principal

    private var owner: String { AgentAPI.owner(principal) }
    private var now: Duration { parts.rooms.clock.uptime }

    func answer(_ request: HTTPRequest) async -> HTTPResponse {
        if let refusal = Self.refusal(of: request) { return refusal }
        let message: JSONRPCMessage
        do { message = try JSONRPCMessage(parsing: request.body) } catch { return .json(error.response, status: 400) }
        guard message.method != "initialize" else { return initialize(message) }
        let session: ProgramSessions.Session
        if request.headers[Self.sessionHeader] == nil {
            // A client that has not introduced itself has a conversation for this one message.
            session = ProgramSessions.Session(
                id: parts.rooms.entropy.hexName(), owner: owner, version: Self.versions[0], usedAt: now)
        } else {
            switch self.session(of: request) {
            case .success(let known): session = known
            case .failure(let refusal): return refusal.response
            }
        }
        guard let method = message.method, let id = message.id else {
            await take(message, session)
            return HTTPResponse(status: 202)
        }
        do {
            switch method {
            case "ping": return .json(JSONRPCMessage.result(id, [:]))
            case "tools/list": return .json(JSONRPCMessage.result(id, ["tools": .array(tools)]))
            case "tools/call": return try await call(message, id, session, request)
            default:
                throw JSONRPCMessage.Failure(
                    code: JSONRPCMessage.Code.methodNotFound, message: "unknown method \(method.prefix(100))", id: id)
            }
        } catch let failure as JSONRPCMessage.Failure {
            return .json(failure.response)
        } catch {
            return .json(
                JSONRPCMessage.Failure(
                    code: JSONRPCMessage.Code.internalError, message: "the request failed", id: id
                ).response)
        }
    }

    func end(_ request: HTTPRequest) -> HTTPResponse {
        switch session(of: request) {
        case .success(let session):
            parts.programs.close(session.id)
            return HTTPResponse(status: 204)
        case .failure(let refusal): return refusal.response
        }
    }

    // MARK: Sessions

    private struct Refusal: Error {
        var response: HTTPResponse
    }

    private static func refusal(_ status: Int, _ message: String) -> HTTPResponse {
        .json(
            JSONRPCMessage.Failure(code: JSONRPCMessage.Code.invalidRequest, message: message).response, status: status)
    }

    private static func refusal(of request: HTTPRequest) -> HTTPResponse? {
        let type = request.headers["Content-Type"]?.lowercased() ?? ""
        guard type.hasPrefix("application/json") else {
            return refusal(415, "the Content-Type must be application/json")
        }
        let accept = request.headers.values(of: "Accept").joined(separator: ",").lowercased()
        let takesAll = accept.isEmpty || accept.contains("*/*")
        guard takesAll || (accept.contains("application/json") && accept.contains("text/event-stream")) else {
            return refusal(406, "accept both application/json and text/event-stream")
        }
        if let version = request.headers["MCP-Protocol-Version"], !versions.contains(version) {
            return refusal(
                400,
                "MCP-Protocol-Version \(version.prefix(50)) is not spoken here; there are: "
                    + versions.joined(separator: ", "))
        }
        return nil
    }

    private func session(of request: HTTPRequest) -> Result<ProgramSessions.Session, Refusal> {
        guard let id = request.headers[Self.sessionHeader] else {
            return .failure(
                Refusal(
                    response: Self.refusal(400, "\(Self.sessionHeader) is missing; send what initialize answered")))
        }
        guard let session = parts.programs.session(id, of: owner, at: now) else {
            return .failure(Refusal(response: Self.refusal(404, "there is no such session; initialize again")))
        }
        return .success(session)
    }

    private func initialize(_ message: JSONRPCMessage) -> HTTPResponse {
        guard let id = message.id, let wanted = message.params?["protocolVersion"]?.string else {
            let failure = JSONRPCMessage.Failure(
                code: JSONRPCMessage.Code.invalidParams, message: "initialize needs an id and protocolVersion",
                id: message.id ?? .null)
            return .json(failure.response, status: 400)
        }
        let version = Self.versions.contains(wanted) ? wanted : Self.versions[0]
        let session = parts.rooms.entropy.hexName()
        parts.programs.open(session, owner: owner, version: version, at: now)
        var response = HTTPResponse.json(
            JSONRPCMessage.result(
                id,
                [
                    "protocolVersion": .string(version), "capabilities": ["tools": ["listChanged": false]],
                    "serverInfo": [
                        "name": "praisonai", "title": "PraisonAI Gateway", "version": .string(PlaneParts.version),
                    ],
                    "instructions":
                        "Each tool is an agent. It remembers what was said before in the same session.",
                ]))
        response.headers[Self.sessionHeader] = session
        return response
    }

    /// A notification, or an answer to something we never asked.
    private func take(_ message: JSONRPCMessage, _ session: ProgramSessions.Session) async {
        guard message.method == "notifications/cancelled", let request = message.params?["requestId"]?.value,
            let call = parts.programs.cancel(request, in: session.id)
        else { return }
        let isRunning = parts.calls.isFirst(call)
        call.end(.cancelled(call))
        guard isRunning else { return }
        _ = await parts.rooms.hub.stop(call.conversation, includingQueued: false)
    }

    // MARK: Tools

    private var tools: [JSONValue] {
        parts.rooms.hub.agents.map { agent in
            [
                "name": .string(agent.name.rawValue),
                "description": .string(agent.summary ?? "Ask the agent \(agent.name)."),
                "inputSchema": [
                    "type": "object",
                    "properties": ["message": ["type": "string", "description": "what to say to the agent"]],
                    "required": ["message"],
                ],
            ]
        }
    }

    private func call(
        _ message: JSONRPCMessage, _ id: JSONValue, _ session: ProgramSessions.Session, _ request: HTTPRequest
    ) async throws -> HTTPResponse {
        let name = message.params?["name"]?.string ?? ""
        guard parts.rooms.hub.agents.contains(where: { $0.name.rawValue == name }) else {
            throw JSONRPCMessage.Failure(
                code: JSONRPCMessage.Code.invalidParams, message: "unknown tool \(name.prefix(100))", id: id)
        }
        guard let words = message.params?["arguments"]?["message"]?.string, !words.allSatisfy(\.isWhitespace) else {
            throw JSONRPCMessage.Failure(
                code: JSONRPCMessage.Code.invalidParams, message: "arguments.message must be text", id: id)
        }
        let programs = parts.programs
        let answer = ToolAnswer(id: id, progressToken: message.params?["_meta"]?["progressToken"]?.value) {
            programs.ended(id, in: session.id)
        }
        let api = AgentAPI(parts: parts)
        do {
            let open = try await api.ask(
                AgentAPI.Question(
                    agent: AgentName(name), session: session.id, origin: "mcp", text: words,
                    caller: CallerContext(input: [ChatMessage(.user, words)])), principal, peer: request.peer)
            programs.began(open.call, id, in: session.id)
            return try await api.stream(open, answer)
        } catch {
            programs.ended(id, in: session.id)
            return .json(answer.result(error.message, isError: true))
        }
    }
}
