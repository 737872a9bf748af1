import PraisonCore

/// Questions the gateway asks before an agent does something, and what is allowed once and for all.
extension PlaneRoutes {
    func addApprovals(to router: inout HTTPRouter) {
        let desk = parts.approvals
        router.on(.get, "/api/approval/pending") { request, _ in
            await answering(request, .approvals) {
                let now = parts.rooms.clock.now
                let pending = await desk.pending.map { ServerRequests.Request($0).json(at: now) }
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
        // Neither a yes nor a no is guessed.
        for name in ["approved", "allow_always", "scope_to_agent", "scope_to_args"]
        where body[dynamic: name].map({ $0.bool == nil }) == true {
            return .json(["error": .string("\(name) must be true or false")], status: 400)
        }
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
                guard let agent = Self.grantee(body) else { return Self.badAgent }
                do {
                    try await allowList.add(tool, agent: agent.name, approver: approver(request))
                } catch AllowList.Failure.full(let limit) {
                    return Self.full(limit)
                }
                return .json(.object(["added": .string(tool)].merging(agent.json) { own, _ in own }))
            }
        }
        router.on(.delete, "/api/approval/allow-list") { request, _ in
            await answering(request, .approvals) {
                guard let body = Self.body(of: request) else { return Self.invalidJSON }
                guard let tool = Self.tool(body) ?? request.query("tool_name") else { return Self.noTool }
                guard let agent = Self.grantee(body, or: request.query("agent_id")) else { return Self.badAgent }
                guard try await allowList.remove(tool, agent: agent.name) else {
                    return .json(["error": .string("'\(tool)' not in allow-list")], status: 404)
                }
                return .json(.object(["removed": .string(tool)].merging(agent.json) { own, _ in own }))
            }
        }
    }

    private static func full(_ limit: Int, _ done: [String: JSONValue] = [:]) -> HTTPResponse {
        let words = JSONValue.string("\(limit) grants are kept; take some back first")
        return .json(.object(done.merging(["error": words]) { $1 }), status: 409)
    }

    /// One agent, or all of them.
    private struct Grantee {
        /// `nil` for all.
        var name: AgentName?
        var json: [String: JSONValue] { name.map { ["agent_id": .string($0.rawValue)] } ?? [:] }
    }

    private static let badAgent = HTTPResponse.json(["error": "agent_id must be a non-empty string"], status: 400)

    /// - Returns: `nil` when it can't be told whom `written` means: never all agents for want of one.
    private static func grantee(_ body: JSONDocument, or query: String? = nil) -> Grantee? {
        let written = body["agent_id"]
        guard written != nil || query != nil else { return Grantee() }
        guard let name = written == nil ? query : written?.string, (1...256).contains(name.utf8.count) else {
            return nil
        }
        return Grantee(name: name == AllowList.Grant.everybody ? nil : AgentName(name))
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
    /// With the reference's members: arguments as what they are, where they can be read.
    fileprivate func json(at now: Timestamp) -> JSONValue {
        var fields = fields
        fields["session_id"] = JSONValue(session)
        fields["created_at"] = JSONValue(createdAt.seconds)
        fields["age_seconds"] = JSONValue(now.seconds - createdAt.seconds)
        fields["agent_name"] = fields["agent_id"]
        // Only what somebody marked as risky is asked about.
        fields["risk_level"] = "high"
        if let read = approval.flatMap({ try? JSONDocument(parsing: $0.arguments, maximumDepth: 64) }) {
            fields["arguments"] = read.value
        }
        return .object(fields)
    }
}
