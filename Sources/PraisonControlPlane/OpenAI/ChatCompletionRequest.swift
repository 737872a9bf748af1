import PraisonCore

/// The body of `POST /v1/chat/completions`.
///
/// Source: https://platform.openai.com/docs/api-reference/chat/create
struct ChatCompletionRequest: Sendable {
    var model: String?
    /// With the conversation so far, which this API's callers keep themselves.
    var caller: CallerContext
    /// What the person said last.
    var text: String
    var streams: Bool
    /// Whether a stream ends with the tokens it took.
    var includesUsage: Bool
    var user: String?

    init(_ body: JSONDocument) throws(APIRefusal) {
        try OpenAIContent.refuseUnsupported(body)
        model = body["model"]?.string
        let (tools, choice) = try OpenAIContent.tools(body, isNested: true)
        let (messages, instructions) = try Self.messages(body["messages"])
        guard let last = messages.last, last.role != .assistant else {
            throw .invalid("the last message must be one to answer: of role user or tool", param: "messages")
        }
        // What was called for the last question belongs to it: calls and results must not be parted.
        let question = messages.lastIndex { $0.role == .user } ?? 0
        caller = CallerContext(
            input: Array(messages[question...]), history: Array(messages[..<question]), instructions: instructions,
            tools: tools, toolChoice: choice, temperature: try OpenAIContent.temperature(body),
            maximumOutputTokens: try OpenAIContent.count(body, "max_completion_tokens", "max_tokens"))
        text = messages[question].text
        streams = try OpenAIContent.flag(body, "stream", orElse: false)
        includesUsage = try OpenAIContent.flag(body["stream_options"], "include_usage", orElse: false)
        user = body["user"]?.string.map { String($0.prefix(256)) }
    }

    private static func messages(
        _ written: JSONDocument?
    ) throws(APIRefusal) -> (messages: [ChatMessage], instructions: String?) {
        guard let written, written.kind == .array, !written.elements.isEmpty else {
            throw .invalid("messages must be a list of at least one message", param: "messages")
        }
        guard written.elements.count <= OpenAIContent.maximumMessages else {
            throw .invalid("more than \(OpenAIContent.maximumMessages) messages", param: "messages")
        }
        var messages: [ChatMessage] = []
        var instructions: [String] = []
        for (index, message) in written.elements.enumerated() {
            let place = "messages[\(index)]"
            let text = try OpenAIContent.text(of: message["content"], "\(place).content")
            switch message["role"]?.string {
            case "system"?, "developer"?: instructions.append(text)
            case "user"?: messages.append(ChatMessage(.user, text))
            case "assistant"?:
                messages.append(ChatMessage(.assistant, text, toolCalls: try calls(message["tool_calls"], place)))
            case "tool"?:
                guard let id = message["tool_call_id"]?.string else {
                    throw .invalid("tool_call_id is missing: which call is this the result of?", param: place)
                }
                messages.append(ChatMessage(.tool, text, toolCallID: id))
            case let role:
                throw .invalid(
                    "role \(JSONValue(role.map { String($0.prefix(50)) }).text()) is not known; there are: system, "
                        + "developer, user, assistant, tool", param: "\(place).role")
            }
        }
        return (messages, instructions.isEmpty ? nil : instructions.joined(separator: "\n\n"))
    }

    private static func calls(_ written: JSONDocument?, _ place: String) throws(APIRefusal) -> [ToolCall] {
        var calls: [ToolCall] = []
        for call in written?.elements ?? [] {
            guard let id = call["id"]?.string, let name = call["function"]?["name"]?.string else {
                throw .invalid("a tool call needs id and function.name", param: "\(place).tool_calls")
            }
            calls.append(ToolCall(id: id, name: name, arguments: call["function"]?["arguments"]?.string ?? "{}"))
        }
        return calls
    }
}
