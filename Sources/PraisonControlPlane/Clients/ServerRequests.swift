import PraisonCore

/// Questions the gateway has for the people behind clients: may this be done, which of these, what shall it be.
///
/// Approvals belong to the ``ApprovalDesk``, which asks people in other places too; here they are put to clients.
actor ServerRequests: ApprovalPresenter {
    enum Kind: String, Sendable { case approval, choice, input }

    struct Request: Sendable {
        var id: String
        var kind: Kind
        var prompt: String
        /// For `choice`.
        var options: [String] = []
        /// The session whose clients are asked; `nil` for everybody who may answer.
        var session: String?
        var createdAt: Timestamp
        /// What an approval is about.
        var approval: ApprovalRequest?

        var frame: ServerFrame { ServerFrame("server_request", ["request": .object(fields)]) }

        /// What it is, as clients and programs see it.
        var fields: [String: JSONValue] {
            var fields: [String: JSONValue] = [
                "request_id": .string(id), "kind": .string(kind.rawValue), "prompt": .string(prompt),
            ]
            if kind == .choice { fields["options"] = .array(options.map(JSONValue.string)) }
            fields["session_id"] = session.map(JSONValue.string)
            if let approval {
                fields["agent_id"] = .string(approval.agent.rawValue)
                fields["tool_name"] = .string(approval.tool)
                fields["arguments"] = .string(approval.shownArguments)
                fields["expires_at"] = JSONValue(approval.expiresAt.seconds)
            }
            return fields
        }

        func accepts(_ value: String) -> Bool {
            switch kind {
            case .approval: value == "allow" || value == "deny"
            case .choice: options.contains(value)
            case .input: true
            }
        }
    }

    /// Questions open at once.
    static let maximumOpen = 1000

    private struct Open {
        var request: Request
        var asker: CheckedContinuation<String?, Never>?
    }

    private let clients: ClientRegistry
    private let clock: any GatewayClock
    private let entropy: any Entropy
    private var open: [String: Open] = [:]

    init(clients: ClientRegistry, clock: any GatewayClock, entropy: any Entropy) {
        self.clients = clients
        self.clock = clock
        self.entropy = entropy
    }

    /// Asks, and waits for the first answer.
    ///
    /// - Returns: `nil` when nobody answered in time.
    func ask(
        _ kind: Kind, _ prompt: String, options: [String] = [], session: String? = nil,
        timeout: Duration = .seconds(120)
    ) async -> String? {
        guard open.count < Self.maximumOpen else { return nil }
        let request = Request(
            id: entropy.uuid(), kind: kind, prompt: prompt, options: options, session: session, createdAt: clock.now)
        open[request.id] = Open(request: request)
        return await withTaskGroup(of: String?.self) { group in
            group.addTask { await self.answer(to: request) }
            group.addTask { [clock] in
                try? await clock.sleep(for: timeout)
                await self.settle(request.id, nil)
                return nil
            }
            let answer = await group.next() ?? nil
            group.cancelAll()
            return answer
        }
    }

    /// A client's `server_reply`.
    ///
    /// - Parameter desk: who is told the answer to an approval.
    func answer(_ id: String, _ value: String, _ client: Client, _ desk: ApprovalDesk) async {
        guard let request = open[id]?.request else { return acknowledge(id, "unknown_request", client) }
        let scope: ClientScope = request.kind == .approval ? .approvals : .write
        guard client.principal.may(scope) else {
            client.send(
                ServerFrame.error("insufficient scope", code: "insufficient_scope")
                    .adding("required_scope", .string(scope.rawValue)).text)
            return
        }
        // Whoever may approve may do so from everywhere, as over HTTP.
        if request.kind != .approval, let session = request.session, client.session?.id != session {
            client.send(ServerFrame.error("this question was put to another session", code: "session_mismatch").text)
            return
        }
        guard request.accepts(value) else {
            let allowed = request.kind == .approval ? ["allow", "deny"] : request.options
            client.send(
                ServerFrame.error(
                    "value must be one of: \(allowed.joined(separator: ", "))", code: "invalid_value"
                ).text)
            return
        }
        var isFirst = true
        if request.kind == .approval {
            let name = AgentAPI.owner(client.principal)
            isFirst =
                await desk.resolve(id, value == "allow" ? .allowed(by: name) : .denied(by: name, reason: nil))
                != nil
        } else {
            settle(id, value)
        }
        acknowledge(id, isFirst ? "resolved" : "unknown_request", client)
    }

    /// Puts the open questions again to a client that has just come in.
    func repeatOpen(to client: Client) {
        let requests = open.values.map(\.request).sorted { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) }
        for request in requests where concerns(client, request) { client.send(request.frame.text) }
    }

    // MARK: Approvals

    func present(_ approval: ApprovalRequest) {
        let request = Request(approval)
        open[request.id] = Open(request: request)
        put(request)
    }

    func withdraw(_ approval: ApprovalRequest, _ decision: ApprovalDecision?) {
        guard let request = open.removeValue(forKey: approval.id)?.request else { return }
        let status =
            switch decision {
            case .allowed?: "allowed"
            case .denied?: "denied"
            case .expired?: "expired"
            case nil: "cancelled"
            }
        let text = ServerFrame(
            "server_request_closed", ["request_id": .string(request.id), "status": .string(status)]
        ).text
        for client in clients.all where concerns(client, request) { client.send(text) }
    }

    // MARK: -

    @discardableResult
    private func settle(_ id: String, _ value: String?) -> Bool {
        guard let asked = open.removeValue(forKey: id) else { return false }
        asked.asker?.resume(returning: value)
        return true
    }

    private func answer(to request: Request) async -> String? {
        await withCheckedContinuation { continuation in
            guard open[request.id] != nil else {
                continuation.resume(returning: nil)
                return
            }
            open[request.id]?.asker = continuation
            put(request)
        }
    }

    private func put(_ request: Request) {
        let text = request.frame.text
        for client in clients.all where concerns(client, request) { client.send(text) }
    }

    /// An approval for a session is put to that session's clients that may give it; where none of them may, to all that
    /// may, as is one that comes from a chat.
    private func concerns(_ client: Client, _ request: Request) -> Bool {
        guard let session = client.session?.id else { return false }
        guard request.kind == .approval else { return request.session == nil || session == request.session }
        guard client.principal.may(.approvals) else { return false }
        return session == request.session
            || !clients.all.contains { $0.session?.id == request.session && $0.principal.may(.approvals) }
    }

    private func acknowledge(_ id: String, _ status: String, _ client: Client) {
        client.send(
            ServerFrame("server_reply_ack", ["request_id": .string(id), "status": .string(status)]).text)
    }
}

extension ServerRequests.Request {
    init(_ approval: ApprovalRequest) {
        let conversation = approval.conversation
        let isSession = conversation.channel == .gateway && !AgentAPI.isOwn(conversation)
        self.init(
            id: approval.id, kind: .approval, prompt: approval.words,
            session: isSession ? conversation.id.rawValue : nil, createdAt: approval.askedAt, approval: approval)
    }
}
