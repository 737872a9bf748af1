import Logging
import PraisonCore
import Synchronization

/// An agent that runs in other processes. To the gateway it is one like any other: its turns go to a process that has
/// registered it and has room, and to the next one when that is lost before it is done.
final class RemoteAgent: Agent {
    /// Processes that may be lost over one turn.
    static let maximumAttempts = 3

    /// One process that serves the agent.
    struct Link: Sendable {
        var client: Client
        /// Turns it takes at once.
        var concurrency: Int
        /// How long it may take over one turn.
        var timeout: Duration
    }

    private enum End: Sendable {
        case done(Reply)
        case failed(AgentError)
        /// The process is gone, or nobody waits any more.
        case lost
    }

    private struct Running {
        var turn: Turn
        var link: Link
        var emit: @Sendable (ReplyPart) async throws -> Void
        /// Whether what it says while it works is left out, because another process has said some of it already.
        var isQuiet: Bool
        /// Whether the process has been given it.
        var isSent = false
        var end: End?
    }

    private struct State {
        var links: [Link] = []
        var running: [String: Running] = [:]
        /// Since when no process serves it; `nil` while one does.
        var goneSince: Duration?

        /// The process with the most room, if any has room.
        var freest: Link? {
            links.map { link in (link, link.concurrency - running.values.count { $0.link.client === link.client }) }
                .filter { $0.1 > 0 }.max { $0.1 < $1.1 }?.0
        }

        mutating func settle(_ id: String, _ end: End) {
            guard running[id]?.end == nil else { return }
            running[id]?.end = end
        }
    }

    let name: AgentName
    private let rooms: PlaneRooms
    private let state: Observed<State>

    init(name: AgentName, rooms: PlaneRooms) {
        self.name = name
        self.rooms = rooms
        state = Observed(State(goneSince: rooms.clock.uptime))
    }

    // MARK: Processes

    /// How long no process has served it; `nil` while one does.
    var absence: Duration? {
        let now = rooms.clock.uptime
        return state.value.goneSince.map { now - $0 }
    }

    func isServed(by client: Client) -> Bool { state.value.links.contains { $0.client === client } }

    func add(_ link: Link) {
        state.change { state in
            state.links.removeAll { $0.client === link.client }
            state.links.append(link)
            state.goneSince = nil
        }
    }

    /// Hands back what a process has not finished.
    func remove(_ client: Client) {
        let now = rooms.clock.uptime
        state.change { state in
            guard state.links.contains(where: { $0.client === client }) else { return }
            state.links.removeAll { $0.client === client }
            if state.links.isEmpty { state.goneSince = now }
            for (id, turn) in state.running where turn.link.client === client { state.settle(id, .lost) }
        }
    }

    // MARK: What a process says of a turn

    /// - Returns: whether this agent has such a turn at that process.
    func take(_ part: ReplyPart, of id: String, from client: Client) async -> Bool {
        let turn = state.value.running[id]
        guard let turn, turn.link.client === client else { return false }
        guard !turn.isQuiet, turn.end == nil else { return true }
        do { try await turn.emit(part) } catch {
            // Whoever takes the parts has gone; the turn is about to be dropped.
            rooms.logger.debug("a part was not taken", metadata: ["agent": "\(name)", "error": "\(error)"])
        }
        return true
    }

    func end(_ id: String, with result: Result<Reply, AgentError>, from client: Client) -> Bool {
        state.change { state in
            guard let turn = state.running[id], turn.link.client === client else { return false }
            switch result {
            case .success(let reply): state.settle(id, .done(reply))
            case .failure(let error): state.settle(id, .failed(error))
            }
            return true
        }
    }

    /// The turn that a process names.
    func turn(_ id: String, at client: Client) -> Turn? {
        state.value.running[id].flatMap { $0.link.client === client ? $0.turn : nil }
    }

