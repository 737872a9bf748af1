import PraisonCore

/// OpenAI's Responses protocol.
///
/// Source: https://platform.openai.com/docs/api-reference/responses
struct ResponsesWire: ModelWire {
    static let provider = "responses"

    let framing = AnswerReader.Framing.events

    func urls(at endpoint: ServerEndpoint, model: String, streams: Bool) -> [String] {
        endpoint.urls(of: ["responses"], version: "v1")
    }

    func headers(for account: WireProvider.Account) -> HTTPHeaders { account.bearerHeaders }

    func makeAssembler() -> any AnswerAssembler { ResponsesEventAssembler() }

    func body(of request: ModelRequest, model: String, dialect: RequestDialect) -> JSONValue {
        let system = request.messages.filter { $0.role == .system }.map(\.text).joined(separator: "\n\n")
        var body: [String: JSONValue] = [
            "model": .string(model), "store": false,
            "input": .array(request.messages.filter { $0.role != .system }.flatMap(Self.items)),
        ]
        if !system.isEmpty { body["instructions"] = .string(system) }
        if dialect.sendsLimit { body["max_output_tokens"] = JSONValue(request.maximumOutputTokens) }
        if dialect.sendsTemperature, let temperature = request.temperature {
            body["temperature"] = JSONValue(temperature)
        }
        if request.streams, dialect.sendsStream { body["stream"] = true }
        // Nothing is stored there, so what a model thought has to travel, sealed, with the conversation.
        if RequestDialect.isReasoning(model) { body["include"] = ["reasoning.encrypted_content"] }
        if !request.tools.isEmpty {
            body["tools"] = .array(
                request.tools.map {
                    [
                        "type": "function", "name": .string($0.name), "description": .string($0.description),
                        "parameters": $0.parameters, "strict": false,
                    ]
                })
            switch request.toolChoice {
            case .automatic: break
            case .none: body["tool_choice"] = "none"
            case .required: body["tool_choice"] = "required"
            }
        }
        return .object(body)
    }

    /// Words alone. llama.cpp knows what an assistant said only in the shape in which it was answered.
    private static func item(of message: ChatMessage) -> JSONValue {
        guard message.role == .assistant else {
            return ["role": .string(message.role.rawValue), "content": .string(message.text)]
        }
        return [
            "type": "message", "role": "assistant",
            "content": [["type": "output_text", "text": .string(message.text)]],
        ]
    }

    private static func items(_ message: ChatMessage) -> [JSONValue] {
        if message.role == .tool {
            return [
                [
                    "type": "function_call_output", "call_id": .string(message.toolCallID ?? ""),
                    "output": .string(message.text),
                ]
            ]
        }
        if let items = message.continuation(for: provider)?.array { return items }
        var items: [JSONValue] = []
        if message.images.isEmpty, message.files.isEmpty {
            if !message.text.isEmpty { items.append(Self.item(of: message)) }
        } else {
            let words: [JSONValue] =
                message.text.isEmpty ? [] : [["type": "input_text", "text": .string(message.text)]]
            let pictures = message.images.map { image -> JSONValue in
                ["type": "input_image", "image_url": .string(image.dataURL)]
            }
            let files = message.files.map { file -> JSONValue in
                ["type": "input_file", "filename": .string(file.name), "file_data": .string(file.dataURL)]
            }
            items.append(["role": .string(message.role.rawValue), "content": .array(words + pictures + files)])
        }
        return items
            + message.toolCalls.map {
                [
                    "type": "function_call", "call_id": .string($0.id), "name": .string($0.name),
                    "arguments": .string($0.arguments),
                ]
            }
    }
}
