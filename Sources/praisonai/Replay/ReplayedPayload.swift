import PraisonCore

/// What became of one payload: the events in it, who may speak, who answers, and what the platform would be asked to do.
struct ReplayedPayload {
    /// One request to the platform, without credentials.
    struct Call: Equatable, Sendable {
        var name: String
        var parameters: [String: JSONValue]

        var json: JSONValue { ["call": .string(name), "parameters": .object(parameters)] }
    }

    var source: String
    var events: [GatewayEvent] = []
    /// Why it, or a part of it, could not be read.
    var problems: [String] = []
    /// `allow`, `ignore` or `pair`; `nil` where nobody speaks.
    var access: String?
    var agent: AgentName?
    var outbound: [Call] = []
    /// How it ended and why, for people.
    var note: String?

    /// One line of `replay --json`.
    var json: JSONValue {
        [
            "source": .string(source), "events": .array(events.map(\.replayJSON)), "access": JSONValue(access),
            "agent": JSONValue(agent?.rawValue), "outbound": .array(outbound.map(\.json)), "note": JSONValue(note),
        ]
    }

    func text(_ paint: Paint = Paint(isOn: false)) -> String {
        var lines = [paint.bold(source.escapingControls)]
        lines += events.map { "  event   " + Self.text(of: $0).escapingControls }
        if let access { lines.append("  access  \(access)") }
        if let agent { lines.append("  agent   \(agent)".escapingControls) }
        lines += outbound.map { "  call    \($0.name) \(JSONValue.object($0.parameters).text())".escapingControls }
        if let note { lines.append("  note    \(note)".escapingControls) }
        return lines.joined(separator: "\n")
    }

    private static func text(of event: GatewayEvent) -> String {
        guard let message = event.message else { return "\(event.type.rawValue) \(event.id)" }
        let place = message.conversation
        let thread = place.thread.map { " thread \($0)" } ?? ""
        let words = message.text.isEmpty ? "" : ": \(message.text)"
        return
            "\(message.kind.rawValue) in \(place.scope.rawValue) \(place.id)\(thread) by \(message.sender.id)\(words)"
    }
}
