import Logging
import PraisonCore
import Synchronization

/// The agents that run in other processes: those the configuration announces, and those that come unannounced.
final class RemoteAgents: Sendable {
    /// Agents one process may serve.
    static let maximumPerClient = 64

    struct Registration: Hashable, Sendable {
        var name: AgentName
        var summary: String?
        var concurrency: Int
        var timeout: Duration
    }

    private struct Entry: Sendable {
        var agent: RemoteAgent
        /// Whether the configuration names it: such a one is never taken out of the directory.
        var isAnnounced: Bool
        /// Whose token registered it, where it came unannounced.
        var owner: String?
    }

    private let entries = Mutex<[AgentName: Entry]>([:])
    private let rooms: PlaneRooms
    private var directory: AgentDirectory { rooms.hub.directory }

    /// - Parameter announced: agents whose processes are expected.
    init(rooms: PlaneRooms, announced: [AgentDescription]) {
        self.rooms = rooms
        for description in announced {
            let agent = RemoteAgent(name: description.name, rooms: rooms)
            entries.withLock { $0[description.name] = Entry(agent: agent, isAnnounced: true) }
            rooms.hub.directory.add(agent, description)
        }
    }

    /// - Returns: why not, if so.
    func register(_ wanted: Registration, by client: Client) -> FrameRefusal? {
        let owner = client.principal.tokenFingerprint
        let directory = directory
        let refusal = entries.withLock { entries -> FrameRefusal? in
            let served = entries.values.count { $0.agent.isServed(by: client) }
            guard served < Self.maximumPerClient else {
                return .agent("one connection serves at most \(Self.maximumPerClient) agents")
            }
            if let known = entries[wanted.name] {
                guard known.isAnnounced || known.owner == owner else {
                    return .agent("agent \(wanted.name) is registered by the holder of another token")
                }
                known.agent.add(wanted.link(client))
                return nil
            }
            guard directory.agent(wanted.name) == nil else {
                return .agent("agent \(wanted.name) runs in the gateway itself; choose another name")
            }
            let agent = RemoteAgent(name: wanted.name, rooms: rooms)
            agent.add(wanted.link(client))
            entries[wanted.name] = Entry(agent: agent, isAnnounced: false, owner: owner)
            directory.add(agent, AgentDescription(name: wanted.name, summary: wanted.summary, model: "remote"))
            return nil
        }
        if refusal == nil {
            rooms.logger.notice(
                "agent registered", metadata: ["agent": "\(wanted.name)", "peer": "\(client.peer ?? "unknown")"])
        }
        return refusal
    }

    /// Hands back what the client has not finished.
    func lost(_ client: Client) {
        for agent in all where agent.isServed(by: client) {
            agent.remove(client)
            rooms.logger.notice("agent disconnected", metadata: ["agent": "\(agent.name)"])
        }
    }

    /// Forgets unannounced agents that nobody has served for `reconnect_timeout`.
    func sweep() {
        let limit = rooms.server.reconnectTimeout
        let gone = entries.withLock { entries in
            let gone = entries.filter { !$0.value.isAnnounced && $0.value.agent.absence ?? .zero > limit }.keys
            for name in gone { entries[name] = nil }
            return Array(gone)
        }
        for name in gone { directory.remove(name) }
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

    /// Asks another agent for one that works on `turn` elsewhere.
    func ask(_ name: AgentName, _ question: String, during turn: String, _ client: Client) async throws -> Reply {
        let (agent, turn) = try asker(turn, client)
        return try await directory.ask(name, question, by: agent, during: turn)
    }

    func handOver(to name: AgentName, _ turn: String, _ client: Client) throws(ToolError) {
        let (agent, turn) = try asker(turn, client)
        try directory.handOver(turn, to: name, by: agent)
    }

    private func asker(_ id: String, _ client: Client) throws(ToolError) -> (AgentName, Turn) {
        for agent in all {
            if let turn = agent.turn(id, at: client) { return (agent.name, turn) }
        }
        throw ToolError("the turn is over")
    }
}

extension RemoteAgents.Registration {
    fileprivate func link(_ client: Client) -> RemoteAgent.Link {
        RemoteAgent.Link(client: client, concurrency: concurrency, timeout: timeout)
    }
}

extension FrameRefusal {
    fileprivate static func agent(_ message: String) -> FrameRefusal {
        FrameRefusal(code: .agentNotRegistered, message: message)
    }
}