    /// Does `work` for as long as the turn goes on; it is cancelled when that is over.
    func whileRunning<Value: Sendable>(
        _ id: String, _ work: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { try await work() }
            group.addTask {
                await self.state.wait { $0.running[id].map { $0.end != nil } ?? true }
                return nil
            }
            defer { group.cancelAll() }
            guard let value = try await group.next() ?? nil else { throw ToolError.turnIsOver }
            return value
        }
    }

    // MARK: Turns

    func reply(to turn: Turn, emit: @escaping @Sendable (ReplyPart) async throws -> Void) async throws -> Reply {
        let spoken = SpokenFlag()
        for attempt in 1...Self.maximumAttempts {
            let (id, link) = try await begin(turn, isQuiet: spoken.isSet) { part in
                spoken.set()
                try await emit(part)
            }
            defer { finish(id) }
            let end: End
            do {
                end = try await withTimeout(link.timeout, clock: rooms.clock) {
                    await self.end(of: turn, as: id, on: link)
                }
            } catch is TimeoutError {
                drop(id)
                throw AgentError(
                    .idleTimeout, detail: "agent \(name) took longer than \(link.timeout.inWords)",
                    message: "Agent \(name) did not answer in time. Please try again.")
            }
            try Task.checkCancellation()
            switch end {
            case .done(let reply): return reply
            case .failed(let error): throw error
            case .lost:
                rooms.logger.notice(
                    "a turn was handed back",
                    metadata: ["agent": "\(name)", "turn": "\(turn.id)", "time": "\(attempt)"])
            }
        }
        throw AgentError(
            .transient, detail: "agent \(name) was lost \(Self.maximumAttempts) times while it answered",
            message: "Agent \(name) was lost while it answered. Please try again.")
    }

    /// Takes a place at a process with room, waiting for one if need be.
    private func begin(
        _ turn: Turn, isQuiet: Bool, emit: @escaping @Sendable (ReplyPart) async throws -> Void
    ) async throws -> (id: String, link: Link) {
        let id = rooms.entropy.uuid()
        while true {
            try Task.checkCancellation()
            let link = state.change { state in
                let link = state.freest
                if let link { state.running[id] = Running(turn: turn, link: link, emit: emit, isQuiet: isQuiet) }
                return link
            }
            if let link { return (id, link) }
            guard let absence else {
                await state.wait { $0.freest != nil || $0.links.isEmpty }
                continue
            }
            let left = rooms.server.reconnectTimeout - absence
            guard left > .zero else { throw AgentError.notConnected(name) }
            do {
                try await withTimeout(left, clock: rooms.clock) { _ = await self.state.wait { !$0.links.isEmpty } }
            } catch is TimeoutError {}
        }
    }

    /// Sends the turn, and waits until it is over; one that nobody waits for any more is lost.
    private func end(of turn: Turn, as id: String, on link: Link) async -> End {
        if !Task.isCancelled, state.value.running[id]?.end == nil {
            link.client.offer { [name, state] in
                let isWanted = state.change { state in
                    guard let running = state.running[id], running.end == nil else { return false }
                    state.running[id]?.isSent = true
                    return true
                }
                guard isWanted else { return nil }
                return ServerFrame(
                    "turn", ["turn_id": .string(id), "agent": .string(name.rawValue), "turn": turn.wireJSON]
                ).text
            }
            await state.wait { $0.running[id]?.end != nil }
        }
        drop(id)
        return state.value.running[id]?.end ?? .lost
    }

    /// Tells the process that nobody waits for the turn any more.
    private func drop(_ id: String) {
        let client = state.change { state -> Client? in
            guard let turn = state.running[id], turn.end == nil else { return nil }
            state.settle(id, .lost)
            return turn.isSent ? turn.link.client : nil
        }
        client?.send(ServerFrame("turn_cancelled", ["turn_id": .string(id)]).text)
    }

    private func finish(_ id: String) { state.change { $0.running[id] = nil } }
}

/// Whether something has been said.
private final class SpokenFlag: Sendable {
    private let flag = Atomic(false)
    var isSet: Bool { flag.load(ordering: .relaxed) }
    func set() { flag.store(true, ordering: .relaxed) }
}
