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
            return .agent(.done(try reply(document["reply"]), turn: try text("turn_id")))
        case "turn_failed":
            guard let error = document["error"], error.kind == .object else {
                throw FrameRefusal(
                    code: .invalidFrame, message: "turn_failed needs error: an object with code, message")
            }
            guard error["code"]?.string != nil, error["message"].map({ $0.string != nil }) ?? true,
                error["retry_after_seconds"].map({ ($0.double ?? -1) >= 0 }) ?? true
            else {
                throw FrameRefusal(
                    code: .invalidFrame,
                    message: "turn_failed: code and message must be texts, retry_after_seconds a number from 0")
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

    /// A reply whose every member is understood: what was left out would be missing from the conversation for good.
    private static func reply(_ document: JSONDocument?) throws(FrameRefusal) -> Reply {
        func refuse(_ problem: String) -> FrameRefusal {
            FrameRefusal(code: .invalidFrame, message: "turn_done: \(problem)")
        }
        guard let document, let reply = Reply(wire: document) else {
            throw FrameRefusal(code: .invalidFrame, message: "turn_done needs reply: an object with text")
        }
        if let written = document["messages"] {
            // Not the reply's own, which are the text where none of these could be read.
            let messages = written.elements.compactMap(ChatMessage.init(wire:))
            guard written.kind == .array, messages.count == written.elements.count else {
                throw refuse("messages must be a list of objects with role and text")
            }
            // What people have said, and what the gateway tells the model, is not the agent's to write.
            guard messages.allSatisfy({ $0.role == .assistant || $0.role == .tool }) else {
                throw refuse("a message's role must be assistant or tool")
            }
        }
        if let written = document["model"], written.string == nil { throw refuse("model must be a text") }
        if let usage = document["usage"] {
            let counts = [usage["input"], usage["output"], usage["cached_input"]]
            guard counts[0] != nil, counts[1] != nil, counts.allSatisfy({ $0 == nil || ($0?.int ?? -1) >= 0 }) else {
                throw refuse("usage must have input and output, whole numbers of tokens")
            }
        }
        if let calls = document["tool_calls"] {
            guard calls.kind == .array, calls.elements.count == reply.toolCalls.count else {
                throw refuse("tool_calls must be a list of objects with id and name")
            }
        }
        return reply
    }

    private static func registration(_ document: JSONDocument) throws(FrameRefusal) -> RemoteAgents.Registration {
        let name = document["name"]?.string ?? ""
        guard (1...128).contains(name.utf8.count), !name.contains("/"),
            name.unicodeScalars.allSatisfy({ $0.value > 0x20 && $0.value != 0x7F })
        else {
            throw FrameRefusal(
                code: .invalidFrame, message: "name must be 1 to 128 bytes without spaces and slashes")
        }
        var concurrency = 1
        if let written = document["concurrency"] {
            guard let count = written.int, (1...1000).contains(count) else {
                throw FrameRefusal(code: .invalidFrame, message: "concurrency must be 1 to 1000 turns at once")
            }
            concurrency = count
        }
        var timeout = 300.0
        if let written = document["timeout"] {
            guard let seconds = written.double, (0.1...86_400).contains(seconds) else {
                throw FrameRefusal(code: .invalidFrame, message: "timeout must be 0.1 to 86400 seconds a turn")
            }
            timeout = seconds
        }
        let summary = document["description"]
        guard summary == nil || summary?.string != nil else {
            throw FrameRefusal(code: .invalidFrame, message: "description must be a text")
        }
        return RemoteAgents.Registration(
            name: AgentName(name), summary: summary?.string.map { String($0.prefix(1000)) },
            concurrency: concurrency, timeout: .seconds(timeout))
    }
}
