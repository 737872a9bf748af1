import PraisonCore

/// Puts an answer together from generateContent responses, each of which holds the parts that are new.
///
/// Source: https://ai.google.dev/api/generate-content#v1beta.GenerateContentResponse
struct GeminiChunkAssembler: AnswerAssembler {
    /// Parts in one answer; more are a sign of a server gone astray.
    private static let maximumParts = 100_000

    private struct Call {
        var id: String?
        var name: String
        var arguments: String
    }

    private var answer = AnswerText()
    private var calls: [Call] = []
    /// Parts that must come back as they are, neighbouring text joined.
    private var parts: [JSONValue] = []
    private var hasSignature = false
    private var finishReason: String?
    private var blockReason: String?
    private var usage: TokenUsage?
    private var hasCandidate = false
    private var partCount = 0

    var hasAnswer: Bool { hasCandidate || blockReason != nil }
    /// Older servers say STOP with every chunk, so the end of the stream is what ends the answer.
    var isFinished: Bool { finishReason != nil || blockReason != nil }

    mutating func take(_ chunk: JSONDocument) throws(ModelError) -> [ModelEvent] {
        if let counted = chunk["usageMetadata"] { usage = Self.usage(counted) }
        if let reason = chunk["promptFeedback"]?["blockReason"]?.string { blockReason = reason }
        let candidates = chunk["candidates"]?.elements ?? []
        guard let candidate = candidates.first(where: { ($0["index"]?.integer ?? 0) == 0 }) else { return [] }
        hasCandidate = true
        if let reason = candidate["finishReason"]?.string, reason != "FINISH_REASON_UNSPECIFIED" {
            finishReason = reason
        }
        var events: [ModelEvent] = []
        for part in candidate["content"]?["parts"]?.elements ?? [] {
            partCount += 1
            guard partCount <= Self.maximumParts else {
                throw ModelError(.transient, detail: "the model's answer has no end", isRetryable: false)
            }
            if let event = take(part: part) { events.append(event) }
        }
        for event in events { try answer.take(event) }
        return events
    }

    private mutating func take(part: JSONDocument) -> ModelEvent? {
        keep(part)
        if let call = part["functionCall"] {
            let arguments = call["args"].map { String(decoding: $0.rawBytes, as: UTF8.self) } ?? "{}"
            calls.append(Call(id: call["id"]?.scalarText, name: call["name"]?.string ?? "", arguments: arguments))
            return .toolCall(
                position: calls.count - 1, id: call["id"]?.scalarText ?? "", name: call["name"]?.string ?? "",
                arguments: arguments)
        }
        guard let text = part["text"]?.string, !text.isEmpty else { return nil }
        return part["thought"]?.bool == true ? .reasoning(text) : .text(text)
    }

    /// A signature belongs to its part; parts without one may be joined.
    private mutating func keep(_ part: JSONDocument) {
        if part["thoughtSignature"] != nil { hasSignature = true }
        let value = part.value
        if part["thoughtSignature"] == nil, part["thought"]?.bool != true, let text = part["text"]?.string,
            let last = parts.last, last["thoughtSignature"] == nil, last["thought"]?.bool != true,
            let earlier = last["text"]?.string
        {
            parts[parts.count - 1] = ["text": .string(earlier + text)]
        } else {
            parts.append(value)
        }
    }

    func response(model: String, makeID: () -> String) -> ModelResponse {
        let made = calls.filter { !$0.name.isEmpty }.map {
            ToolCall(id: $0.id ?? makeID(), name: $0.name, arguments: $0.arguments)
        }
        let echoed = parts.filter { $0["text"]?.string?.isEmpty != true || $0["thoughtSignature"] != nil }
        return ModelResponse(
            text: answer.text, reasoning: answer.reasoning, toolCalls: made, finish: finish(hasCalls: !made.isEmpty),
            usage: usage, model: model,
            continuation: hasSignature || !made.isEmpty
                ? ModelContinuation(provider: GeminiWire.provider, value: .array(echoed)) : nil)
    }

    private func finish(hasCalls: Bool) -> ModelResponse.FinishReason {
        if blockReason != nil, !hasCandidate { return .contentFilter }
        return switch finishReason {
        case "STOP", nil: hasCalls ? .toolCalls : .stop
        case "MAX_TOKENS": .length
        case "SAFETY", "RECITATION", "LANGUAGE", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "IMAGE_SAFETY":
            .contentFilter
        case .some(let word): .other(word)
        }
    }

    /// What the model thought is not counted among the candidates' tokens.
    private static func usage(_ counted: JSONDocument) -> TokenUsage? {
        let output = (counted["candidatesTokenCount"]?.int ?? 0) + (counted["thoughtsTokenCount"]?.int ?? 0)
        return TokenUsage(
            input: max(counted["promptTokenCount"]?.int ?? 0, 0),
            cachedInput: max(counted["cachedContentTokenCount"]?.int ?? 0, 0), output: max(output, 0))
    }
}
