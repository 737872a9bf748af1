public import Logging
public import PraisonCore

/// What clients reach: the WebSocket protocol under `/ws`, the HTTP endpoints beside it, and the chat page.
///
/// To the hub it is one more channel, named `gateway`: what a client says goes in as an event, and replies come back
/// through ``adapter``. Serving is the HTTP server's work; `run()` keeps the heartbeat.
public final class ControlPlane: HTTPHandler {
    let parts: PlaneParts
    private let routes: HTTPRouter
    private let addresses: ClientAddress

    /// - Parameters:
    ///   - store: where sessions outlive the process. Not used with `session_config.persist: false`.
    ///   - cursors: where the names of agents that came unannounced outlive the process; see ``restore()``.
    ///   - remoteAgents: agents whose processes are expected to register; they are added to the hub's directory.
    ///   - configuration: which one is in effect, for `/health`.
    ///   - approvals: where agents ask whether they may run a tool; it is put to clients, and to programs over HTTP.
    public init(
        server: ServerSettings, session: SessionSettings, hub: any Hub, store: (any ClientSessionStore)?,
        cursors: (any CursorStore)? = nil, remoteAgents: [AgentDescription] = [],
        configuration: ConfigurationRecord? = nil, approvals: ApprovalDesk? = nil, cryptography: any Cryptography,
        clock: any GatewayClock, entropy: any Entropy, logger: Logger
    ) {
        let rooms = PlaneRooms(
            server: server, session: session, hub: hub, store: session.persist ? store : nil, clock: clock,
            entropy: entropy, logger: logger)
        parts = PlaneParts(
            rooms: rooms, cursors: cursors, remoteAgents: remoteAgents,
            configuration: configuration ?? ConfigurationRecord(cryptography: cryptography) { nil },
            approvals: approvals ?? ApprovalDesk(cursors: nil, clock: clock, entropy: entropy, logger: logger),
            cryptography: cryptography)
        routes = PlaneRoutes(parts).router
        addresses = ClientAddress(trustedProxies: server.trustedProxies)
    }

    /// The channel `gateway`, to be attached to the hub.
    public var adapter: any ChannelAdapter { GatewayChannel(parts: parts) }

    public func respond(to request: HTTPRequest) async -> HTTPResponse {
        var request = request
        request.peer = addresses.peer(of: request)
        return await routes.respond(to: request)
    }

    /// Whether many people may come from an address: from this machine's own, and from a trusted proxy's.
    public func isFamiliar(_ peer: String) -> Bool { Loopback.isPeer(peer) || addresses.isTrusted(peer) }

    /// Takes up the agents elsewhere that an earlier process knew, as ones that are away just now. To be called before
    /// clients come and before the hub runs: both name them.
    public func restore() async { await parts.agents.restore() }

    /// Pings clients, closes those that have died, lets go of sessions nobody came back to, and passes events on; until
    /// cancelled.
    public func run() async throws {
        await withTaskGroup { group in
            group.addTask { await self.parts.relay.run() }
            group.addTask { await self.keepHeartbeat() }
            group.addTask { await self.parts.calls.stopAbandoned(self.parts.rooms.hub) }
            await group.waitForAll()
        }
    }

    private func keepHeartbeat() async {
        let rooms = parts.rooms
        while true {
            let due = rooms.clock.uptime + rooms.server.heartbeatInterval
            do { try await rooms.clock.sleep(for: rooms.server.heartbeatInterval) } catch { return }
            parts.lateness.note(rooms.clock.uptime - due)
            await beat()
        }
    }

    /// Lets in by the tokens of `server` from now on. Clients whose token is not among them, or may do less, are closed
    /// with 4001 and the reason `credentials_rotated`.
    public func rotateTokens(_ server: ServerSettings) {
        parts.access.rotate(server)
        for client in parts.clients.all where !parts.access.stillAdmits(client.principal) {
            client.close(.credentialsRotated)
        }
    }

    /// Tells the clients that the gateway stops. Replies under way still reach them; new messages are refused by the hub,
    /// and the connections end with the HTTP server. What a client misses waits in its session.
    public func sayGoodbye() {
        let words = ServerFrame.status(
            source: "gateway", message: "The gateway is stopping. Answers under way still come; reconnect for more."
        ).text
        for client in parts.clients.all { client.send(words) }
    }

    /// Ends the calls of programs that still wait for an answer: the hub has stopped, and none comes any more. They are
    /// told so instead of being cut off.
    public func endCalls() { parts.calls.endAll() }

    private func beat() async {
        let rooms = parts.rooms
        let patience = rooms.server.heartbeatInterval * rooms.server.missedBeatsBeforeReap
        for client in parts.clients.all {
            if patience > .zero, client.silence(at: rooms.clock.uptime) >= patience {
                parts.counters.reapedConnections.add()
                client.close(.livenessTimeout)
            } else {
                client.sendPing()
            }
        }
        parts.relay.heartbeat([
            "clients": JSONValue(parts.clients.count), "sessions": JSONValue(await parts.sessions.count),
        ])
        await parts.sessions.sweep()
        await parts.calls.endForgotten(rooms.hub)
        await parts.agents.sweep()
    }
}

/// The control plane's parts, as its handlers see them. A class, because every client's tasks hold it.
final class PlaneParts: Sendable {
    let rooms: PlaneRooms
    let access: AccessControl
    let guardian: AddressGuard
    let clients: ClientRegistry
    let sessions: SessionRegistry
    let relay: EventRelay
    let approvals: ApprovalDesk
    let requests: ServerRequests
    let calls: AgentCalls
    let rates: QuestionRates
    let responses = ResponseShelf()
    let programs: ProgramSessions
    let agents: RemoteAgents
    let counters: PlaneCounters
    let lateness = Lateness()
    let configuration: ConfigurationRecord
    let startedAt: Duration
    let startedOn: Timestamp

    init(
        rooms: PlaneRooms, cursors: (any CursorStore)?, remoteAgents: [AgentDescription],
        configuration: ConfigurationRecord, approvals: ApprovalDesk, cryptography: any Cryptography
    ) {
        self.rooms = rooms
        self.configuration = configuration
        access = AccessControl(rooms.server, clock: rooms.clock, cryptography: cryptography)
        guardian = AddressGuard(rooms.server, clock: rooms.clock)
        clients = ClientRegistry(limit: rooms.server.maxConnections)
        sessions = SessionRegistry(rooms: rooms, cryptography: cryptography)
        relay = EventRelay(
            clients: clients, feed: rooms.hub.events, clock: rooms.clock, entropy: rooms.entropy)
        requests = ServerRequests(clients: clients, clock: rooms.clock, entropy: rooms.entropy)
        self.approvals = approvals
        approvals.add(requests)
        calls = AgentCalls(rooms.server)
        rates = QuestionRates(rooms.server)
        counters = PlaneCounters()
        agents = RemoteAgents(rooms: rooms, access: access, cursors: cursors, announced: remoteAgents)
        programs = ProgramSessions(limit: rooms.server.maxConnections)
        startedAt = rooms.clock.uptime
        startedOn = rooms.clock.now
    }

    var uptime: Duration { rooms.clock.uptime - startedAt }
}
