import PraisonCore

extension PlaneParts {
    /// The body of `/health`, in the reference's words. What this gateway does not have is told as it is for nobody.
    func health() async -> JSONValue {
        let status = await rooms.hub.status()
        let server = rooms.server
        let lastInbound = status.channels.compactMap(\.lastInboundAt).max()
        let body: [String: JSONValue] = [
            "status": .string(Self.word(for: status)),
            "uptime": JSONValue(uptime.inSeconds),
            "agents": JSONValue(rooms.hub.agents.count),
            "sessions": JSONValue(await sessions.count),
            "clients": JSONValue(clients.count),
            "channels": .object(
                Dictionary(status.channels.map { ($0.name.rawValue, $0.healthJSON) }) { first, _ in first }),
            "last_inbound_at": lastInbound.map { JSONValue($0.seconds) } ?? .null,
            "liveness": [
                "enabled": .bool(server.missedBeatsBeforeReap > 0),
                "interval_ms": JSONValue(Int(server.heartbeatInterval.inSeconds * 1000)),
                "missed_beats_before_reap": JSONValue(server.missedBeatsBeforeReap),
                "reaped_connections": JSONValue(counters.reapedConnections.value),
            ],
            "pressure": pressure(status),
        ]
        return .object(body.merging(configuration.json(at: rooms.clock.uptime)) { own, _ in own })
    }

    /// A channel that is parked until somebody mends it is no good health, though the gateway serves everybody else.
    private static func word(for status: GatewayStatus) -> String {
        if status.isDraining { return "draining" }
        let isAnyParked = status.channels.contains { if case .failed = $0.health { true } else { false } }
        return isAnyParked ? "degraded" : "healthy"
    }

    private func pressure(_ status: GatewayStatus) -> JSONValue {
        let limit = rooms.server.maxConcurrentRuns
        return [
            "admission_max": JSONValue(limit), "admission_in_flight": JSONValue(status.turnsRunning),
            "admission_queued": JSONValue(status.turnsQueued),
            // What can't run yet waits in the journal, however much it is.
            "admission_shed_total": 0,
            "inbox_pending": JSONValue(status.turnsQueued + status.turnsRunning),
            "outbox_pending": JSONValue(status.outboxPending),
            "outbox_dead_letter": JSONValue(status.outboxDeadLetters),
            "event_loop_lag_p99_ms": JSONValue(lateness.ninetyNinth),
            "pressure": status.turnsQueued > 1000 ? "high" : "nominal",
        ]
    }

    func readiness() async -> (isReady: Bool, body: JSONValue) {
        let status = await rooms.hub.status()
        let failing: [JSONValue] = status.isDraining ? ["draining"] : []
        return (
            failing.isEmpty,
            ["ready": .bool(failing.isEmpty), "failing": .array(failing), "uptime": JSONValue(uptime.inSeconds)]
        )
    }

    /// The body of `/info`.
    func info(_ principal: Principal) async -> JSONValue {
        let agents = rooms.hub.agents
        return [
            "name": "PraisonAI Gateway", "version": .string(Self.version),
            "protocol_version": JSONValue(Welcome.protocolVersion),
            "agents": .array(agents.map { .string($0.name.rawValue) }),
            "agent_details": .array(
                agents.map {
                    [
                        "id": .string($0.name.rawValue), "description": JSONValue($0.summary),
                        "model": .string($0.model),
                    ]
                }),
            "sessions": JSONValue(await sessions.count), "clients": JSONValue(clients.count),
            "api": [
                "openai": .bool(rooms.server.api.openAI), "mcp": .bool(rooms.server.api.mcp),
                "stream": .bool(rooms.server.api.stream),
            ],
            "scopes": .array(
                ClientScope.allCases.filter(principal.may).map { .string($0.rawValue) }),
        ]
    }

    static let version = "0.1.0"
}

extension GatewayStatus.Channel {
    var healthJSON: JSONValue {
        let isRunning =
            switch health {
            case .starting, .receiving, .degraded: true
            case .failed, .off: false
            }
        return [
            "platform": .string(platform.rawValue), "running": .bool(isRunning),
            "last_activity": lastInboundAt.map { JSONValue($0.seconds) } ?? .null,
            "ok": .bool(health.reason == nil), "state": .string(health.word), "reason": JSONValue(health.reason),
        ]
    }
}
