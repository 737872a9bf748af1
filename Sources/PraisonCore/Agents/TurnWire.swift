/// Turns and their answers as JSON, for agents that run in another process.
///
/// The words are those of the control plane: `snake_case`, and nothing that is not there.
extension Turn {
    public var wireJSON: JSONValue {
        var object: [String: JSONValue] = [
            "id": .string(id), "history": .array(history.map(\.wireJSON)), "input": .array(input.map(\.wireJSON)),
            "conversation": conversation.wireJSON, "sender": sender.wireJSON, "trust": .string(trust.rawValue),
        ]
        object["allowed_tools"] = allowedTools.map { .array($0.map(JSONValue.string)) }
        if !deniedTools.isEmpty { object["denied_tools"] = .array(deniedTools.map(JSONValue.string)) }
        if !askedBy.isEmpty { object["asked_by"] = .array(askedBy.map { .string($0.rawValue) }) }
        object["caller"] = caller?.wireJSON
        return .object(object)
    }

    /// - Returns: `nil` for what is no turn.
    public init?(wire: JSONDocument) {
        guard let id = wire["id"]?.string, let conversation = wire["conversation"].flatMap(Conversation.init(wire:)),
            let sender = wire["sender"].flatMap(Sender.init(wire:))
        else { return nil }
        self.init(
            id: id, history: ChatMessage.list(wire["history"]), input: ChatMessage.list(wire["input"]),
            conversation: conversation, sender: sender,
            trust: wire["trust"]?.string.flatMap(Routing.Binding.Trust.init) ?? .untrusted,
            allowedTools: wire["allowed_tools"]?.elements.compactMap(\.string),
            deniedTools: wire["denied_tools"]?.elements.compactMap(\.string) ?? [],
            caller: wire["caller"].map(CallerContext.init(wire:)),
            askedBy: wire["asked_by"]?.elements.compactMap(\.string).map(AgentName.init(rawValue:)) ?? [])
    }
}

extension Reply {
    public var wireJSON: JSONValue {
        var object: [String: JSONValue] = [
            "text": .string(text), "messages": .array(messages.map(\.wireJSON)), "model": JSONValue(model),
        ]
        if let usage {
            object["usage"] = [
                "input": JSONValue(usage.input), "cached_input": JSONValue(usage.cachedInput),
                "output": JSONValue(usage.output),
            ]
        }
        if !toolCalls.isEmpty { object["tool_calls"] = .array(toolCalls.map(\.wireJSON)) }
        return .object(object)
    }

    /// - Returns: `nil` for what is no reply.
    public init?(wire: JSONDocument) {
        guard let text = wire["text"]?.string else { return nil }
        let usage = wire["usage"].flatMap { usage in
            usage["input"]?.int.flatMap { input in
                usage["output"]?.int.map {
                    TokenUsage(input: input, cachedInput: usage["cached_input"]?.int ?? 0, output: $0)
                }
            }
        }
        let messages = wire["messages"].map { ChatMessage.list($0) }
        self.init(
            text: text, messages: messages?.isEmpty == false ? messages : nil, model: wire["model"]?.string,
            usage: usage, toolCalls: ToolCall.list(wire["tool_calls"]))
    }
}

extension ReplyPart {
    public var wireJSON: JSONValue {
        switch self {
        case .text(let text): ["text": .string(text)]
        case .reasoning(let text): ["reasoning": .string(text)]
        case .toolCall(let call): ["tool_call": call.wireJSON]
        case .toolResult(let id, let text, let isError):
            ["tool_result": ["id": .string(id), "text": .string(text), "is_error": .bool(isError)]]
        }
    }

    /// - Returns: `nil` for what is no part of a reply.
    public init?(wire: JSONDocument) {
        if let text = wire["text"]?.string {
            self = .text(text)
        } else if let text = wire["reasoning"]?.string {
            self = .reasoning(text)
        } else if let call = wire["tool_call"].flatMap(ToolCall.init(wire:)) {
            self = .toolCall(call)
        } else if let result = wire["tool_result"], let id = result["id"]?.string, let text = result["text"]?.string {
            self = .toolResult(id: id, text: text, isError: result["is_error"]?.bool ?? false)
        } else {
            return nil
        }
    }
}

extension AgentError {
    public var wireJSON: JSONValue {
        [
            "code": .string(kind.rawValue), "message": .string(detail),
            "retry_after_seconds": retryAfter.map { JSONValue($0.inSeconds) } ?? .null,
        ]
    }

    /// What is not understood is an internal error.
    public init(wire: JSONDocument) {
        let seconds = wire["retry_after_seconds"]?.double.flatMap { (0...86_400).contains($0) ? $0 : nil }
        self.init(
            wire["code"]?.string.flatMap(Kind.init) ?? .internal, detail: wire["message"]?.string ?? "no reason given",
            retryAfter: seconds.map { .seconds($0) })
    }
}

extension ChatMessage {
    public var wireJSON: JSONValue {
        var object: [String: JSONValue] = ["role": .string(role.rawValue), "text": .string(text)]
        if !toolCalls.isEmpty { object["tool_calls"] = .array(toolCalls.map(\.wireJSON)) }
        object["tool_call_id"] = toolCallID.map(JSONValue.string)
        object["is_error"] = isError.map(JSONValue.bool)
        object["timestamp"] = timestamp.map { JSONValue($0.seconds) }
        if let continuation {
            object["continuation"] = ["provider": .string(continuation.provider), "value": continuation.value]
        }
        if !attachments.isEmpty { object["attachments"] = .array(attachments.map(\.wireJSON)) }
        return .object(object)
    }

