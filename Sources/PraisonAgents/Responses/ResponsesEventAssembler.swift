import PraisonCore

/// Puts an answer together from the events of a Responses stream, or from a whole response.
///
/// What an item says when it is done counts more than the sum of its pieces.
///
/// Source: https://platform.openai.com/docs/api-reference/responses-streaming
struct ResponsesEventAssembler: AnswerAssembler {
    private struct Call {
        var item: String
        var id: String
        var name: String
        var arguments: String
    }

    private var answer = AnswerText()
    private var calls: [Call] = []
    /// Items that must come back before the results of their calls.
    private var items: [JSONValue] = []
    private var status: String?
    private var incompleteReason: String?
    private var usage: TokenUsage?
    private(set) var hasAnswer = false

    var isFinished: Bool { status != nil }
    var isDone: Bool { status != nil }

    func failure(in chunk: JSONDocument) -> JSONDocument? {
        if chunk["type"]?.string == "error" { return chunk["error"] ?? chunk }
        return chunk["error"] ?? chunk["response"]?["error"]
    }

    mutating func take(_ chunk: JSONDocument) throws(ModelError) -> [ModelEvent] {
        var events: [ModelEvent] = []
        switch chunk["type"]?.string {
        case "response.output_text.delta": events = more(chunk).map { [.text($0)] } ?? []
        case "response.refusal.delta": events = more(chunk).map { [.refusal($0)] } ?? []
        case "response.reasoning_summary_text.delta", "response.reasoning_text.delta":
            events = more(chunk).map { [.reasoning($0)] } ?? []
        case "response.output_item.added":
            guard let item = chunk["item"], item["type"]?.string == "function_call" else { break }
            events = try open(item).map { [$0] } ?? []
        case "response.function_call_arguments.delta":
            guard let position = position(of: chunk), let delta = chunk["delta"]?.string else { break }
            try set(calls[position].arguments + delta, at: position)
            events = [event(at: position, arguments: delta)]
        case "response.function_call_arguments.done":
            guard let position = position(of: chunk), let whole = chunk["arguments"]?.string else { break }
            try set(whole, at: position)
        case "response.output_item.done":
            if let item = chunk["item"] { events = try close(item) }
        case "response.completed", "response.incomplete", "response.failed":
            if let response = chunk["response"] { end(response) }
        case nil where chunk["object"]?.string == "response" || chunk["output"] != nil:
            for item in chunk["output"]?.elements ?? [] { events += try take(whole: item) }
            end(chunk)
        default: break
        }
        for event in events { try answer.take(event) }
        return events
    }

    func response(model: String, makeID: () -> String) -> ModelResponse {
        let made = calls.filter { !$0.name.isEmpty }.map { call in
            ToolCall(
                id: call.id.isEmpty ? makeID() : call.id, name: call.name,
                arguments: call.arguments.trimmed.isEmpty ? "{}" : call.arguments)
        }
        return ModelResponse(
            text: answer.text, reasoning: answer.reasoning, refusal: answer.refusal, toolCalls: made,
            finish: finish(hasCalls: !made.isEmpty), usage: usage, model: model,
            continuation: made.isEmpty
                ? nil : ModelContinuation(provider: ResponsesWire.provider, value: .array(items)))
    }

    // MARK: Items

    private func more(_ chunk: JSONDocument) -> String? {
        chunk["delta"]?.string.flatMap { $0.isEmpty ? nil : $0 }
    }

    private mutating func open(_ item: JSONDocument) throws(ModelError) -> ModelEvent? {
        guard calls.count < ToolCallAssembler.maximumCalls else {
            throw ModelError(.transient, detail: "the model asked for endlessly many tools", isRetryable: false)
        }
        hasAnswer = true
        let call = Call(
            item: item["id"]?.string ?? "", id: item["call_id"]?.string ?? "", name: item["name"]?.string ?? "",
            arguments: item["arguments"]?.string ?? "")
        calls.append(call)
        return event(at: calls.count - 1, arguments: call.arguments)
    }

    /// The item as its server finally means it.
    private mutating func close(_ item: JSONDocument) throws(ModelError) -> [ModelEvent] {
        hasAnswer = true
        items.append(item.value)
        guard item["type"]?.string == "function_call" else { return [] }
        let (name, id) = (item["name"]?.string ?? "", item["call_id"]?.string ?? "")
        let known = calls.lastIndex { call in
            call.id == id && !id.isEmpty || call.item == item["id"]?.string && !call.item.isEmpty
        }
        guard let known else { return try open(item).map { [$0] } ?? [] }
        calls[known].id = id.isEmpty ? calls[known].id : id
        calls[known].name = name.isEmpty ? calls[known].name : name
        if let arguments = item["arguments"]?.string { try set(arguments, at: known) }
        return []
    }

    private mutating func take(whole item: JSONDocument) throws(ModelError) -> [ModelEvent] {
        var events = try close(item)
        let parts = (item["content"]?.elements ?? []) + (item["summary"]?.elements ?? [])
        for part in parts {
            switch part["type"]?.string {
            case "output_text": if let text = part["text"]?.string { events.append(.text(text)) }
            case "refusal": if let text = part["refusal"]?.string { events.append(.refusal(text)) }
            case "summary_text", "reasoning_text":
                if let text = part["text"]?.string { events.append(.reasoning(text)) }
            default: break
            }
        }
        return events
    }

    /// Some servers leave the item's name out of its pieces; then it is the one opened last.
    private func position(of chunk: JSONDocument) -> Int? {
        guard let item = chunk["item_id"]?.string else { return calls.indices.last }
        return calls.lastIndex { $0.item == item } ?? calls.indices.last
    }

    private mutating func set(_ arguments: String, at position: Int) throws(ModelError) {
        guard arguments.utf8.count <= ToolCallAssembler.maximumArguments else {
            throw ModelError(.transient, detail: "the model wrote endless tool arguments", isRetryable: false)
        }
        calls[position].arguments = arguments
    }

    private func event(at position: Int, arguments: String) -> ModelEvent {
        .toolCall(position: position, id: calls[position].id, name: calls[position].name, arguments: arguments)
    }

    // MARK: The end

    private mutating func end(_ response: JSONDocument) {
        hasAnswer = true
        status = response["status"]?.string ?? "completed"
        incompleteReason = response["incomplete_details"]?["reason"]?.string
        guard let counted = response["usage"], let input = counted["input_tokens"]?.int else { return }
        usage = TokenUsage(
            input: max(input, 0), cachedInput: max(counted["input_tokens_details"]?["cached_tokens"]?.int ?? 0, 0),
            output: max(counted["output_tokens"]?.int ?? 0, 0))
    }

    private func finish(hasCalls: Bool) -> ModelResponse.FinishReason {
        switch (status, incompleteReason) {
        case ("incomplete", "max_output_tokens"): .length
        case ("incomplete", "content_filter"): .contentFilter
        case ("incomplete", .some(let word)): .other(word)
        default: hasCalls ? .toolCalls : .stop
        }
    }
}
