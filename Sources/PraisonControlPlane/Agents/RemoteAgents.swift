import Logging
import PraisonCore
import Synchronization

/// The agents that run in other processes: those the configuration announces, and those that come unannounced.
///
/// Whoever names an agent means that one, also while it is away: sessions, messages that wait, hand-overs. So one that came
/// unannounced is known for as long as a session can be resumed (`resume_window`), also to the gateway's next process.
final class RemoteAgents: Sendable {
    /// Agents one process may serve.
    static let maximumPerClient = 64
    /// Unannounced agents that are away and known all the same.
    static let maximumAway = 256

    struct Registration: Hashable, Sendable {
        var name: AgentName
        var summary: String?
        var concurrency: Int
        var timeout: Duration
    }

    private struct Entry: Sendable {
        var agent: RemoteAgent
        /// What its processes say it is good for.
        var summary: String?
        /// What the configuration says of it; `nil` for one it does not name.
        var announced: AgentDescription?
        /// Whose token registered it, where it came unannounced.
        var owner: String?
        /// Since when it is away; `nil` while a process serves it, and for one that is announced.
        var goneAt: Timestamp?

        var description: AgentDescription {
            AgentDescription(name: agent.name, summary: announced?.summary ?? summary, model: "remote")
        }
    }

    private let entries = Mutex<[AgentName: Entry]>([:])
    private let rooms: PlaneRooms
    private let access: AccessControl
    private let roll: AgentRoll
    private var directory: AgentDirectory { rooms.hub.directory }

    /// - Parameters:
    ///   - cursors: where unannounced agents are kept.
    ///   - announced: agents whose processes are expected.
    init(
        rooms: PlaneRooms, access: AccessControl, cursors: (any CursorStore)?, announced: [AgentDescription]
    ) {
        self.rooms = rooms
        self.access = access
        roll = AgentRoll(cursors, logger: rooms.logger)
        for description in announced {
            let agent = RemoteAgent(name: description.name, rooms: rooms)
            entries.withLock { $0[description.name] = Entry(agent: agent, announced: description) }
            rooms.hub.directory.add(agent, description)
        }
    }

    /// Takes up the agents an earlier process knew. They are waited for as if they had gone just now.
    func restore() async {
        let now = rooms.clock.now
        let known = await roll.load()
        entries.withLock { entries in
            for kept in known.prefix(Self.maximumAway) where directory.agent(kept.name) == nil {
                let goneAt = kept.goneAt ?? now
                guard now - goneAt <= memory else { continue }
                let agent = RemoteAgent(name: kept.name, rooms: rooms)
                let entry = Entry(agent: agent, summary: kept.summary, owner: kept.owner, goneAt: goneAt)
                entries[kept.name] = entry
                directory.add(agent, entry.description)
            }
        }
    }

    // MARK: Processes that come and go

    /// - Parameter welcome: tells the process that it is registered; turns come after that.
    /// - Returns: why not, if so.
    func register(
        _ wanted: Registration, by client: Client, welcome: @Sendable () -> Void
    ) async -> FrameRefusal? {
        let (agent, isNews): (RemoteAgent, Bool)
        do throws(FrameRefusal) {
            (agent, isNews) = try claim(wanted, client)
        } catch {
            return error
        }
        // Before anybody can name it.
        if isNews { await save() }
        welcome()
        agent.add(RemoteAgent.Link(client: client, concurrency: wanted.concurrency, timeout: wanted.timeout))
        rooms.logger.notice(
            "agent registered", metadata: ["agent": "\(wanted.name)", "peer": "\(client.peer ?? "unknown")"])
        return nil
    }

    /// - Returns: the agent, and whether there is something to keep.
    private func claim(_ wanted: Registration, _ client: Client) throws(FrameRefusal) -> (RemoteAgent, isNews: Bool) {
        let owner = client.principal.tokenFingerprint
        let claimed = entries.withLock { entries -> Result<(RemoteAgent, isNews: Bool), FrameRefusal> in
            let served = entries.values.count { $0.agent.isServed(by: client) }
            guard served < Self.maximumPerClient else {
                return .failure(.agent("one connection serves at most \(Self.maximumPerClient) agents"))
            }
            let known = entries[wanted.name]
            if let known, known.announced == nil, known.owner != owner, isTaken(known) {
                return .failure(.agent("agent \(wanted.name) is registered by the holder of another token"))
            }
            guard known != nil || directory.agent(wanted.name) == nil else {
                return .failure(.agent("agent \(wanted.name) runs in the gateway itself; choose another name"))
            }
            var entry = known ?? Entry(agent: RemoteAgent(name: wanted.name, rooms: rooms))
            entry.summary = wanted.summary ?? entry.summary
            entry.goneAt = nil
            if entry.announced == nil { entry.owner = owner }
            entries[wanted.name] = entry
            directory.add(entry.agent, entry.description)
            return .success((entry.agent, entry.announced == nil))
        }
        return try claimed.get()
    }

