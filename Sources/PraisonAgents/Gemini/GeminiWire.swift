import PraisonCore

/// Google's generateContent protocol.
///
/// Source: https://ai.google.dev/api/generate-content
struct GeminiWire: ModelWire {
    static let provider = "gemini"

    let framing = AnswerReader.Framing.events

    func urls(at endpoint: ServerEndpoint, model: String, streams: Bool) -> [String] {
        let name = model.hasPrefix("models/") ? String(model.dropFirst(7)) : model
        let operation = streams ? "streamGenerateContent" : "generateContent"
        return endpoint.urls(
            of: ["models", "\(FormEncoding.escape(name)):\(operation)"], version: "v1beta",
            parameters: streams ? "alt=sse" : "")
    }

    func headers(for account: WireProvider.Account) -> HTTPHeaders {
        // As a header, not in the URL, which ends up in logs.
        account.key.map { ["x-goog-api-key": $0.reveal()] } ?? [:]
    }

    func makeAssembler() -> any AnswerAssembler { GeminiChunkAssembler() }

    func body(of request: ModelRequest, model: String, dialect: RequestDialect) -> JSONValue {
        let conversation = AlternatingConversation(request.messages)
        var generation: [String: JSONValue] = ["maxOutputTokens": JSONValue(request.maximumOutputTokens)]
        if dialect.sendsTemperature, let temperature = request.temperature {
            generation["temperature"] = JSONValue(temperature)
        }
        let names = Self.callNames(in: request.messages)
        let given = Self.givenIDs(in: request.messages)
        var body: [String: JSONValue] = [
            "contents": .array(conversation.sides.map { Self.content($0, names, given) }),
            "generationConfig": .object(generation),
        ]
        if !conversation.system.isEmpty {
            body["systemInstruction"] = ["parts": [["text": .string(conversation.system)]]]
        }
        if !request.tools.isEmpty {
            body["tools"] = [["functionDeclarations": .array(request.tools.map(Self.declaration))]]
            let mode: String? =
                switch request.toolChoice {
                case .automatic: nil
                case .none: "NONE"
                case .required: "ANY"
                }
            if let mode { body["toolConfig"] = ["functionCallingConfig": ["mode": .string(mode)]] }
        }
        return .object(body)
    }

    private static func content(
        _ side: AlternatingConversation.Side, _ names: [String: String], _ given: Set<String>
    ) -> JSONValue {
        let parts = side.messages.flatMap { Self.parts(of: $0, names, given) }
        return ["role": side.isModel ? "model" : "user", "parts": .array(parts)]
    }

    private static func parts(
        of message: ChatMessage, _ names: [String: String], _ given: Set<String>
    ) -> [JSONValue] {
        if let parts = message.continuation(for: provider)?.array { return parts }
        if message.role == .tool {
            let id = message.toolCallID ?? ""
            let response: JSONValue =
                message.isError == true ? ["error": .string(message.text)] : ["result": .string(message.text)]
            var result: [String: JSONValue] = ["name": .string(names[id] ?? id), "response": response]
            if given.contains(id) { result["id"] = .string(id) }
            return [["functionResponse": .object(result)]]
        }
        var parts: [JSONValue] = message.images.map {
            ["inlineData": ["mimeType": .string($0.mimeType), "data": .string(Base64.encode($0.bytes))]]
        }
        // https://ai.google.dev/gemini-api/docs/document-processing
        parts += message.files.map {
            ["inlineData": ["mimeType": .string($0.mimeType), "data": .string(Base64.encode($0.bytes))]]
        }
        if !message.text.trimmed.isEmpty { parts.append(["text": .string(message.text)]) }
        return parts
            + message.toolCalls.map {
                ["functionCall": ["name": .string($0.name), "args": $0.argumentObject]]
            }
    }

    private static func declaration(_ tool: ModelRequest.Tool) -> JSONValue {
        var declaration: [String: JSONValue] = [
            "name": .string(tool.name), "description": .string(tool.description),
        ]
        // `parameters` takes a subset of OpenAPI only; this field takes any JSON schema. No properties, no schema.
        if tool.parameters["properties"]?.object?.isEmpty == false {
            declaration["parametersJsonSchema"] = tool.parameters
        }
        return .object(declaration)
    }

    /// A result says which function it is of; our messages say which call.
    private static func callNames(in messages: [ChatMessage]) -> [String: String] {
        let calls = messages.flatMap(\.toolCalls).map { ($0.id, $0.name) }
        return Dictionary(calls) { _, last in last }
    }

    /// The ids that the server itself gave its calls; it wants to see those, and no others.
    private static func givenIDs(in messages: [ChatMessage]) -> Set<String> {
        let parts = messages.compactMap { $0.continuation(for: provider)?.array }.flatMap { $0 }
        return Set(parts.compactMap { $0["functionCall"]?["id"]?.string })
    }
}
