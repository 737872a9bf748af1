import PraisonCore

/// Puts an answer together from Chat Completions chunks. A whole (not streamed) answer is a single chunk whose
/// `message` stands where a chunk has its `delta`.
///
/// Source: https://platform.openai.com/docs/api-reference/chat/streaming
struct ChatChunkAssembler {
    /// Bytes of text, reasoning and refusal together.
    static let maximumText = 8 << 20

    private var text = ""
    private var reasoning = ""
    private var refusal = ""
    private var splitter = ThinkTagSplitter()
    private var toolCalls = ToolCallAssembler()
    private var finish: String?
    private var usage: TokenUsage?
    /// Whether anything was answered at all.
    private(set) var hasChoices = false

    /// Whether a chunk said why the model stopped: from here on an ended connection is an ended answer.
    var isFinished: Bool { finish != nil }

    /// Takes one chunk and returns what is new in it.
    ///
    /// The caller looks for an `error` beside the choices; what came with it is taken all the same.
    mutating func take(_ chunk: JSONDocument) throws(ModelError) -> [ModelEvent] {
        if let counted = chunk["usage"] ?? chunk["x_groq"]?["usage"] { usage = Self.usage(counted) ?? usage }
        // Azure's first chunk and everybody's usage chunk have no choices at all; of several choices one is answered.
        let choices = chunk["choices"]?.elements ?? []
        guard let choice = choices.first(where: { ($0["index"]?.integer ?? 0) == 0 }) else { return [] }
        hasChoices = true
        var events: [ModelEvent] = []
        if let delta = choice["delta"] ?? choice["message"] { events = try take(delta: delta) }
        if let reason = choice["finish_reason"]?.string, !reason.isEmpty { finish = reason }
        guard text.utf8.count + reasoning.utf8.count + refusal.utf8.count <= Self.maximumText else {
            throw ModelError(.transient, detail: "the model's answer has no end", isRetryable: false)
        }
        return events
    }

    /// What was held back to tell thinking from answering; to be asked for once, before ``response(model:makeID:)``.
    mutating func flush() -> [ModelEvent] {
        record(splitter.finish())
    }

    func response(model: String, makeID: () -> String) -> ModelResponse {
        ModelResponse(
            text: text, reasoning: reasoning, refusal: refusal, toolCalls: toolCalls.calls(makeID: makeID),
            finish: finishReason, usage: usage, model: model)
    }

    private mutating func take(delta: JSONDocument) throws(ModelError) -> [ModelEvent] {
        var events: [ModelEvent] = []
        let thought = Self.text(delta["reasoning_content"]) ?? Self.text(delta["reasoning"])
        if let thought, !thought.isEmpty {
            reasoning += thought
            events.append(.reasoning(thought))
        }
        if let content = Self.text(delta["content"]), !content.isEmpty { events += record(splitter.feed(content)) }
        if let more = delta["refusal"]?.string, !more.isEmpty {
            refusal += more
            events.append(.refusal(more))
        }
        for fragment in delta["tool_calls"]?.elements ?? [] {
            if let event = try toolCalls.take(fragment) { events.append(event) }
        }
        if let call = delta["function_call"], call.kind == .object, let event = try toolCalls.take(call) {
            events.append(event)
        }
        return events
    }

    private mutating func record(_ pieces: ThinkTagSplitter.Pieces) -> [ModelEvent] {
        var events: [ModelEvent] = []
        if !pieces.reasoning.isEmpty {
            reasoning += pieces.reasoning
            events.append(.reasoning(pieces.reasoning))
        }
        if !pieces.text.isEmpty {
            text += pieces.text
            events.append(.text(pieces.text))
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
