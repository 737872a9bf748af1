import PraisonCore
import Synchronization

/// The turns one connection has given to an agent of this process.
final class TurnDesk: Sendable {
    private let agent: any Agent
    private let line: ColleagueLine
    private let connection: any WebSocketConnection
    private let maxPayload: Int
    private let running = Mutex<[String: AsyncStream<Void>.Continuation]>([:])

    init(agent: any Agent, line: ColleagueLine, connection: any WebSocketConnection, maxPayload: Int) {
        self.agent = agent
        self.line = line
        self.connection = connection
        self.maxPayload = maxPayload
    }

    /// Answers one turn, unless it is cancelled.
    func work(on turn: Turn, _ id: String) async throws {
        let (stop, stopper) = AsyncStream.makeStream(of: Void.self)
        running.withLock { $0[id] = stopper }
        line.begin(turn, id)
        defer {
            running.withLock { $0[id] = nil }
            line.end(turn)
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.answer(turn, id) }
            group.addTask { for await _ in stop {} }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    /// The gateway does not want the turn's answer any more.
    func cancel(_ id: String) { running.withLock { $0[id] }?.finish() }

    private func answer(_ turn: Turn, _ id: String) async throws {
        do {
            let reply = try await agent.reply(to: turn) { part in
                try await self.send("turn_part", id, "part", part.wireJSON)
            }
            try await send("turn_done", id, "reply", reply.wireJSON)
        } catch let error as AgentError {
            try await send("turn_failed", id, "error", error.wireJSON)
        } catch {
            // Either the turn was cancelled, or the connection is gone and the gateway gives it to somebody else.
            if Task.isCancelled || error is WebSocketClosed { return }
            try await send("turn_failed", id, "error", AgentError(.internal, detail: "\(error)").wireJSON)
        }
    }

    private func send(_ type: String, _ id: String, _ name: String, _ value: JSONValue) async throws {
        let text = JSONValue.object(["type": .string(type), "turn_id": .string(id), name: value]).text()
        guard text.utf8.count <= maxPayload else {
            throw AgentError(
                .internal, detail: "\(type) of \(text.utf8.count) bytes; the gateway takes \(maxPayload) (max_payload)")
        }
        try await connection.send(.text(text))
    }
}
