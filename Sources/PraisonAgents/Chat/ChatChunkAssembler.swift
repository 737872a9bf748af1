import PraisonCore

/// Puts an answer together from Chat Completions chunks. A whole (not streamed) answer is a single chunk whose
/// `message` stands where a chunk has its `delta`.
///
/// Source: https://platform.openai.com/docs/api-reference/chat/streaming
struct ChatChunkAssembler: AnswerAssembler {
    private var answer = AnswerText()
    private var splitter = ThinkTagSplitter()
    private var toolCalls = ToolCallAssembler()
    private var finish: String?
    private var usage: TokenUsage?
    private(set) var hasAnswer = false

    var isFinished: Bool { finish != nil }

    mutating func take(_ chunk: JSONDocument) throws(ModelError) -> [ModelEvent] {
        if let counted = chunk["usage"] ?? chunk["x_groq"]?["usage"] { usage = Self.usage(counted) ?? usage }
        // Azure's first chunk and everybody's usage chunk have no choices at all; of several choices one is answered.
        let choices = chunk["choices"]?.elements ?? []
        guard let choice = choices.first(where: { ($0["index"]?.integer ?? 0) == 0 }) else { return [] }
        hasAnswer = true
        var events: [ModelEvent] = []
        if let delta = choice["delta"] ?? choice["message"] { events = try take(delta: delta) }
        if let reason = choice["finish_reason"]?.string, !reason.isEmpty { finish = reason }
        for event in events { try answer.take(event) }
        return events
    }

    /// What was held back to tell thinking from answering.
    mutating func flush() -> [ModelEvent] {
        let events = ModelEvent.events(of: splitter.finish())
        // At most the length of a tag: no size to be afraid of.
        for event in events { try? answer.take(event) }
        return events
    }

    func failure(in chunk: JSONDocument) -> JSONDocument? { ServerFailure.error(in: chunk) }

    func response(model: String, makeID: () -> String) -> ModelResponse {
        ModelResponse(
            text: answer.text, reasoning: answer.reasoning, refusal: answer.refusal,
            toolCalls: toolCalls.calls(makeID: makeID),
            finish: finishReason, usage: usage, model: model)
    }

    private mutating func take(delta: JSONDocument) throws(ModelError) -> [ModelEvent] {
        var events: [ModelEvent] = []
        let thought = Self.text(delta["reasoning_content"]) ?? Self.text(delta["reasoning"])
        if let thought, !thought.isEmpty { events.append(.reasoning(thought)) }
        if let content = Self.text(delta["content"]), !content.isEmpty {
            events += ModelEvent.events(of: splitter.feed(content))
        }
        if let more = delta["refusal"]?.string, !more.isEmpty { events.append(.refusal(more)) }
        for fragment in delta["tool_calls"]?.elements ?? [] {
            if let event = try toolCalls.take(fragment) { events.append(event) }
        }
        if let call = delta["function_call"], call.kind == .object, let event = try toolCalls.take(call) {
            events.append(event)
        }
        return events
    }

    private var finishReason: ModelResponse.FinishReason {
        switch finish {
        case "length": .length
        case "content_filter": .contentFilter
        case _ where !toolCalls.isEmpty: .toolCalls
        case "stop", nil: .stop
        case .some(let word): .other(word)
        }
    }

    /// Content is a string, or from some servers an array of parts.
    private static func text(_ content: JSONDocument?) -> String? {
        switch content?.kind {
        case .string: content?.string
        case .array: content?.elements.compactMap { $0["text"]?.string ?? $0.string }.joined()
        default: nil
        }
    }

    private static func usage(_ counted: JSONDocument) -> TokenUsage? {
        guard let input = counted["prompt_tokens"]?.int ?? counted["input_tokens"]?.int else { return nil }
        let output = counted["completion_tokens"]?.int ?? counted["output_tokens"]?.int ?? 0
        let cached = counted["prompt_tokens_details"]?["cached_tokens"]?.int ?? 0
        return TokenUsage(input: max(input, 0), cachedInput: max(cached, 0), output: max(output, 0))
    }
}
