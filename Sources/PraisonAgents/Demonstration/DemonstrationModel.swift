import PraisonCore

/// The model that answers when nobody has configured one: a handful of rules that say so themselves, so that every
/// other part of the gateway can be tried without an account. The same conversation always gets the same answer.
struct DemonstrationModel: ModelProvider {
    static let label = "offline/demo"

    var name: String { Self.label }

    func complete(
        _ request: ModelRequest, emit: @escaping @Sendable (ModelEvent) async throws -> Void
    ) async throws -> ModelResponse {
        if let text = Self.formality(request) {
            try await emit(.text(text))
            return ModelResponse(text: text, usage: TokenUsage(input: 0, output: 0), model: name)
        }
        let conversation = request.messages.filter { $0.role != .system }
        let steps = Steps(conversation)
        let tools = request.toolChoice == .none ? [] : Set(request.tools.map(\.name))
        let script = DemonstrationScript(steps.conversation, tools: tools)
        if steps.results.isEmpty, !script.calls.isEmpty {
            let calls = script.calls.enumerated().map { index, call in
                ToolCall(
                    id: "demo_\(request.messages.count)_\(index)", name: call.name, arguments: call.arguments.text())
            }
            let usage = TokenUsage(input: TokenEstimate.tokens(of: request.messages), output: 8 * calls.count)
            return ModelResponse(text: "", toolCalls: calls, finish: .toolCalls, usage: usage, model: name)
        }
        let text = script.answer(after: steps.results)
        for piece in Self.pieces(of: text) {
            try Task.checkCancellation()
            try await emit(.text(piece))
        }
        let usage = TokenUsage(
            input: TokenEstimate.tokens(of: request.messages), output: TokenEstimate.tokens(of: text))
        return ModelResponse(text: text, usage: usage, model: name)
    }

    /// What it says where the agent itself asks: for a summary, or whether an answer may stand.
    private static func formality(_ request: ModelRequest) -> String? {
        if request.messages.last?.text == ModelAgent.lookingOver { return "KEEP" }
        guard request.messages.first?.text == ModelAgent.summingUp else { return nil }
        let asked = request.messages.last?.text.split(separator: "\n").filter { $0.hasPrefix("user: ") } ?? []
        let beginnings = asked.prefix(20).map { "“\($0.dropFirst(6).prefix(80))”" }
        return "(By rule, without a language model.) People said: " + beginnings.joined(separator: ", ")
    }

    /// The conversation up to its last question, and what tools have found out about that since.
    private struct Steps {
        var conversation: [ChatMessage]
        var results: [(call: ToolCall, result: ChatMessage)]

        init(_ messages: [ChatMessage]) {
            let end = messages.lastIndex { $0.role == .user }.map { $0 + 1 } ?? messages.count
            conversation = Array(messages[..<end])
            let since = messages[end...]
            let calls = Dictionary(since.flatMap(\.toolCalls).map { ($0.id, $0) }) { _, last in last }
            results = since.compactMap { message in
                guard message.role == .tool, let call = calls[message.toolCallID ?? ""] else { return nil }
                return (call, message)
            }
        }
    }

    /// Words with the white space before them, as language models send them.
    private static func pieces(of text: String) -> [String] {
        var pieces: [String] = []
        var piece = ""
        for character in text {
            if character.isWhitespace, piece.last?.isWhitespace == false {
                pieces.append(piece)
                piece = ""
            }
            piece.append(character)
        }
        return piece.isEmpty ? pieces : pieces + [piece]
    }
}
