import PraisonCore

/// A frame from the gateway to a process that serves an agent.
enum HostFrame: Sendable {
    struct Welcome: Sendable {
        var heartbeat: Duration
        var maxPayload: Int
        var colleagues: [AgentDescription]
    }

    case registered(Welcome)
    case refused(ServerMessage.HelloError)
    case ping
    case turn(id: String, Turn)
    case cancelled(id: String)
    case answer(id: String, Result<Reply, ToolError>)

    /// - Returns: `nil` for what is of no concern.
    init?(_ text: String) {
        guard let frame = try? JSONDocument(parsing: text), let type = frame["type"]?.string else { return nil }
        switch type {
        case "ping": self = .ping
        case "agent_registered":
            let agents = frame["agents"]?.elements.compactMap { agent in
                agent["name"]?.string.map {
                    AgentDescription(
                        name: AgentName($0), summary: agent["description"]?.string, model: agent["model"]?.string ?? "")
                }
            }
            self = .registered(
                Welcome(
                    heartbeat: .milliseconds(max(frame["heartbeat_ms"]?.int ?? 30_000, 10)),
                    maxPayload: frame["max_payload"]?.int ?? 1 << 20, colleagues: agents ?? []))
        case "hello_error", "error":
            // An error in the midst of work is about a turn that is over, and changes nothing.
            self = .refused(
                ServerMessage.HelloError(
                    code: Self.code(frame["code"]?.string), message: frame["message"]?.string ?? "refused",
                    nextStep: frame["next_step"]?.string, next: frame["next"]?.string,
                    retryAfter: frame["retry_after_seconds"]?.double.map { .milliseconds(Int(min($0, 3600) * 1000)) }))
        case "turn":
            guard let id = frame["turn_id"]?.string, let turn = frame["turn"].flatMap(Turn.init(wire:)) else {
                return nil
            }
            self = .turn(id: id, turn)
        case "turn_cancelled":
            guard let id = frame["turn_id"]?.string else { return nil }
            self = .cancelled(id: id)
        case "agent_answer":
            guard let id = frame["request_id"]?.string else { return nil }
            if let reply = frame["reply"].flatMap(Reply.init(wire:)) {
                self = .answer(id: id, .success(reply))
            } else {
                self = .answer(id: id, .failure(ToolError(frame["error"]?.string ?? "no answer")))
            }
        default: return nil
        }
    }

    /// A gateway that knows no agents from elsewhere, or does not want this one, won't change its mind.
    private static func code(_ code: String?) -> String {
        switch code {
        case "unknown_type"?, "agent_not_registered"?, "insufficient_scope"?, "invalid_frame"?: "configuration_error"
        default: code ?? ""
        }
    }
}
