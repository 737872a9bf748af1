import PraisonCore
import Synchronization

/// The MCP clients that have introduced themselves. A session is its owner's, and ends with the process; clients begin
/// anew when theirs is gone.
final class ProgramSessions: Sendable {
    struct Session: Sendable {
        var id: String
        var owner: String
        /// The version of MCP agreed upon.
        var version: String
        /// What is being asked, by the request's id.
        var calls: [JSONValue: AgentCall] = [:]
        var usedAt: Duration
    }

    private let sessions = Mutex<[String: Session]>([:])
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    var count: Int { sessions.withLock { $0.count } }

    /// Adds a session; where there are as many as there may be, in place of the one that was idle longest.
    func open(_ id: String, owner: String, version: String, at now: Duration) {
        sessions.withLock { sessions in
            if sessions.count >= limit,
                let idlest = sessions.values.filter({ $0.calls.isEmpty }).min(by: { $0.usedAt < $1.usedAt })
            {
                sessions[idlest.id] = nil
            }
            sessions[id] = Session(id: id, owner: owner, version: version, usedAt: now)
        }
    }

    /// - Returns: `nil` when there is none, or it is somebody else's.
    func session(_ id: String, of owner: String, at now: Duration) -> Session? {
        sessions.withLock { sessions in
            guard sessions[id]?.owner == owner else { return nil }
            sessions[id]?.usedAt = now
            return sessions[id]
        }
    }

    func close(_ id: String) {
        let closed = sessions.withLock { $0.removeValue(forKey: id) }
        for call in closed?.calls.values ?? [:].values { call.end(.cancelled(call)) }
    }

    func began(_ call: AgentCall, _ request: JSONValue, in id: String) {
        sessions.withLock { sessions in
            // Those whose reader hung up.
            guard var session = sessions[id] else { return }
            session.calls = session.calls.filter { !$0.value.isOver }
            session.calls[request] = call
            sessions[id] = session
        }
    }

    func ended(_ request: JSONValue, in id: String) {
        let ended = sessions.withLock { $0[id]?.calls.removeValue(forKey: request) }
        _ = ended
    }

    /// Lets go of what the client does not want to know any more; the turn is stopped.
    func cancel(_ request: JSONValue, in id: String) -> AgentCall? {
        sessions.withLock { $0[id]?.calls.removeValue(forKey: request) }
    }
}

extension OutboundMessage {
    /// The end of a call whose program has taken it back.
    static func cancelled(_ call: AgentCall) -> OutboundMessage {
        OutboundMessage(
            key: "\(call.event)/cancelled", conversation: call.conversation, text: "", answers: call.event,
            outcome: TurnOutcome(.stopped))
    }
}
