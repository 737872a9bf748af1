import PraisonCore

/// Anthropic's Messages protocol.
///
/// Source: https://docs.anthropic.com/en/api/messages
struct AnthropicWire: ModelWire {
    static let provider = "anthropic"
    private static let version = "2023-06-01"

    let framing = AnswerReader.Framing.events

    func urls(at endpoint: ServerEndpoint, model: String, streams: Bool) -> [String] {
        endpoint.urls(of: ["messages"], version: "v1")
    }

    func headers(for account: WireProvider.Account) -> HTTPHeaders {
        var headers: HTTPHeaders = ["anthropic-version": Self.version]
        if let key = account.key { headers["x-api-key"] = key.reveal() }
        return headers
    }

    func makeAssembler() -> any AnswerAssembler { AnthropicEventAssembler() }

    func body(of request: ModelRequest, model: String, dialect: RequestDialect) -> JSONValue {
        let conversation = AlternatingConversation(request.messages)
        var body: [String: JSONValue] = [
            "model": .string(model), "max_tokens": JSONValue(request.maximumOutputTokens),
            "messages": .array(conversation.sides.map(Self.message)),
        ]
        if !conversation.system.isEmpty { body["system"] = .string(conversation.system) }
        if dialect.sendsTemperature, let temperature = request.temperature {
            body["temperature"] = JSONValue(min(max(temperature, 0), 1))
        }
        if request.streams { body["stream"] = true }
        if !request.tools.isEmpty {
            body["tools"] = .array(
                request.tools.map {
                    [
                        "name": .string($0.name), "description": .string($0.description),
                        "input_schema": $0.parameters,
                    ]
                })
            switch request.toolChoice {
            case .automatic: break
            case .none: body["tool_choice"] = ["type": "none"]
            case .required: body["tool_choice"] = ["type": "any"]
            }
        }
        return .object(body)
    }

    /// The results of tools have to stand before everything else a person says.
    private static func message(_ side: AlternatingConversation.Side) -> JSONValue {
        let results = side.messages.filter { $0.role == .tool }.map(result)
        let words = side.messages.filter { $0.role != .tool }.flatMap(blocks)
        return ["role": side.isModel ? "assistant" : "user", "content": .array(results + words)]
    }

    private static func result(_ message: ChatMessage) -> JSONValue {
        var block: [String: JSONValue] = [
            "type": "tool_result", "tool_use_id": .string(identifier(message.toolCallID ?? "")),
            "content": .string(message.text),
        ]
        if message.isError == true { block["is_error"] = true }
        return .object(block)
    }

    private static func blocks(_ message: ChatMessage) -> [JSONValue] {
        if let blocks = message.continuation(for: provider)?.array { return blocks }
        var blocks: [JSONValue] = message.images.map { image in
            [
                "type": "image",
                "source": [
                    "type": "base64", "media_type": .string(image.mimeType),
                    "data": .string(Base64.encode(image.bytes)),
                ],
            ]
        }
        // https://docs.anthropic.com/en/docs/build-with-claude/pdf-support
        blocks += message.files.map { file in
            [
                "type": "document", "title": .string(file.name),
                "source": [
                    "type": "base64", "media_type": .string(file.mimeType),
                    "data": .string(Base64.encode(file.bytes)),
                ],
            ]
        }
        // A blank block is refused, as are spaces at the end of the model's own words.
        let text = message.role == .assistant ? message.text.trimmed : message.text
        if !text.trimmed.isEmpty { blocks.append(["type": "text", "text": .string(text)]) }
        blocks += message.toolCalls.map { call in
            [
                "type": "tool_use", "id": .string(identifier(call.id)), "name": .string(call.name),
                "input": call.argumentObject,
            ]
        }
        return blocks
    }

    /// Calls that another provider named may hold characters this one refuses.
    private static func identifier(_ id: String) -> String {
        let isFit = !id.isEmpty && id.utf8.allSatisfy(isFit)
        return isFit ? id : "call_" + String(decoding: id.utf8.map { Self.isFit($0) ? $0 : 0x5F }, as: UTF8.self)
    }

    private static func isFit(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == 0x5F
            || byte == 0x2D
    }
}
