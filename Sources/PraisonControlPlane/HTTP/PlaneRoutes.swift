import PraisonCore

/// The control plane's paths.
struct PlaneRoutes: Sendable {
    let parts: PlaneParts
    private let page = ChatPage()

    init(_ parts: PlaneParts) { self.parts = parts }

    var router: HTTPRouter {
        var router = HTTPRouter()
        router.on(.get, "/ws") { request, _ in await upgrade(request) }
        router.on(.get, "/health") { _, _ in .json(await parts.health()) }
        router.on(.get, "/live") { _, _ in .json(["alive": true]) }
        router.on(.get, "/ready") { _, _ in
            let (isReady, body) = await parts.readiness()
            return .json(body, status: isReady ? 200 : 503)
        }
        router.on(.get, "/info") { request, _ in
            await guarded(request, .read) { .json(await parts.info($0)) }
        }
        router.on(.get, "/") { request, _ in page.response(to: request, entropy: parts.rooms.entropy) }
        router.on(.get, "/metrics") { request, _ in
            await guarded(request, .read) { _ in
                .text(await parts.metrics(), type: "text/plain; version=0.0.4; charset=utf-8")
            }
        }
        addSignIn(to: &router)
        addChannels(to: &router)
        addPairing(to: &router)
        addApprovals(to: &router)
        addOpenAI(to: &router)
        addMCP(to: &router)
        return router
    }

    /// Lets a request through when whoever sent it may do what it asks.
    func guarded(
        _ request: HTTPRequest, _ scope: ClientScope, _ respond: (Principal) async -> HTTPResponse
    ) async -> HTTPResponse {
        if request.method != .get, request.method != .head, let refusal = parts.access.checkOrigin(of: request) {
            return .json(["error": .string(HelloError(refusal).message)], status: 403)
        }
        guard !parts.guardian.isBarred(request.peer) else {
            return .json(["error": "Rate limited", "retry_after_seconds": 60], status: 429)
        }
        switch parts.access.principal(of: request) {
        case .success(let principal) where principal.may(scope):
            if request.method != .get, [.admin, .pairing, .approvals].contains(scope),
                let wait = parts.guardian.adminCall(from: request.peer)
            {
                let seconds = JSONValue(Int(wait.inSeconds.rounded(.up)))
                return .json(["error": "Rate limited", "retry_after_seconds": seconds], status: 429)
            }
            return await respond(principal)
        case .success:
            return .json(["error": "insufficient scope", "required_scope": .string(scope.rawValue)], status: 403)
        case .failure(.tokenMissing):
            var response = HTTPResponse.json(
                ["error": "Authentication required: send the gateway's auth_token as Authorization: Bearer"],
                status: 401)
            response.headers["WWW-Authenticate"] = "Bearer"
            return response
        case .failure(.tokenWrong):
            parts.guardian.refused(request.peer)
            return .json(["error": "Invalid authentication token"], status: 403)
        case .failure(let refusal):
            return .json(["error": .string(HelloError(refusal).message)], status: 403)
        }
    }

    // MARK: The WebSocket

    private func upgrade(_ request: HTTPRequest) async -> HTTPResponse {
        guard request.headers["Upgrade"]?.lowercased() == "websocket" else {
            return .json(["error": "this path speaks WebSocket"], status: 404)
        }
        parts.counters.connections.add()
        let handler = handler(for: request)
        // One that is opened only to say why it is refused leaves its connection among those that were not let in.
        var response = HTTPResponse(status: handler is RefusingHandler ? 403 : 101, body: .webSocket(handler))
        response.headers["Sec-WebSocket-Protocol"] = Credentials.chosenSubprotocol(request) {
            parts.access.knows($0)
        }
        return response
    }

    private func handler(for request: HTTPRequest) -> any WebSocketHandler {
        let refusal: RefusingHandler
        switch parts.guardian.upgrade(from: request.peer) {
        case .tooManyUpgrades(let wait):
            refusal = RefusingHandler(
                refusal: HelloError(.rateLimited, "Too many connections from this address", retryAfter: wait),
                code: 4008)
        case .tooManyRefusals(let wait):
            refusal = RefusingHandler(
                refusal: HelloError(
                    .rateLimited, "Too many unauthenticated connections from this address", retryAfter: wait),
                code: 4029)
        case .admitted:
            if let origin = parts.access.checkOrigin(of: request) {
                refusal = RefusingHandler(refusal: HelloError(origin), code: 4003)
                break
            }
            switch parts.access.principal(of: request) {
            case .success(let principal): return ClientHandler(plane: parts, principal: principal)
            case .failure(let reason):
                parts.guardian.refused(request.peer)
                refusal = RefusingHandler(refusal: HelloError(reason), code: 4003)
            }
        }
        parts.counters.refusedConnections.add()
        return refusal
    }
}
