import PraisonCore

/// Answers with its name and what it was told, so that a replay shows who answers and costs nothing.
struct EchoAgent: Agent {
    let name: AgentName

    func reply(to turn: Turn, emit: @escaping @Sendable (ReplyPart) async throws -> Void) async throws -> Reply {
        let words = turn.input.map { message in
            let attachments = message.attachments.map { "[\($0.kind.rawValue)]" }
            return (attachments + (message.text.isEmpty ? [] : [message.text])).joined(separator: " ")
        }
        let text = "\(name) heard: \(words.joined(separator: "\n"))"
        try await emit(.text(text))
        return Reply(text: text, model: "replay/echo")
    }
}
