import PraisonCore

/// Puts an answer together from the lines of `/api/chat`, or of the older `/api/generate`.
struct OllamaLineAssembler: AnswerAssembler {
    private var answer = AnswerText()
    private var splitter = ThinkTagSplitter()
    private var toolCalls = ToolCallAssembler()
    private var doneReason: String?
    private var usage: TokenUsage?
    private(set) var hasAnswer = false
    private(set) var isDone = false

    var isFinished: Bool { isDone }

    mutating func take(_ chunk: JSONDocument) throws(ModelError) -> [ModelEvent] {
        var events: [ModelEvent] = []
        let message = chunk["message"]
        if let thought = message?["thinking"]?.string ?? chunk["thinking"]?.string, !thought.isEmpty {
            events.append(.reasoning(thought))
        }
        if let text = message?["content"]?.string ?? chunk["response"]?.string {
            hasAnswer = true
            if !text.isEmpty { events += ModelEvent.events(of: splitter.feed(text)) }
        }
        for call in message?["tool_calls"]?.elements ?? [] {
            hasAnswer = true
            if let event = try toolCalls.take(whole: call) { events.append(event) }
        }
        if chunk["done"]?.bool == true {
            isDone = true
            doneReason = chunk["done_reason"]?.string
            usage = Self.usage(chunk)
        }
        for event in events { try answer.take(event) }
        return events
    }

    mutating func flush() -> [ModelEvent] {
        let events = ModelEvent.events(of: splitter.finish())
        for event in events { try? answer.take(event) }
        return events
    }

    func response(model: String, makeID: () -> String) -> ModelResponse {
        let calls = toolCalls.calls(makeID: makeID)
        let finish: ModelResponse.FinishReason =
            switch doneReason {
            case "length": .length
            case _ where !calls.isEmpty: .toolCalls
            case "stop", nil: .stop
            case .some(let word): .other(word)
            }
        return ModelResponse(
            text: answer.text, reasoning: answer.reasoning, toolCalls: calls, finish: finish, usage: usage,
            model: model)
    }

    /// The prompt's count is left out when the server still had it in mind.
    private static func usage(_ line: JSONDocument) -> TokenUsage? {
        guard let output = line["eval_count"]?.int else { return nil }
        return TokenUsage(input: max(line["prompt_eval_count"]?.int ?? 0, 0), output: max(output, 0))
    }
}
