import PraisonCore

/// An answer in the words of Chat Completions: whole, and as chunks of a stream.
///
/// Source: https://platform.openai.com/docs/api-reference/chat/object
struct ChatCompletion: AnswerWriter {
    private let id: String
    private let created: Int
    private let model: String
    private let includesUsage: Bool
    /// Whether the answer is shown while it grows.
    private let grows: Bool
    private var sent = SentText()

    init(id: String, created: Timestamp, model: AgentName, includesUsage: Bool = false, grows: Bool = true) {
        self.id = "chatcmpl-\(id)"
        self.created = Int(created.seconds)
        self.model = model.rawValue
        self.includesUsage = includesUsage
        self.grows = grows
    }

    // MARK: Whole

    func object(_ message: OutboundMessage) -> JSONValue {
        let calls = message.outcome?.toolCalls ?? []
        var answer: [String: JSONValue] = [
            "role": "assistant", "content": message.text.isEmpty && !calls.isEmpty ? .null : .string(message.text),
            "refusal": nil,
        ]
        if !calls.isEmpty { answer["tool_calls"] = .array(calls.map { Self.json($0) }) }
        var object = envelope("chat.completion")
        object["choices"] = [
            ["index": 0, "message": .object(answer), "logprobs": nil, "finish_reason": Self.finish(message)]
        ]
        object["usage"] = Self.usage(message.outcome?.usage)
        return .object(object)
    }

    private static func finish(_ message: OutboundMessage) -> JSONValue {
        message.outcome?.toolCalls?.isEmpty == false ? "tool_calls" : "stop"
    }

    private static func json(_ call: ToolCall, index: Int? = nil) -> JSONValue {
        var object: [String: JSONValue] = [
            "id": .string(call.id), "type": "function",
            "function": ["name": .string(call.name), "arguments": .string(call.arguments)],
        ]
        object["index"] = index.map { JSONValue($0) }
        return .object(object)
    }

    /// `nil` where the agent does not tell.
    private static func usage(_ usage: TokenUsage?) -> JSONValue? {
        usage.map {
            [
                "prompt_tokens": JSONValue($0.input), "completion_tokens": JSONValue($0.output),
                "total_tokens": JSONValue($0.input + $0.output),
                "prompt_tokens_details": ["cached_tokens": JSONValue($0.cachedInput)],
            ]
        }
    }

    private func envelope(_ object: String) -> [String: JSONValue] {
        [
            "id": .string(id), "object": .string(object), "created": JSONValue(created), "model": .string(model),
        ]
    }

    // MARK: Streamed

    mutating func begin() -> String { chunk(["role": "assistant", "content": ""]) }

    mutating func take(_ part: ReplyPart) -> String {
        guard grows else { return "" }
        switch part {
        case .text(let more):
            sent.add(more)
            return chunk(["content": .string(more)])
        // The field the compatible servers use; OpenAI's own has none.
        case .reasoning(let more): return chunk(["reasoning_content": .string(more)])
        // What the agent does with its own tools is its own business.
        case .toolCall, .toolResult: return ""
        }
    }

    mutating func end(_ message: OutboundMessage) -> String {
        var text = ""
        let rest = sent.rest(of: message.text)
        if !rest.isEmpty { text += chunk(["content": .string(rest)]) }
        let calls = message.outcome?.toolCalls ?? []
        if !calls.isEmpty {
            text += chunk([
                "tool_calls": .array(calls.enumerated().map { Self.json($0.element, index: $0.offset) })
            ])
        }
        text += chunk([:], finish: Self.finish(message))
        if includesUsage {
            var object = envelope("chat.completion.chunk")
            object["choices"] = []
            object["usage"] = Self.usage(message.outcome?.usage) ?? .null
            text += ServerSentEvent.text(.object(object))
        }
        return text + "data: [DONE]\n\n"
    }

    mutating func fail(_ refusal: APIRefusal) -> String { ServerSentEvent.text(refusal.openAIJSON) }

    private func chunk(_ delta: [String: JSONValue], finish: JSONValue = .null) -> String {
        var object = envelope("chat.completion.chunk")
        object["choices"] = [["index": 0, "delta": .object(delta), "logprobs": nil, "finish_reason": finish]]
        if includesUsage { object["usage"] = .null }
        return ServerSentEvent.text(.object(object))
    }
}
