import PraisonCore

extension PlaneRoutes {
    /// OpenAI's API, answered by the agents: a model is an agent.
    func addOpenAI(to router: inout HTTPRouter) {
        guard parts.rooms.server.api.openAI else { return }
        router.on(.get, "/v1/models") { request, _ in
            await openAI(request, .read) { _ in .json(["object": "list", "data": .array(models)]) }
        }
        router.on(.get, "/v1/models/{id}") { request, parameters in
            await openAI(request, .read) { (_) async throws(APIRefusal) in
                .json(model(try api.agent(parameters["id"])))
            }
        }
        router.on(.post, "/v1/chat/completions") { request, _ in
            await openAI(request, .write) { (principal) async throws(APIRefusal) in
                try await chat(request, principal)
            }
        }
        addResponses(to: &router)
    }

    var api: AgentAPI { AgentAPI(parts: parts) }

    private var models: [JSONValue] { parts.rooms.hub.agents.map { model($0.name) } }

    private func model(_ name: AgentName) -> JSONValue {
        [
            "id": .string(name.rawValue), "object": "model", "owned_by": "praisonai",
            "created": JSONValue(Int(parts.startedOn.seconds)),
        ]
    }

    private func chat(_ request: HTTPRequest, _ principal: Principal) async throws(APIRefusal) -> HTTPResponse {
        let chat = try ChatCompletionRequest(try Self.openAIBody(request))
        let agent = try api.agent(chat.model)
        let id = parts.rooms.entropy.hexName()
        let open = try await api.ask(
            AgentAPI.Question(
                agent: agent, session: id, origin: "openai", text: chat.text, caller: chat.caller, user: chat.user),
            principal, peer: request.peer)
        let completion = ChatCompletion(
            id: id, created: parts.rooms.clock.now, model: agent, includesUsage: chat.includesUsage,
            grows: parts.rooms.server.api.stream)
        if chat.streams { return try await api.stream(open, completion) }
        return .json(completion.object(try await api.answer(open)))
    }

    // MARK: Bodies

    static func openAIBody(_ request: HTTPRequest) throws(APIRefusal) -> JSONDocument {
        let document: JSONDocument
        do {
            document = try JSONDocument(parsing: request.body, maximumDepth: 64)
        } catch {
            throw .invalid("the body is \(error)", code: "invalid_json")
        }
        guard document.kind == .object else { throw .invalid("the body must be a JSON object") }
        return document
    }

    /// As ``guarded(_:_:_:)``, with errors in OpenAI's words.
    func openAI(
        _ request: HTTPRequest, _ scope: ClientScope,
        _ respond: (Principal) async throws(APIRefusal) -> HTTPResponse
    ) async -> HTTPResponse {
        var isAnswered = false
        let response = await guarded(request, scope) { principal in
            isAnswered = true
            do throws(APIRefusal) { return try await respond(principal) } catch { return error.openAIResponse }
        }
        if isAnswered { return response }
        let body = try? JSONDocument(parsing: response.bytes)
        var words = body?["error"]?.string ?? "refused"
        var code = response.status == 401 ? "missing_api_key" : response.status == 403 ? "invalid_api_key" : "refused"
        if let scope = body?["required_scope"]?.string {
            (code, words) = ("insufficient_permissions", "this token lacks the scope \(scope)")
        }
        var refusal = APIRefusal(status: response.status, code: code, message: words).openAIResponse
        refusal.headers["WWW-Authenticate"] = response.headers["WWW-Authenticate"]
        if response.status == 429 { refusal.headers["Retry-After"] = "60" }
        return refusal
    }
}

extension Entropy {
    /// 32 random hexadecimal digits.
    func hexName() -> String { bytes(16).map(Hex.text).joined() }
}
