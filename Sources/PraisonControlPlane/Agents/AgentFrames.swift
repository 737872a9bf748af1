import PraisonCore

extension ClientFrame {
    /// What a process that serves agents says.
    enum AgentFrame: Hashable, Sendable {
        case register(RemoteAgents.Registration)
        /// Something said while it works.
        case part(ReplyPart, turn: String)
        case done(Reply, turn: String)
        case failed(AgentError, turn: String)
        /// A question to another agent; answered under `id`.
        case ask(AgentName, String, turn: String, id: String)
        case handOver(AgentName, turn: String, id: String)
    }

    static let agentFrameTypes = [
        "agent_register", "turn_part", "turn_done", "turn_failed", "agent_ask", "agent_hand_over",
    ]

    static func agentFrame(_ type: String, _ document: JSONDocument) throws(FrameRefusal) -> ClientFrame {
        func text(_ member: StaticString) throws(FrameRefusal) -> String {
            guard let text = document[member]?.string, !text.isEmpty else {
                throw FrameRefusal(code: .invalidFrame, message: "\(type) needs \(member), a text")
            }
            return text
        }
        switch type {
        case "agent_register": return .agent(.register(try registration(document)))
        case "turn_part":
            guard let part = document["part"].flatMap(ReplyPart.init(wire:)) else {
                throw FrameRefusal(
                    code: .invalidFrame,
                    message: "turn_part needs part: an object with text, reasoning, tool_call or tool_result")
            }
            return .agent(.part(part, turn: try text("turn_id")))
        case "turn_done":
            guard let reply = document["reply"].flatMap(Reply.init(wire:)) else {
                throw FrameRefusal(code: .invalidFrame, message: "turn_done needs reply: an object with text")
            }
            return .agent(.done(reply, turn: try text("turn_id")))
        case "turn_failed":
            guard let error = document["error"], error.kind == .object else {
                throw FrameRefusal(
                    code: .invalidFrame, message: "turn_failed needs error: an object with code, message")
            }
            return .agent(.failed(AgentError(wire: error), turn: try text("turn_id")))
        case "agent_ask":
            return .agent(
                .ask(
                    AgentName(try text("agent")), try text("question"), turn: try text("turn_id"),
                    id: try text("request_id")))
        default:
            return .agent(
                .handOver(AgentName(try text("agent")), turn: try text("turn_id"), id: try text("request_id")))
        }
    }

    private static func registration(_ document: JSONDocument) throws(FrameRefusal) -> RemoteAgents.Registration {
        let name = document["name"]?.string ?? ""
        guard (1...128).contains(name.utf8.count), !name.contains("/"),
            name.unicodeScalars.allSatisfy({ $0.value > 0x20 && $0.value != 0x7F })
        else {
            throw FrameRefusal(
                code: .invalidFrame, message: "name must be 1 to 128 bytes without spaces and slashes")
        }
        let concurrency = document["concurrency"]?.int ?? 1
        guard (1...1000).contains(concurrency) else {
            throw FrameRefusal(code: .invalidFrame, message: "concurrency must be 1 to 1000 turns at once")
        }
        let timeout = document["timeout"]?.double ?? 300
        guard (0.1...86_400).contains(timeout) else {
            throw FrameRefusal(code: .invalidFrame, message: "timeout must be 0.1 to 86400 seconds a turn")
        }
        return RemoteAgents.Registration(
            name: AgentName(name), summary: document["description"]?.string.map { String($0.prefix(1000)) },
            concurrency: concurrency, timeout: .seconds(timeout))
    }
}
