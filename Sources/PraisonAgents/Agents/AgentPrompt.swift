import PraisonCore

/// What an agent's model is sent: who it is, as much of the conversation as there is room for, and the question.
struct AgentPrompt: Sendable {
    let system: String

    init(_ settings: AgentSettings) {
        var parts = [settings.instructions.trimmed]
        if let name = settings.displayName?.trimmed, !name.isEmpty { parts.append("Your name: \(name)") }
        if let role = settings.role?.trimmed, !role.isEmpty { parts.append("Your role: \(role)") }
        if let goal = settings.goal?.trimmed, !goal.isEmpty { parts.append("Your goal: \(goal)") }
        if let backstory = settings.backstory?.trimmed, !backstory.isEmpty { parts.append("About you: \(backstory)") }
        parts.removeAll(where: \.isEmpty)
        if parts.isEmpty { parts = ["You are \(settings.name), a helpful assistant. You answer people in a chat."] }
        system = parts.joined(separator: "\n\n")
    }

    /// - Parameter budget: tokens for everything, by ``TokenEstimate``. The oldest turns go first, each as a whole; the
    ///   question stays whatever it takes.
    func messages(for turn: Turn, budget: Int) -> [ChatMessage] {
        // A summary of older turns is written as a system message; providers want those at the head.
        let summaries = turn.history.filter { $0.role == .system }.map(\.text.trimmed).filter { !$0.isEmpty }
        let head = ChatMessage(.system, ([system] + summaries).joined(separator: "\n\n"))
        let question = Self.merged(turn.input.compactMap(Self.plain), orElse: "(an empty message)")
        var room = budget - TokenEstimate.tokens(of: [head] + question)
        var kept: [[ChatMessage]] = []
        for exchange in Self.exchanges(turn.history).reversed() {
            room -= TokenEstimate.tokens(of: exchange)
            guard room >= 0 else { break }
            kept.append(exchange)
        }
        return [head] + Self.merged(kept.reversed().flatMap { $0 } + question)
    }

    /// The history cut before each question, so that nothing is ever sent without what it answers. What stands before
    /// the first question has lost its own.
    private static func exchanges(_ history: [ChatMessage]) -> [[ChatMessage]] {
        var exchanges: [[ChatMessage]] = []
        for message in history.compactMap(plain) {
            if message.role == .user, exchanges.last?.last?.role != .user {
                exchanges.append([message])
            } else if let last = exchanges.indices.last {
                exchanges[last].append(message)
            }
        }
        return exchanges
    }

    /// A message as text alone: its time and its attachments are said in words. `nil` when nothing is left.
    private static func plain(_ message: ChatMessage) -> ChatMessage? {
        guard message.role != .system else { return nil }
        var lines = message.attachments.map(label)
        if !message.text.trimmed.isEmpty { lines.append(message.text) }
        guard !lines.isEmpty || !message.toolCalls.isEmpty || message.role == .tool else { return nil }
        var text = lines.joined(separator: "\n")
        if let time = message.timestamp, message.role == .user { text = "[\(time.minuteText)] \(text)" }
        return ChatMessage(
            message.role, text, toolCalls: message.toolCalls, toolCallID: message.toolCallID, isError: message.isError,
            continuation: message.continuation, images: message.images)
    }

    private static func label(_ attachment: Attachment) -> String {
        let name = attachment.fileName ?? attachment.title ?? attachment.mimeType
        return name.map { "[\(attachment.kind.rawValue): \($0)]" } ?? "[\(attachment.kind.rawValue)]"
    }

    /// Neighbours of one role become one message: several servers refuse roles that don't alternate.
    private static func merged(_ messages: [ChatMessage], orElse fallback: String? = nil) -> [ChatMessage] {
        var result: [ChatMessage] = []
        for message in messages {
            if let last = result.last, last.role == message.role, message.role == .user || message.role == .assistant,
                last.toolCalls.isEmpty, message.toolCalls.isEmpty
            {
                result[result.count - 1].text += "\n\n\(message.text)"
            } else {
                result.append(message)
            }
        }
        if result.isEmpty, let fallback { return [ChatMessage(.user, fallback)] }
        return result
    }
}
