import PraisonCore

/// The Chat Completions protocol: OpenAI's own, or any server that speaks like it.
///
/// Source: https://platform.openai.com/docs/api-reference/chat
struct ChatCompletionsWire: ModelWire {
    let framing = AnswerReader.Framing.events

    func urls(at endpoint: ServerEndpoint, model: String, streams: Bool) -> [String] {
        endpoint.urls(of: ["chat", "completions"], version: "v1")
    }

    func headers(for account: WireProvider.Account) -> HTTPHeaders { account.bearerHeaders }

    func body(of request: ModelRequest, model: String, dialect: RequestDialect) -> JSONValue {
        ChatRequestBody.make(request, model: model, dialect: dialect)
    }

    /// Of all that speak this protocol only these are known to read files; the others would refuse the request, each in
    /// words of its own, or answer as if there was none.
    func takesFiles(at account: WireProvider.Account) -> Bool {
        account.isOpenAI || account.endpoint.host == "openrouter.ai"
    }

    func makeAssembler() -> any AnswerAssembler { ChatChunkAssembler() }
}

extension WireProvider.Account {
    /// The key as OpenAI, and as Azure's rooms of it, want it.
    var bearerHeaders: HTTPHeaders {
        guard let key else { return [:] }
        return isAzure ? ["api-key": key.reveal()] : ["Authorization": "Bearer \(key.reveal())"]
    }
}
