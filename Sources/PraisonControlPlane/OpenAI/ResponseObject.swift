import PraisonCore

/// An answer in the words of the Responses API: whole, and as the events of a stream.
///
/// Source: https://platform.openai.com/docs/api-reference/responses-streaming
struct ResponseObject: AnswerWriter {
    let id: ResponseID
    private let created: Int
    private let model: String
    private let request: ResponseRequest
    private let grows: Bool
    private var sent = SentText()
    private var sequence = 0
    private var hasItem = false

    init(id: ResponseID, created: Timestamp, model: AgentName, request: ResponseRequest, grows: Bool = true) {
        self.id = id
        self.created = Int(created.seconds)
        self.model = model.rawValue
        self.request = request
        self.grows = grows
    }

    /// Whether somebody may ask for it again.
    var isStored: Bool { request.isStored }

    // MARK: Whole

    var underWay: JSONValue { object("in_progress") }

    var cancelled: JSONValue { object("cancelled") }

    func completed(_ message: OutboundMessage) -> JSONValue {
        object("completed", output: output(message), usage: message.outcome?.usage)
    }

    /// However the turn has ended.
    func ended(_ message: OutboundMessage) -> JSONValue {
        if message.outcome?.status == .stopped { return cancelled }
        do { return completed(try AgentAPI.answer(in: .end(message))) } catch { return failed(error) }
    }

    private func failed(_ refusal: APIRefusal) -> JSONValue {
        if refusal == .stopped { return cancelled }
        return object("failed", error: ["code": .string(refusal.code), "message": .string(refusal.message)])
    }

    private func output(_ message: OutboundMessage) -> [JSONValue] {
        let calls = message.outcome?.toolCalls ?? []
        let said = message.text.isEmpty && !calls.isEmpty ? [] : [item("completed", text: message.text)]
        return said + calls.map { call($0, "completed", arguments: $0.arguments) }
    }

    private func object(
        _ status: String, output: [JSONValue] = [], usage: TokenUsage? = nil, error: JSONValue = .null
    ) -> JSONValue {
        [
            "id": .string(id.text), "object": "response", "created_at": JSONValue(created), "status": .string(status),
            "background": .bool(request.isBackground),
            "error": error, "incomplete_details": nil, "instructions": JSONValue(request.caller.instructions),
            "max_output_tokens": request.caller.maximumOutputTokens.map { JSONValue($0) } ?? .null,
            "model": .string(model), "output": .array(output), "parallel_tool_calls": true,
            "previous_response_id": JSONValue(request.previous?.text),
            "reasoning": ["effort": nil, "summary": nil], "store": .bool(request.isStored),
            "temperature": request.caller.temperature.map { JSONValue($0) } ?? .null,
            "text": ["format": ["type": "text"]], "tool_choice": request.toolChoice, "tools": request.tools,
            "top_p": nil, "truncation": "disabled", "user": JSONValue(request.user), "metadata": request.metadata,
            "usage": usage.map { Self.usage($0) } ?? .null,
        ]
    }

    private static func usage(_ usage: TokenUsage) -> JSONValue {
        [
            "input_tokens": JSONValue(usage.input),
            "input_tokens_details": ["cached_tokens": JSONValue(usage.cachedInput)],
            "output_tokens": JSONValue(usage.output), "output_tokens_details": ["reasoning_tokens": 0],
            "total_tokens": JSONValue(usage.input + usage.output),
        ]
    }

    private var itemID: String { "msg_\(id.own)" }

    private func item(_ status: String, text: String?) -> JSONValue {
        [
            "id": .string(itemID), "type": "message", "role": "assistant", "status": .string(status),
            "content": .array(text.map { [Self.part($0)] } ?? []),
        ]
    }

    private static func part(_ text: String) -> JSONValue {
        ["type": "output_text", "text": .string(text), "annotations": [], "logprobs": []]
    }

    private func call(_ call: ToolCall, _ status: String, arguments: String) -> JSONValue {
        [
            "id": .string("fc_\(call.id)"), "type": "function_call", "call_id": .string(call.id),
            "name": .string(call.name), "arguments": .string(arguments), "status": .string(status),
        ]
    }

    // MARK: Streamed

    mutating func begin() -> String {
        event("response.created", ["response": underWay]) + event("response.in_progress", ["response": underWay])
    }

    mutating func take(_ part: ReplyPart) -> String {
        guard grows, case .text(let more) = part, !more.isEmpty else { return "" }
        return delta(more)
    }

    private mutating func delta(_ more: String) -> String {
        var text = ""
        if !hasItem {
            hasItem = true
            text += event("response.output_item.added", ["output_index": 0, "item": item("in_progress", text: nil)])
            text += event("response.content_part.added", place.merging(["part": Self.part("")]) { $1 })
        }
        sent.add(more)
        return text
            + event("response.output_text.delta", place.merging(["delta": .string(more), "logprobs": []]) { $1 })
    }

    private var place: [String: JSONValue] {
        ["item_id": .string(itemID), "output_index": 0, "content_index": 0]
    }

    mutating func end(_ message: OutboundMessage) -> String {
        var message = message
        var text = ""
        let calls = message.outcome?.toolCalls ?? []
        let rest = sent.rest(of: message.text)
        if !rest.isEmpty || (calls.isEmpty && !hasItem) { text += delta(rest) }
        // What has been shown is what was said.
        if hasItem {
            message.text = sent.text
            text += event(
                "response.output_text.done", place.merging(["text": .string(sent.text), "logprobs": []]) { $1 })
            text += event("response.content_part.done", place.merging(["part": Self.part(sent.text)]) { $1 })
            text += event(
                "response.output_item.done", ["output_index": 0, "item": item("completed", text: sent.text)])
        }
        for (offset, one) in calls.enumerated() {
            let index = JSONValue(offset + (hasItem ? 1 : 0))
            let callPlace: [String: JSONValue] = ["item_id": .string("fc_\(one.id)"), "output_index": index]
            text += event(
                "response.output_item.added",
                ["output_index": index, "item": call(one, "in_progress", arguments: "")])
            text += event(
                "response.function_call_arguments.delta",
                callPlace.merging(["delta": .string(one.arguments)]) { $1 })
            text += event(
                "response.function_call_arguments.done",
                callPlace.merging(["arguments": .string(one.arguments), "name": .string(one.name)]) { $1 })
            text += event(
                "response.output_item.done",
                ["output_index": index, "item": call(one, "completed", arguments: one.arguments)])
        }
        return text + event("response.completed", ["response": completed(message)])
    }

    mutating func fail(_ refusal: APIRefusal) -> String {
        event("response.failed", ["response": failed(refusal)])
    }

    private mutating func event(_ type: String, _ fields: [String: JSONValue]) -> String {
        var object = fields
        object["type"] = .string(type)
        object["sequence_number"] = JSONValue(sequence)
        sequence += 1
        return ServerSentEvent.text(.object(object), name: type)
    }
}