    /// - Returns: `nil` for what is no message.
    public init?(wire: JSONDocument) {
        guard let role = wire["role"]?.string.flatMap(Role.init), let text = wire["text"]?.string else { return nil }
        let continuation = wire["continuation"].flatMap { written in
            written["provider"]?.string.map {
                ModelContinuation(provider: $0, value: written["value"]?.value ?? .null)
            }
        }
        self.init(
            role, text, attachments: wire["attachments"]?.elements.compactMap(Attachment.init(wire:)) ?? [],
            toolCalls: ToolCall.list(wire["tool_calls"]), toolCallID: wire["tool_call_id"]?.string,
            isError: wire["is_error"]?.bool, timestamp: wire["timestamp"]?.double.map(Timestamp.init(seconds:)),
            continuation: continuation)
    }

    static func list(_ wire: JSONDocument?) -> [ChatMessage] {
        wire?.elements.compactMap(ChatMessage.init(wire:)) ?? []
    }
}

extension ToolCall {
    var wireJSON: JSONValue { ["id": .string(id), "name": .string(name), "arguments": .string(arguments)] }

    init?(wire: JSONDocument) {
        guard let id = wire["id"]?.string, let name = wire["name"]?.string else { return nil }
        self.init(id: id, name: name, arguments: wire["arguments"]?.string ?? "{}")
    }

    static func list(_ wire: JSONDocument?) -> [ToolCall] { wire?.elements.compactMap(ToolCall.init(wire:)) ?? [] }
}

extension CallerContext {
    var wireJSON: JSONValue {
        var object: [String: JSONValue] = [
            "input": .array(input.map(\.wireJSON)), "tool_choice": .string(toolChoice.rawValue),
            "tools": .array(
                tools.map {
                    [
                        "name": .string($0.name), "description": .string($0.description), "parameters": $0.parameters,
                    ]
                }),
        ]
        object["history"] = history.map { .array($0.map(\.wireJSON)) }
        object["instructions"] = instructions.map(JSONValue.string)
        object["temperature"] = temperature.map { JSONValue($0) }
        object["maximum_output_tokens"] = maximumOutputTokens.map { JSONValue($0) }
        return .object(object)
    }

    init(wire: JSONDocument) {
        let tools = wire["tools"]?.elements.compactMap { tool in
            tool["name"]?.string.map {
                ModelRequest.Tool(
                    name: $0, description: tool["description"]?.string ?? "",
                    parameters: tool["parameters"]?.value ?? [:])
            }
        }
        self.init(
            input: ChatMessage.list(wire["input"]), history: wire["history"].map { ChatMessage.list($0) },
            instructions: wire["instructions"]?.string, tools: tools ?? [],
            toolChoice: wire["tool_choice"]?.string.flatMap(ModelRequest.ToolChoice.init) ?? .automatic,
            temperature: wire["temperature"]?.double, maximumOutputTokens: wire["maximum_output_tokens"]?.int)
    }
}

extension Conversation {
    var wireJSON: JSONValue {
        var object: [String: JSONValue] = [
            "channel": .string(channel.rawValue), "id": .string(id.rawValue), "scope": .string(scope.rawValue),
        ]
        object["thread"] = thread.map { .string($0.rawValue) }
        return .object(object)
    }

    init?(wire: JSONDocument) {
        guard let channel = wire["channel"]?.string, let id = wire["id"]?.string,
            let scope = wire["scope"]?.string.flatMap(Scope.init)
        else { return nil }
        self.init(
            channel: ChannelName(channel), id: ID(id), scope: scope, thread: wire["thread"]?.string.map { Thread($0) })
    }
}

extension Sender {
    var wireJSON: JSONValue {
        [
            "id": .string(id.rawValue), "username": JSONValue(username), "display_name": JSONValue(displayName),
            "is_bot": .bool(isBot),
        ]
    }

    init?(wire: JSONDocument) {
        guard let id = wire["id"]?.string else { return nil }
        self.init(
            id: SenderID(id), username: wire["username"]?.string, displayName: wire["display_name"]?.string,
            isBot: wire["is_bot"]?.bool ?? false)
    }
}

extension Attachment {
    var wireJSON: JSONValue {
        var object: [String: JSONValue] = ["kind": .string(kind.rawValue)]
        object["file_name"] = fileName.map(JSONValue.string)
        object["mime_type"] = mimeType.map(JSONValue.string)
        object["title"] = title.map(JSONValue.string)
        object["size"] = size.map { JSONValue($0) }
        object["duration"] = duration.map { JSONValue($0) }
        return .object(object)
    }

    init?(wire: JSONDocument) {
        guard let kind = wire["kind"]?.string.flatMap(Kind.init) else { return nil }
        self.init(
            kind: kind, fileName: wire["file_name"]?.string, mimeType: wire["mime_type"]?.string,
            size: wire["size"]?.int, duration: wire["duration"]?.int, title: wire["title"]?.string)
    }
}
