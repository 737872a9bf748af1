import PraisonCore

/// Puts an answer together from the events of a Messages stream, or from a whole message.
///
/// Source: https://docs.anthropic.com/en/docs/build-with-claude/streaming
struct AnthropicEventAssembler: AnswerAssembler {
    /// One block of the answer, as it will have to be sent back.
    private struct Block {
        var fields: [String: JSONValue]
        var type: String { fields["type"]?.string ?? "" }
        var text = ""
        /// A tool's input as far as it has come, or the text of a thought.
        var partial = ""
        var signature = ""
    }

    /// Blocks in one answer; more are a sign of a server gone astray.
    private static let maximumBlocks = 512

    private var answer = AnswerText()
    private var blocks: [Block] = []
    /// Where in `blocks` the server's numbers point to now.
    private var positions: [Int: Int] = [:]
    private var stopReason: String?
    private var input = 0
    private var cacheWritten = 0
    private var cacheRead = 0
    private var output = 0
    private var hasUsage = false
    private(set) var isDone = false

    var hasAnswer: Bool { !blocks.isEmpty || stopReason != nil }
    var isFinished: Bool { stopReason != nil }

    mutating func take(_ chunk: JSONDocument) throws(ModelError) -> [ModelEvent] {
        var events: [ModelEvent] = []
        switch chunk["type"]?.string {
        case "message_start":
            // A proxy may send it twice, or put two messages one behind the other: the numbers begin anew.
            positions = [:]
            if let message = chunk["message"] { events = try take(message: message) }
        case "message": events = try take(message: chunk)
        case "content_block_start":
            guard let block = chunk["content_block"] else { break }
            events = try open(block, number: chunk["index"]?.int ?? 0)
        case "content_block_delta":
            guard let delta = chunk["delta"] else { break }
            events = try take(delta, number: chunk["index"]?.int ?? 0)
        case "message_delta":
            if let reason = chunk["delta"]?["stop_reason"]?.string { stopReason = reason }
            count(chunk["usage"])
        case "message_stop": isDone = true
        default: break
        }
        for event in events { try answer.take(event) }
        return events
    }

    func response(model: String, makeID: () -> String) -> ModelResponse {
        let calls = blocks.filter { $0.type == "tool_use" }.map { block in
            ToolCall(
                id: block.fields["id"]?.string ?? makeID(), name: block.fields["name"]?.string ?? "",
                arguments: block.partial.trimmed.isEmpty ? "{}" : block.partial)
        }
        return ModelResponse(
            text: answer.text, reasoning: answer.reasoning, refusal: answer.refusal, toolCalls: calls,
            finish: finish(hasCalls: !calls.isEmpty), usage: usage, model: model,
            continuation: calls.isEmpty
                ? nil : ModelContinuation(provider: AnthropicWire.provider, value: .array(blocks.compactMap(Self.echo)))
        )
    }

    // MARK: Pieces

    private mutating func take(message: JSONDocument) throws(ModelError) -> [ModelEvent] {
        var events: [ModelEvent] = []
        for block in message["content"]?.elements ?? [] {
            events += try open(block, number: blocks.count)
            guard block["type"]?.string == "tool_use", let input = block["input"] else { continue }
            blocks[blocks.count - 1].partial = String(decoding: input.rawBytes, as: UTF8.self)
        }
        if let reason = message["stop_reason"]?.string { stopReason = reason }
        count(message["usage"])
        return events
    }

    private mutating func open(_ block: JSONDocument, number: Int) throws(ModelError) -> [ModelEvent] {
        guard blocks.count < Self.maximumBlocks else {
            throw ModelError(.transient, detail: "the answer has endlessly many blocks", isRetryable: false)
        }
        positions[number] = blocks.count
        var opened = Block(fields: block.value.object ?? [:])
        var events: [ModelEvent] = []
        switch opened.type {
        case "text":
            opened.text = block["text"]?.string ?? ""
            if !opened.text.isEmpty { events = [.text(opened.text)] }
        case "thinking":
            opened.partial = block["thinking"]?.string ?? ""
            opened.signature = block["signature"]?.string ?? ""
            if !opened.partial.isEmpty { events = [.reasoning(opened.partial)] }
        case "tool_use":
            events = [
                .toolCall(
                    position: callCount, id: block["id"]?.string ?? "", name: block["name"]?.string ?? "", arguments: ""
                )
            ]
        default: break
        }
        blocks.append(opened)
        return events
    }

    private mutating func take(_ delta: JSONDocument, number: Int) throws(ModelError) -> [ModelEvent] {
        guard let position = positions[number] else { return [] }
        switch delta["type"]?.string {
        case "text_delta":
            let more = delta["text"]?.string ?? ""
            blocks[position].text += more
            return more.isEmpty ? [] : [.text(more)]
        case "thinking_delta":
            let more = delta["thinking"]?.string ?? ""
            blocks[position].partial += more
            return more.isEmpty ? [] : [.reasoning(more)]
        case "signature_delta":
            blocks[position].signature += delta["signature"]?.string ?? ""
        case "input_json_delta":
            let more = delta["partial_json"]?.string ?? ""
            guard blocks[position].partial.utf8.count + more.utf8.count <= ToolCallAssembler.maximumArguments else {
                throw ModelError(.transient, detail: "the model wrote endless tool arguments", isRetryable: false)
            }
            blocks[position].partial += more
            guard blocks[position].type == "tool_use", !more.isEmpty else { break }
            let order = blocks[..<position].filter { $0.type == "tool_use" }.count
            let fields = blocks[position].fields
            return [
                .toolCall(
                    position: order, id: fields["id"]?.string ?? "", name: fields["name"]?.string ?? "",
                    arguments: more)
            ]
        default: break
        }
        return []
    }

    private var callCount: Int { blocks.filter { $0.type == "tool_use" }.count }

    // MARK: The end

    private func finish(hasCalls: Bool) -> ModelResponse.FinishReason {
        switch stopReason {
        case "max_tokens", "model_context_window_exceeded": .length
        case "refusal": .contentFilter
        case "end_turn", "stop_sequence", "tool_use", nil: hasCalls ? .toolCalls : .stop
        case .some(let word): .other(word)
        }
    }

    /// Cumulative: what comes later replaces what was said before.
    private mutating func count(_ usage: JSONDocument?) {
        guard let usage else { return }
        hasUsage = true
        input = usage["input_tokens"]?.int ?? input
        cacheWritten = usage["cache_creation_input_tokens"]?.int ?? cacheWritten
        cacheRead = usage["cache_read_input_tokens"]?.int ?? cacheRead
        output = usage["output_tokens"]?.int ?? output
    }

    /// `input_tokens` leaves out what was read from or written to the cache.
    private var usage: TokenUsage? {
        guard hasUsage else { return nil }
        let total = max(input, 0) + max(cacheWritten, 0) + max(cacheRead, 0)
        return TokenUsage(input: total, cachedInput: max(cacheRead, 0), output: max(output, 0))
    }

    /// The block as it has to come back; `nil` for blank text, which would be refused.
    private static func echo(_ block: Block) -> JSONValue? {
        var fields = block.fields
        switch block.type {
        case "text":
            guard !block.text.trimmed.isEmpty else { return nil }
            fields["text"] = .string(block.text)
        case "thinking":
            fields["thinking"] = .string(block.partial)
            if !block.signature.isEmpty { fields["signature"] = .string(block.signature) }
        case "tool_use":
            let call = ToolCall(id: "", name: "", arguments: block.partial)
            fields["input"] = call.argumentObject
        default: break
        }
        return .object(fields)
    }
}
