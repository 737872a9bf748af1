import PraisonCore

/// Questions the gateway has for the people behind clients: may this be done, which of these, what shall it be.
actor ServerRequests {
    enum Kind: String, Sendable { case approval, choice, input }

    struct Request: Sendable {
        var id: String
        var kind: Kind
        var prompt: String
        /// For `choice`.
        var options: [String]
        /// The session whose clients are asked; `nil` for everybody who may answer.
        var session: String?
        var createdAt: Timestamp
        /// What an approval is about, where it is a tool.
        var subject: Subject?

        var frame: ServerFrame {
            var request: [String: JSONValue] = [
                "request_id": .string(id), "kind": .string(kind.rawValue), "prompt": .string(prompt),
            ]
            if kind == .choice { request["options"] = .array(options.map(JSONValue.string)) }
            request["session_id"] = session.map(JSONValue.string)
            return ServerFrame("server_request", ["request": .object(request)])
        }

        func accepts(_ value: String) -> Bool {
            switch kind {
            case .approval: value == "allow" || value == "deny"
            case .choice: options.contains(value)
            case .input: true
            }
        }
    }

    /// A tool that an agent wants to run.
    struct Subject: Hashable, Sendable {
        var agent: AgentName
        var tool: String
        /// As the model wrote them.
        var arguments: String
    }

    /// Questions open at once.
    static let maximumOpen = 1000

    private struct Open {
        var request: Request
        var asker: CheckedContinuation<String?, Never>?
    }

    private let clients: ClientRegistry
    nonisolated let allowList: AllowList
    private let clock: any GatewayClock
    private let entropy: any Entropy
    private var open: [String: Open] = [:]

    init(clients: ClientRegistry, allowList: AllowList, clock: any GatewayClock, entropy: any Entropy) {
        self.clients = clients
        self.allowList = allowList
        self.clock = clock
        self.entropy = entropy
    }

    /// Asks, and waits for the first answer.
    ///
    /// - Returns: `nil` when nobody answered in time.
    func ask(
        _ kind: Kind, _ prompt: String, options: [String] = [], session: String? = nil,
        about subject: Subject? = nil, timeout: Duration = .seconds(120)
    ) async -> String? {
        if let subject, await allowList.allows(subject) { return "allow" }
        guard open.count < Self.maximumOpen else { return nil }
        let request = Request(
            id: entropy.uuid(), kind: kind, prompt: prompt, options: options, session: session, createdAt: clock.now,
            subject: subject)
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

    var pending: [Request] { open.values.map(\.request).sorted { $0.createdAt < $1.createdAt } }

    /// Answers an open question from outside a session.
    ///
    /// - Returns: whether there was one.
    @discardableResult
    func settle(_ id: String, _ value: String?) -> Bool {
        guard let asked = open.removeValue(forKey: id) else { return false }
        asked.asker?.resume(returning: value)
        return true
    }

    /// What the open question `id` is about.
    func subject(of id: String) -> Subject? { open[id]?.request.subject }

    /// A client's `server_reply`.
    func answer(_ id: String, _ value: String, _ client: Client) async {
        guard let request = open[id]?.request else {
            acknowledge(id, "unknown_request", client)
            return
        }
        if request.kind == .approval, !client.principal.may(.approvals) {
            client.send(
                ServerFrame.error("insufficient scope", code: "insufficient_scope")
                    .adding("required_scope", "approvals").text)
            return
        }
        if let session = request.session, client.session?.id != session {
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
        settle(id, value)
        acknowledge(id, "resolved", client)
    }

    /// Puts the open questions again to a client that has just come in.
    func repeatOpen(to client: Client) {
        for request in pending where concerns(client, request) { client.send(request.frame.text) }
    }

    private func answer(to request: Request) async -> String? {
        await withCheckedContinuation { continuation in
            guard open[request.id] != nil else {
                continuation.resume(returning: nil)
                return
            }
            open[request.id]?.asker = continuation
            let text = request.frame.text
            for client in clients.all where concerns(client, request) { client.send(text) }
        }
    }

    private func concerns(_ client: Client, _ request: Request) -> Bool {
        guard let session = client.session else { return false }
        return request.session == nil ? client.principal.may(.approvals) : session.id == request.session
    }

    private func acknowledge(_ id: String, _ status: String, _ client: Client) {
        client.send(
            ServerFrame("server_reply_ack", ["request_id": .string(id), "status": .string(status)]).text)
    }
}
