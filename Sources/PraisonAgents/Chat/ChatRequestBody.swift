import PraisonCore

/// The body of a Chat Completions request.
///
/// Source: https://platform.openai.com/docs/api-reference/chat/create
enum ChatRequestBody {
    static func make(_ request: ModelRequest, model: String, dialect: RequestDialect) -> JSONValue {
        var body: [String: JSONValue] = [
            "model": .string(model),
            "messages": .array(request.messages.map(message)),
        ]
        if dialect.sendsLimit { body[dialect.limitField.rawValue] = JSONValue(request.maximumOutputTokens) }
        if dialect.sendsTemperature, let temperature = request.temperature {
            body["temperature"] = JSONValue(temperature)
        }
        if request.streams, dialect.sendsStream {
            body["stream"] = true
            if dialect.sendsStreamOptions { body["stream_options"] = ["include_usage": true] }
        }
        if !request.tools.isEmpty {
            body["tools"] = .array(request.tools.map(tool))
            switch request.toolChoice {
            case .automatic: break
            case .none: body["tool_choice"] = "none"
            case .required: body["tool_choice"] = "required"
            }
        }
        return .object(body)
    }

    private static func message(_ message: ChatMessage) -> JSONValue {
        var object: [String: JSONValue] = ["role": .string(message.role.rawValue), "content": .string(message.text)]
        if !message.toolCalls.isEmpty {
            object["tool_calls"] = .array(
                message.toolCalls.map { call in
                    [
                        "id": .string(call.id), "type": "function",
                        "function": ["name": .string(call.name), "arguments": .string(call.arguments)],
                    ]
                })
            if message.text.isEmpty { object["content"] = .null }
        }
        if !message.images.isEmpty || !message.files.isEmpty { object["content"] = .array(parts(of: message)) }
        if let id = message.toolCallID { object["tool_call_id"] = .string(id) }
        return .object(object)
    }

    private static func parts(of message: ChatMessage) -> [JSONValue] {
        let words: [JSONValue] = message.text.isEmpty ? [] : [["type": "text", "text": .string(message.text)]]
        let pictures = message.images.map { image -> JSONValue in
            ["type": "image_url", "image_url": ["url": .string(image.dataURL)]]
        }
        // https://platform.openai.com/docs/guides/pdf-files
        let files = message.files.map { file -> JSONValue in
            ["type": "file", "file": ["filename": .string(file.name), "file_data": .string(file.dataURL)]]
        }
        return words + pictures + files
    }

    static func tool(_ tool: ModelRequest.Tool) -> JSONValue {
        [
            "type": "function",
            "function": [
                "name": .string(tool.name), "description": .string(tool.description), "parameters": tool.parameters,
            ],
        ]
    }
}

extension InlineImage {
    /// `data:image/png;base64,…`.
    var dataURL: String { "data:\(mimeType);base64,\(Base64.encode(bytes))" }
}

extension InlineFile {
    /// `data:application/pdf;base64,…`.
    var dataURL: String { "data:\(mimeType);base64,\(Base64.encode(bytes))" }
}
