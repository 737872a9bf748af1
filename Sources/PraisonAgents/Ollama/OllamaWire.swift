import PraisonCore

/// Ollama's own protocol, which unlike the compatible one lets the caller set the context's length.
///
/// Source: https://github.com/ollama/ollama/blob/main/docs/api.md
struct OllamaWire: ModelWire {
    /// Tokens of context asked for. The server's default is small and longer conversations are cut without a word.
    let contextLength: Int

    let framing = AnswerReader.Framing.lines

    func urls(at endpoint: ServerEndpoint, model: String, streams: Bool) -> [String] {
        endpoint.dropping(["api", "v1"]).urls(of: ["api", "chat"], version: nil)
    }

    func headers(for account: WireProvider.Account) -> HTTPHeaders { account.bearerHeaders }

    /// https://github.com/ollama/ollama/blob/main/docs/api.md: messages carry pictures, and nothing else.
    func takesFiles(at account: WireProvider.Account) -> Bool { false }

    func makeAssembler() -> any AnswerAssembler { OllamaLineAssembler() }

    func body(of request: ModelRequest, model: String, dialect: RequestDialect) -> JSONValue {
        var options: [String: JSONValue] = [
            "num_ctx": JSONValue(contextLength), "num_predict": JSONValue(request.maximumOutputTokens),
        ]
        if let temperature = request.temperature { options["temperature"] = JSONValue(temperature) }
        let calls = request.messages.flatMap(\.toolCalls)
        let names = Dictionary(calls.map { ($0.id, $0.name) }) { _, last in last }
        var body: [String: JSONValue] = [
            "model": .string(model), "stream": .bool(request.streams), "options": .object(options),
            "messages": .array(request.messages.map { Self.message($0, names) }),
        ]
        // There is no way to forbid tools but not to offer them.
        if !request.tools.isEmpty, request.toolChoice != .none {
            body["tools"] = .array(request.tools.map(ChatRequestBody.tool))
        }
        return .object(body)
    }

    private static func message(_ message: ChatMessage, _ names: [String: String]) -> JSONValue {
        var object: [String: JSONValue] = ["role": .string(message.role.rawValue), "content": .string(message.text)]
        if !message.images.isEmpty {
            object["images"] = .array(message.images.map { .string(Base64.encode($0.bytes)) })
        }
        if !message.toolCalls.isEmpty {
            object["tool_calls"] = .array(
                message.toolCalls.map { ["function": ["name": .string($0.name), "arguments": $0.argumentObject]] })
        }
        if let id = message.toolCallID { object["tool_name"] = .string(names[id] ?? id) }
        return .object(object)
    }
}
