import PraisonCore

/// Questions the gateway asks before an agent does something, and what is allowed once and for all.
extension PlaneRoutes {
    func addApprovals(to router: inout HTTPRouter) {
        let desk = parts.approvals
        router.on(.get, "/api/approval/pending") { request, _ in
            await answering(request, .approvals) {
                let pending = await desk.pending.map { ServerRequests.Request($0).json }
                return .json([
                    "pending": .array(pending), "allow_list": Self.names(try await desk.allowList.all()),
                ])
            }
        }
        router.on(.post, "/api/approval/resolve") { request, _ in
            await answering(request, .approvals) { try await resolve(request) }
        }
        addAllowList(to: &router)
    }

    private func resolve(_ request: HTTPRequest) async throws -> HTTPResponse {
        let desk = parts.approvals
        guard let body = Self.body(of: request) else { return Self.invalidJSON }
        guard let id = body["request_id"]?.string else {
            return .json(["error": "request_id is required"], status: 400)
        }
        // Only a yes that is written as such is one.
        let isApproved = body["approved"]?.bool ?? false
        let name = approver(request)
        let decision: ApprovalDecision =
            isApproved ? .allowed(by: name) : .denied(by: name, reason: body["reason"]?.string)
        guard let asked = await desk.resolve(id, decision) else {
            return .json(["error": "Request not found, already resolved, or resolver not authorised"], status: 404)
        }
        if isApproved, body["allow_always"]?.bool == true {
            do {
                try await desk.allowList.add(
                    asked.tool, agent: body["scope_to_agent"]?.bool ?? true ? asked.agent : nil,
                    arguments: body["scope_to_args"]?.bool ?? false ? asked.arguments : nil, approver: name)
            } catch AllowList.Failure.full(let limit) {
                return Self.full(limit, ["resolved": true, "request_id": .string(id), "approved": true])
            }
        }
        return .json(["resolved": true, "request_id": .string(id), "approved": .bool(isApproved)])
    }

    private func addAllowList(to router: inout HTTPRouter) {
        let allowList = parts.approvals.allowList
        router.on(.get, "/api/approval/allow-list") { request, _ in
            await answering(request, .read) {
                let grants = try await allowList.all()
                return .json(["allow_list": Self.names(grants), "grants": .array(grants.map(\.json))])
            }
        }
        router.on(.post, "/api/approval/allow-list") { request, _ in
            await answering(request, .approvals) {
                guard let body = Self.body(of: request) else { return Self.invalidJSON }
                guard let tool = Self.tool(body) else { return Self.noTool }
                let agent = body["agent_id"]?.string
                do {
                    try await allowList.add(tool, agent: agent.map { AgentName($0) }, approver: approver(request))
                } catch AllowList.Failure.full(let limit) {
                    return Self.full(limit)
                }
                return .json(["added": true, "tool_name": .string(tool), "agent_id": JSONValue(agent)])
            }
        }
        router.on(.delete, "/api/approval/allow-list") { request, _ in
            await answering(request, .approvals) {
                guard let body = Self.body(of: request) else { return Self.invalidJSON }
                guard let tool = Self.tool(body) ?? request.query("tool_name") else { return Self.noTool }
                let agent = body["agent_id"]?.string ?? request.query("agent_id")
                guard try await allowList.remove(tool, agent: agent.map { AgentName($0) }) else {
                    return .json(["error": "Tool not in allow-list"], status: 404)
                }
                return .json(["removed": true, "tool_name": .string(tool), "agent_id": JSONValue(agent)])
            }
        }
    }

    private static func full(_ limit: Int, _ done: [String: JSONValue] = [:]) -> HTTPResponse {
        let words = JSONValue.string("\(limit) grants are kept; take some back first")
        return .json(.object(done.merging(["error": words]) { $1 }), status: 409)
    }

    private static let noTool = HTTPResponse.json(["error": "tool_name is required"], status: 400)

    private static func tool(_ body: JSONDocument) -> String? {
        body["tool_name"]?.string.flatMap { (1...256).contains($0.utf8.count) ? $0 : nil }
    }

    private static func names(_ grants: [AllowList.Grant]) -> JSONValue {
        .array(Set(grants.map(\.tool)).sorted().map(JSONValue.string))
    }

    private func approver(_ request: HTTPRequest) -> String {
        guard case .success(let principal) = parts.access.principal(of: request) else { return "unknown" }
        return AgentAPI.owner(principal)
    }
}

extension ServerRequests.Request {
    fileprivate var json: JSONValue {
        .object(
            fields.merging(["session_id": JSONValue(session), "created_at": JSONValue(createdAt.seconds)]) { $1 })
    }
}
