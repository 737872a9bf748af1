import PraisonCore

/// Lets a client into a session: `hello` and the older `join`.
struct Welcome {
    static let protocolVersion = 1
    /// Messages a snapshot tells at most.
    private static let snapshotLimit = 1000

    let client: Client
    let plane: PlaneParts

    private var rooms: PlaneRooms { plane.rooms }

    func welcome(_ hello: ClientFrame.Hello) async {
        do {
            try check(hello.versions)
            let agent = try agent(hello.agent)
            try await enter(agent, hello.resume, capabilities: hello.capabilities) { opened in
                let session = opened.session
                let snapshot = hello.wantsSnapshot ? await snapshot(of: session) : nil
                return Entry(since: hello.resume.since, base: snapshot?.base, isJoined: false) { greeting in
                    [helloOK(opened, greeting, hello.capabilities), snapshot?.text].compactMap { $0 }
                }
            }
        } catch {
            client.send(error.frame.text)
        }
    }

    func welcome(_ join: ClientFrame.Join) async {
        guard join.versions.contains(Self.protocolVersion) else {
            let (low, high) = (join.versions.lowerBound, join.versions.upperBound)
            client.send(
                ServerFrame.error(
                    "Protocol version mismatch. Server supports 1-1, client supports \(low)-\(high)",
                    code: "version_unsupported"
                ).adding("server_min_version", 1).adding("server_max_version", 1).text)
            return
        }
        do {
            let agent = try agent(join.agent)
            let health = await plane.health()
            try await enter(agent, join.resume, capabilities: ["streaming"]) { opened in
                let session = opened.session
                let isGap = await session.greeting(since: join.resume.since).needsResync
                let snapshot = isGap ? await snapshot(of: session) : nil
                return Entry(since: join.resume.since, base: snapshot?.base, isJoined: true) { greeting in
                    [joined(opened, greeting, isGap: isGap, health), snapshot?.text].compactMap { $0 }
                }
            }
        } catch {
            // The older way in knows no codes.
            let code = error.code == .agentNotFound ? nil : error.code.rawValue
            client.send(ServerFrame.error(error.message, code: code).text)
        }
    }

    // MARK: Checking

    private func check(_ versions: ClosedRange<Int>) throws(HelloError) {
        if versions.lowerBound > Self.protocolVersion {
            throw HelloError(
                .protocolUnsupported,
                "Protocol version \(versions.lowerBound) is too new, server supports up to \(Self.protocolVersion)",
                nextStep: .downgradeClient, next: "use_older_client")
        }
        if versions.upperBound < Self.protocolVersion {
            throw HelloError(
                .protocolUnsupported,
                "Protocol version \(versions.upperBound) is too old, minimum required is \(Self.protocolVersion)",
                nextStep: .upgradeClient)
        }
    }

    private func agent(_ name: String?) throws(HelloError) -> AgentName {
        // One that is away for long is not listed any more; its clients wait for it all the same.
        if let agent = name.map(AgentName.init(rawValue:)), rooms.hub.directory.agent(agent) != nil { return agent }
        let known = rooms.hub.agents.prefix(20).map(\.name.rawValue).joined(separator: ", ")
        let problem = name.map { "Agent not found: \($0)" } ?? "Agent not found: agent_id is missing"
        throw HelloError(.agentNotFound, "\(problem); there are: \(known)", next: "check_agent_id")
    }

    // MARK: Coming in

    private struct Entry: Sendable {
        var since: Int64?
        var base: Int64?
        var isJoined: Bool
        var greet: @Sendable (ClientSession.Greeting) -> [String]
    }

    private func enter(
        _ agent: AgentName, _ resume: ClientFrame.Resume, capabilities: Set<String>,
        _ prepare: (SessionRegistry.Opened) async -> Entry
    ) async throws(HelloError) {
        // A session may leave memory while we are on our way to it; then it is opened again.
        for _ in 0..<4 {
            let opened: SessionRegistry.Opened
            do { opened = try await plane.sessions.open(resume, agent: agent, for: client) } catch {
                throw HelloError(error)
            }
            let entry = await prepare(opened)
            let previous = client.session
            if let previous, previous !== opened.session { await previous.detach(client) }
            client.capabilities = capabilities
            do {
                try await opened.session.attach(
                    client, since: entry.since, base: entry.base, isJoined: entry.isJoined, greet: entry.greet)
            } catch {
                if case .tooManyClients = error {
                    throw HelloError(
                        .rateLimited, "\(ClientSession.maximumClients) clients are connected to this session already",
                        retryAfter: .seconds(30))
                }
                continue
            }
            if let previous, previous !== opened.session { await plane.sessions.discardIfBlank(previous) }
            plane.relay.connected(client, to: opened.session)
            await plane.requests.repeatOpen(to: client)
            return
        }
        throw HelloError(.unavailable, "The session is being moved; please try again", retryAfter: .seconds(1))
    }

    private func snapshot(of session: ClientSession) async -> (base: Int64, text: String)? {
        // What is said while the history is read comes as frames after `base`.
        let (base, unanswered) = await session.unfinished
        let key = SessionKey(agent: session.agent, conversation: session.conversation)
        guard let history = try? await rooms.hub.history(of: key, limit: Self.snapshotLimit) else { return nil }
        let snapshot = Snapshot(session: session, messages: history.messages, unanswered: unanswered, cursor: base)
        return (base, snapshot.frame.text)
    }
}