    /// Whether the name belongs to the owner still: it is served, or was a moment ago, and its token is valid.
    private func isTaken(_ entry: Entry) -> Bool {
        access.stillAdmits(fingerprint: entry.owner)
            && entry.agent.absence ?? .zero <= rooms.server.reconnectTimeout
    }

    /// Hands back what the client has not finished.
    func lost(_ client: Client) async {
        let gone = all.filter { $0.isServed(by: client) }
        guard !gone.isEmpty else { return }
        let now = rooms.clock.now
        for agent in gone {
            agent.remove(client)
            rooms.logger.notice("agent disconnected", metadata: ["agent": "\(agent.name)"])
        }
        let isNews = entries.withLock { entries in
            let away = gone.map(\.name).filter { entries[$0]?.announced == nil && entries[$0]?.agent.absence != nil }
            for name in away { entries[name]?.goneAt = now }
            return !away.isEmpty
        }
        if isNews { await save() }
    }

    /// Takes unannounced agents off the list that nobody has served for `reconnect_timeout`, and forgets those that
    /// nobody can mean any more.
    func sweep() async {
        let now = rooms.clock.now
        let (unlisted, forgotten) = entries.withLock { entries -> ([AgentName], [AgentName]) in
            let away = entries.values.filter { $0.goneAt != nil && $0.agent.absence != nil }
                .sorted { $0.goneAt ?? now > $1.goneAt ?? now }
            let old = away.enumerated().filter {
                $0.offset >= Self.maximumAway || now - ($0.element.goneAt ?? now) > memory
            }
            .map(\.element.agent.name)
            for name in old { entries[name] = nil }
            let unlisted = away.filter { $0.agent.absence ?? .zero > rooms.server.reconnectTimeout }
            return (unlisted.map(\.agent.name), old)
        }
        for name in unlisted { directory.unlist(name) }
        for name in forgotten { directory.remove(name) }
        if !forgotten.isEmpty { await save() }
    }

    /// How long an agent that is away is known.
    private var memory: Duration { max(rooms.session.resumeWindow, rooms.server.reconnectTimeout) }

    private func save() async {
        await roll.save {
            entries.withLock { entries in
                entries.values.filter { $0.announced == nil }.sorted { $0.agent.name.rawValue < $1.agent.name.rawValue }
                    .map {
                        AgentRoll.Entry(
                            name: $0.agent.name, summary: $0.summary, owner: $0.owner,
                            goneAt: $0.agent.absence == nil ? nil : $0.goneAt)
                    }
            }
        }
    }

    private var all: [RemoteAgent] { entries.withLock { $0.values.map(\.agent) } }

    // MARK: What a process says

    func take(_ part: ReplyPart, of turn: String, from client: Client) async -> Bool {
        for agent in all where await agent.take(part, of: turn, from: client) { return true }
        return false
    }

    func end(_ turn: String, with result: Result<Reply, AgentError>, from client: Client) -> Bool {
        all.contains { $0.end(turn, with: result, from: client) }
    }

    /// Asks another agent for one that works on `turn` elsewhere, and stops asking when that is over.
    func ask(_ name: AgentName, _ question: String, during turn: String, _ client: Client) async throws -> Reply {
        let (agent, asked) = try asker(turn, client)
        return try await agent.whileRunning(turn) { [directory] in
            try await directory.ask(name, question, by: agent.name, during: asked)
        }
    }

    func handOver(to name: AgentName, _ turn: String, _ client: Client) throws(ToolError) {
        let (agent, turn) = try asker(turn, client)
        try directory.handOver(turn, to: name, by: agent.name)
    }

    private func asker(_ id: String, _ client: Client) throws(ToolError) -> (RemoteAgent, Turn) {
        for agent in all {
            if let turn = agent.turn(id, at: client) { return (agent, turn) }
        }
        throw .turnIsOver
    }
}

extension ToolError {
    static let turnIsOver = ToolError("the turn is over")
}

extension FrameRefusal {
    fileprivate static func agent(_ message: String) -> FrameRefusal {
        FrameRefusal(code: .agentNotRegistered, message: message)
    }
}
