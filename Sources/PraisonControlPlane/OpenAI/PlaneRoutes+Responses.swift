import PraisonCore

/// The Responses API: answers with a name, by which they are asked for again, gone on from, and cancelled.
///
/// Source: https://platform.openai.com/docs/api-reference/responses
extension PlaneRoutes {
    func addResponses(to router: inout HTTPRouter) {
        router.on(.post, "/v1/responses") { request, _ in
            await openAI(request, .write) { (principal) async throws(APIRefusal) in
                try await response(request, principal)
            }
        }
        router.on(.get, "/v1/responses/{id}") { request, parameters in
            await openAI(request, .read) { (principal) async throws(APIRefusal) in
                try earlier(parameters["id"] ?? "", principal)
            }
        }
        router.on(.post, "/v1/responses/{id}/cancel") { request, parameters in
            await openAI(request, .write) { (principal) async throws(APIRefusal) in
                try await cancel(parameters["id"] ?? "", principal)
            }
        }
    }

    private func response(_ request: HTTPRequest, _ principal: Principal) async throws(APIRefusal) -> HTTPResponse {
        let body = try Self.openAIBody(request)
        let wanted = try ResponseRequest(body)
        let agent = try api.agent(wanted.model)
        let id = ResponseID(
            session: wanted.previous?.session ?? parts.rooms.entropy.hexName(), own: parts.rooms.entropy.hexName())
        if wanted.previous != nil, try await !isKnown(id, agent, principal), let written = body["previous_response_id"]
        {
            throw .previousNotFound(written)
        }
        let open = try await api.ask(
            AgentAPI.Question(
                agent: agent, session: id.session, origin: "openai", text: wanted.text, caller: wanted.caller,
                user: wanted.user), principal, peer: request.peer)
        let object = ResponseObject(
            id: id, created: parts.rooms.clock.now, model: agent, request: wanted,
            grows: parts.rooms.server.api.stream)
        parts.responses.begin(object, open, of: AgentAPI.owner(principal), inBackground: wanted.isBackground)
        if wanted.isBackground { return .json(object.underWay) }
        if wanted.streams { return try await api.stream(open, object) }
        return .json(object.completed(try await api.answer(open)))
    }

    /// Whether the agent remembers the conversation that a response wants to go on with.
    private func isKnown(
        _ id: ResponseID, _ agent: AgentName, _ principal: Principal
    ) async throws(APIRefusal) -> Bool {
        let conversation = AgentAPI.conversation("openai", principal, id.session)
        do {
            let key = SessionKey(agent: agent, conversation: conversation)
            return try await !parts.rooms.hub.history(of: key, limit: 1).messages.isEmpty
        } catch {
            throw APIRefusal(
                status: 503, code: "unavailable", message: "The conversation could not be read just now.",
                retryAfter: .seconds(5))
        }
    }

    /// A response under way as it stands, or an earlier one.
    private func earlier(_ text: String, _ principal: Principal) throws(APIRefusal) -> HTTPResponse {
        let owner = AgentAPI.owner(principal)
        guard let id = ResponseID(text) else { throw Self.noResponse(text) }
        if let running = parts.responses.running(id, of: owner) { return .json(running.object.underWay) }
        return try kept(id, owner)
    }

    /// Stops the turn behind a response under way. Once cancelled it stays so, however often it is asked for.
    private func cancel(_ text: String, _ principal: Principal) async throws(APIRefusal) -> HTTPResponse {
        let owner = AgentAPI.owner(principal)
        guard let id = ResponseID(text) else { throw Self.noResponse(text) }
        guard let running = parts.responses.running(id, of: owner) else {
            let response = try kept(id, owner)
            let status = (try? JSONDocument(parsing: response.bytes))?["status"]?.string ?? "finished"
            guard status == "cancelled" else {
                throw .invalid("Cannot cancel a response that is \(status).", code: "cannot_cancel")
            }
            return response
        }
        let isFirst = parts.calls.isFirst(running.call)
        running.call.stop()
        // What waits behind another turn of its conversation is not stopped with that one; nobody hears it any more.
        if isFirst { _ = await parts.rooms.hub.stop(running.call.conversation, includingQueued: false) }
        return .json(running.object.cancelled)
    }

    private func kept(_ id: ResponseID, _ owner: String) throws(APIRefusal) -> HTTPResponse {
        guard let bytes = parts.responses.response(id, of: owner) else { throw Self.noResponse(id.text) }
        return HTTPResponse(status: 200, headers: ["Content-Type": "application/json"], body: .bytes(bytes))
    }

    private static func noResponse(_ text: String) -> APIRefusal {
        APIRefusal(
            status: 404, code: "not_found",
            message: "Response \(text.prefix(100)) not found; the last 1000 are kept while the gateway runs.",
            param: "id")
    }
}
