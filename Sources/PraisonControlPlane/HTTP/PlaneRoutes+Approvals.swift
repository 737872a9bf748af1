import PraisonCore

/// Questions the gateway asks before an agent does something, and what is allowed once and for all.
extension PlaneRoutes {
    func addApprovals(to router: inout HTTPRouter) {
        let requests = parts.requests
        router.on(.get, "/api/approval/pending") { request, _ in
            await answering(request, .approvals) {
                let pending = await requests.pending.filter { $0.kind == .approval }
                let names = Self.names(try await requests.allowList.all())
                return .json(["pending": .array(pending.map(\.json)), "allow_list": names])
            }
        }
        router.on(.post, "/api/approval/resolve") { request, _ in
            await answering(request, .approvals) {
                guard let body = Self.body(of: request) else { return Self.invalidJSON }
                guard let id = body["request_id"]?.string else {
                    return .json(["error": "request_id is required"], status: 400)
                }
                let isApproved = body["approved"]?.bool ?? false
                let subject = await requests.subject(of: id)
                guard await requests.settle(id, isApproved ? "allow" : "deny") else {
                    return .json(
                        ["error": "Request not found, already resolved, or resolver not authorised"], status: 404)
                }
                if isApproved, body["allow_always"]?.bool == true, let subject {
                    try await requests.allowList.add(
                        subject.tool, agent: body["scope_to_agent"]?.bool ?? true ? subject.agent : nil,
                        arguments: body["scope_to_args"]?.bool ?? false ? subject.arguments : nil,
                        approver: approver(request))
                }
                return .json(["resolved": true, "request_id": .string(id), "approved": .bool(isApproved)])
            }
        }
        addAllowList(to: &router)
    }

    private func addAllowList(to router: inout HTTPRouter) {
        let allowList = parts.requests.allowList
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
                    return .json(["error": .string("\(limit) grants are kept; take some back first")], status: 409)
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
        [
            "request_id": .string(id), "kind": .string(kind.rawValue), "prompt": .string(prompt),
            "session_id": JSONValue(session), "created_at": JSONValue(createdAt.seconds),
        ]
    }
}
