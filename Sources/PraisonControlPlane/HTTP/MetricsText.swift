import PraisonCore

extension PlaneParts {
    /// The body of `/metrics`, in Prometheus' text format 0.0.4. The first names are the reference's.
    ///
    /// Source: https://prometheus.io/docs/instrumenting/exposition_formats/
    func metrics() async -> String {
        let status = await rooms.hub.status()
        let sessionCount = await sessions.count
        var text = MetricsText()
        text.add("active_sessions", .gauge, "Sessions in memory", sessionCount)
        text.add("admission_in_flight", .gauge, "Turns running", status.turnsRunning)
        text.add("admission_queued", .gauge, "Turns waiting", status.turnsQueued)
        text.add(
            "event_loop_lag_ms", .gauge, "Milliseconds by which the last heartbeat came late",
            Int(lateness.last.rounded()))
        text.add("inbox_pending", .gauge, "Events without an outcome yet", status.turnsRunning + status.turnsQueued)
        text.add("outbox_pending", .gauge, "Messages waiting to be sent", status.outboxPending)
        text.add("outbox_dead_letter", .gauge, "Messages given up", status.outboxDeadLetters)
        text.add("praisonai_clients", .gauge, "WebSocket clients connected", clients.count)
        text.add(
            "praisonai_connections_total", .counter, "WebSocket upgrades asked for", counters.connections.value)
        text.add(
            "praisonai_connections_refused_total", .counter, "WebSocket upgrades refused",
            counters.refusedConnections.value)
        text.add(
            "praisonai_connections_reaped_total", .counter, "Clients closed because nothing was heard of them",
            counters.reapedConnections.value)
        text.add(
            "praisonai_failed_turns_total", .counter, "Turns of WebSocket clients that failed",
            counters.failedTurns.value)
        text.add("praisonai_uptime_seconds", .gauge, "Seconds since the start", Int(uptime.inSeconds))
        for channel in status.channels {
            text.addSample(
                "praisonai_channel_up", .gauge, "Whether a channel receives",
                labels: [("channel", channel.name.rawValue), ("platform", channel.platform.rawValue)],
                channel.health.reason == nil ? 1 : 0)
        }
        return text.text
    }
}

/// Figures in Prometheus' text format.
struct MetricsText {
    enum Kind: String { case gauge, counter }

    private(set) var text = ""
    private var introduced: Set<String> = []

    mutating func add(_ name: String, _ kind: Kind, _ help: String, _ value: Int) {
        addSample(name, kind, help, labels: [], value)
    }

    mutating func addSample(
        _ name: String, _ kind: Kind, _ help: String, labels: [(name: String, value: String)], _ value: Int
    ) {
        if introduced.insert(name).inserted { text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n" }
        let list = labels.map { "\($0.name)=\"\(Self.escaped($0.value))\"" }.joined(separator: ",")
        text += "\(name)\(list.isEmpty ? "" : "{\(list)}") \(value)\n"
    }

    private static func escaped(_ value: String) -> String {
        var result = ""
        for character in value {
            switch character {
            case "\\": result += "\\\\"
            case "\"": result += "\\\""
            case "\n": result += "\\n"
            default: result.append(character)
            }
        }
        return result
    }
}
