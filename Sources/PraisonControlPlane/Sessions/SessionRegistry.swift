import Logging
import PraisonCore

/// The sessions in memory: those with a client or a turn, and those whose client may be back any moment. The rest are
/// in the store until somebody asks.
actor SessionRegistry {
    enum Refusal: Error, Hashable, Sendable {
        case resume(ResumeRule.Decision)
        case tooManySessions(AgentName, limit: Int)
        case storeUnavailable
    }

    struct Opened: Sendable {
        var session: ClientSession
        /// Whether it was there before.
        var isResumed: Bool
        /// The key to a new session that no token protects.
        var resumeKey: String?
    }

    private let rooms: PlaneRooms
    private let cryptography: any Cryptography
    private var sessions: [String: ClientSession] = [:]

    init(rooms: PlaneRooms, cryptography: any Cryptography) {
        self.rooms = rooms
        self.cryptography = cryptography
    }

    var count: Int { sessions.count }

    /// The session a client wants: the one it names, when that is there and its own, else a new one.
    func open(_ resume: ClientFrame.Resume, agent: AgentName, for client: Client) async throws(Refusal) -> Opened {
        if let id = resume.sessionID, let session = try await existing(id) {
            let key = resume.key.map { AccessControl.fingerprint(of: $0, cryptography) }
            let token = client.principal.tokenFingerprint
            var decision = await session.resumeRule(for: client).decide(agent: agent, token: token, key: key)
            if decision == .inUse {
                await session.doubtPresence(of: client)
                decision = await session.resumeRule(for: client).decide(agent: agent, token: token, key: key)
            }
            guard decision == .granted else { throw .resume(decision) }
            return Opened(session: session, isResumed: true)
        }
        try await makeRoom(for: agent)
        // Somebody else may have made the same session while we waited; then the rules above apply.
        if let id = resume.sessionID, sessions[id] != nil {
            return try await open(resume, agent: agent, for: client)
        }
        return make(id: resume.sessionID ?? rooms.entropy.uuid(), agent: agent, client.principal)
    }

    private func make(id: String, agent: AgentName, _ principal: Principal) -> Opened {
        var key: String?
        let owner: String
        if let fingerprint = principal.tokenFingerprint {
            owner = ResumeRule.owner(token: fingerprint)
        } else {
            let secret = rooms.entropy.bytes(24).map(Hex.text).joined()
            key = secret
            owner = ResumeRule.owner(key: AccessControl.fingerprint(of: secret, cryptography))
        }
        let now = rooms.clock.now
        let session = ClientSession(
            ClientSessionRecord(id: id, agent: agent, owner: owner, createdAt: now, usedAt: now), isStored: false,
            rooms: rooms)
        sessions[id] = session
        return Opened(session: session, isResumed: false, resumeKey: key)
    }

    /// The session named `id`, from memory or from the store; `nil` when there is none or it is too old.
    func existing(_ id: String) async throws(Refusal) -> ClientSession? {
        if let session = sessions[id] {
            if rooms.store == nil, let idle = await session.idleTime, idle > rooms.server.reconnectTimeout {
                if await session.retire() { remove(session) }
                return sessions[id]
            }
            return session
        }
        guard let store = rooms.store else { return nil }
        let record: ClientSessionRecord?
        do {
            record = try await store.session(id)
        } catch {
            rooms.logger.error("cannot read a session", metadata: ["session": "\(id)", "error": "\(error)"])
            throw .storeUnavailable
        }
        if let session = sessions[id] { return session }
        guard let record, rooms.clock.now - record.usedAt <= rooms.session.resumeWindow else { return nil }
        let session = ClientSession(
            record, isStored: true, unanswered: try await unanswered(in: id), rooms: rooms)
        // Somebody else may have been faster.
        if let session = sessions[id] { return session }
        sessions[id] = session
        return session
    }

    private func unanswered(in id: String) async throws(Refusal) -> [GatewayEvent] {
        let conversation = Conversation(channel: .gateway, id: Conversation.ID(id), scope: .dm)
        do {
            return try await rooms.hub.unanswered(in: conversation, limit: max(rooms.session.maxInbox, 1))
        } catch {
            rooms.logger.error("cannot read the journal", metadata: ["session": "\(id)", "error": "\(error)"])
            throw .storeUnavailable
        }
    }

    /// Forgets a session that nobody is connected to and nothing was said in.
    func discardIfBlank(_ session: ClientSession) async {
        if await session.isBlank, await session.retire() { remove(session) }
    }

    private func remove(_ session: ClientSession) {
        if sessions[session.id] === session { sessions[session.id] = nil }
    }

    private func makeRoom(for agent: AgentName) async throws(Refusal) {
        let limit = rooms.server.maxSessionsPerAgent
        if limit > 0, sessions.values.count(where: { $0.agent == agent }) >= limit {
            await retireIdlest { $0.agent == agent }
            guard sessions.values.count(where: { $0.agent == agent }) < limit else {
                throw .tooManySessions(agent, limit: limit)
            }
        }
        // Sessions that wait for their client take memory; there are never many more of them than clients.
        if sessions.count >= max(4 * rooms.server.maxConnections, 256) { await retireIdlest { _ in true } }
    }

    private func retireIdlest(among isCandidate: (ClientSession) -> Bool) async {
        var idlest: (session: ClientSession, time: Duration)?
        for session in sessions.values where isCandidate(session) {
            if let time = await session.idleTime, time > idlest?.time ?? .seconds(-1) { idlest = (session, time) }
        }
        if let idlest, await idlest.session.retire() { remove(idlest.session) }
    }

    /// Moves sessions whose client has not come back in time out of memory, and forgets what is too old to resume.
    func sweep() async {
        for session in Array(sessions.values) {
            await session.forgetLostTurns()
            guard let idle = await session.idleTime, idle > rooms.server.reconnectTimeout else { continue }
            if await session.retire() { remove(session) }
        }
        do {
            try await rooms.store?.forgetSessions(unusedSince: rooms.clock.now + (.zero - rooms.session.resumeWindow))
        } catch {
            rooms.logger.warning("cannot forget old sessions", metadata: ["error": "\(error)"])
        }
    }
}
