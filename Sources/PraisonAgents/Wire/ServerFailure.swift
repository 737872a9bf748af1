import PraisonCore

/// What a model's server says when it fails, and what that means for us.
///
/// Sources: https://platform.openai.com/docs/guides/error-codes, https://docs.anthropic.com/en/api/errors,
/// https://ai.google.dev/gemini-api/docs/troubleshooting; the other spellings are those of compatible servers.
struct ServerFailure {
    /// Bytes of a server's own words that go into a log.
    private static let maximumWords = 500

    var status: Int?
    var code: String
    var type: String
    var message: String
    /// How long the server wants to be left alone, where the body says so.
    var retryAfter: Duration?

    init(status: Int?, code: String, type: String, message: String) {
        self.status = status
        self.code = code
        self.type = type
        self.message = message
    }

    /// - Parameter error: the object (or text) under `error`.
    init(status: Int?, error: JSONDocument) {
        code = error["code"]?.scalarText ?? ""
        type = error["type"]?.string ?? error["status"]?.string ?? ""
        message = error["message"]?.string ?? error["detail"]?.string ?? error.scalarText ?? ""
        // A gateway that answers 200 tells the status it got in `code` (OpenRouter) or `status_code` (Groq).
        let inner = error["status_code"]?.int ?? Int(code)
        let isPlausible = inner.map { (400..<600).contains($0) } ?? false
        self.status = status ?? (isPlausible ? inner : nil)
        retryAfter = error["details"]?.elements.lazy.compactMap { Self.seconds($0["retryDelay"]?.string) }.first
        if message.isEmpty { message = String(decoding: error.rawBytes.prefix(4 * Self.maximumWords), as: UTF8.self) }
    }

    /// A failing status with whatever body came along: an error object, an array around one, HTML, nothing.
    init(status: Int, body: [UInt8]) {
        if let document = try? JSONDocument(parsing: body), let error = Self.error(in: document) {
            self.init(status: status, error: error)
        } else {
            let words = String(decoding: body.prefix(4 * Self.maximumWords), as: UTF8.self)
            self.init(status: status, code: "", type: "", message: words)
        }
    }

    /// The error inside an answer, wherever servers put it; `nil` when there is none.
    static func error(in document: JSONDocument) -> JSONDocument? {
        if let error = document["error"] {
            let isSaying = error.kind == .object || error.kind == .string && error.string?.isEmpty == false
            return isSaying ? error : nil
        }
        if let first = document[0]?["error"] { return first }
        // FastAPI and others: {"detail": …}, {"message": …} and no choices.
        guard document.kind == .object, document["choices"] == nil else { return nil }
        return document["detail"] != nil || document["message"]?.kind == .string ? document : nil
    }

    /// - Parameters:
    ///   - key: blanked wherever the server repeats it.
    ///   - headers: of the response, for the waiting time and the request's number.
    func modelError(key: Secret?, headers: HTTPHeaders, now: Timestamp) -> ModelError {
        let (kind, isRetryable) = meaning
        let advice = RetryAdvice(headers, now: now)
        var detail = status.map { "HTTP \($0)" } ?? "error in the answer"
        let words = LogText.line(message, key: key, limit: Self.maximumWords)
        if !words.isEmpty { detail += ": \(words)" }
        let label = LogText.line([type, code].filter { !$0.isEmpty }.joined(separator: ", "), key: key, limit: 100)
        if !label.isEmpty { detail += " (\(label))" }
        if let request = headers["x-request-id"] {
            detail += " [request \(LogText.line(request, key: key, limit: 80))]"
        }
        return ModelError(
            kind, detail: detail, isRetryable: advice.forbidsRetry ? false : advice.shouldRetry ?? isRetryable,
            retryAfter: advice.delay ?? retryAfter, status: status)
    }

    private var meaning: (AgentError.Kind, isRetryable: Bool) {
        let words = message.lowercased()
        if isQuota(words) { return (.billing, false) }
        if isOverflow(words) { return (.contextOverflow, false) }
        // Google answers a bad key with 400.
        if type == "INVALID_ARGUMENT", words.contains("api key") { return (.auth, false) }
        // LiteLLM says so with 400, as it says many things.
        if status == 400, words.contains("invalid model name") { return (.modelNotFound, false) }
        switch type {
        case "overloaded_error", "UNAVAILABLE": return (.overloaded, true)
        case "rate_limit_error", "rate_limit_exceeded", "RESOURCE_EXHAUSTED": return (.rateLimit, true)
        case "authentication_error", "permission_error", "UNAUTHENTICATED", "PERMISSION_DENIED":
            return (.auth, false)
        case "billing_error": return (.billing, false)
        case "not_found_error", "NOT_FOUND": return (.modelNotFound, false)
        case "request_too_large": return (.contextOverflow, false)
        default: break
        }
        switch code {
        case "invalid_api_key": return (.auth, false)
        case "model_not_found": return (.modelNotFound, false)
        case "rate_limit_exceeded": return (.rateLimit, true)
        default: break
        }
        switch status {
        case 401, 403, 407: return (.auth, false)
        case 402: return (.billing, false)
        case 404: return (.modelNotFound, false)
        case 408, 409, 425: return (.transient, true)
        case 413: return (.contextOverflow, false)
        case 429: return (.rateLimit, true)
        case 503, 529: return (.overloaded, true)
        case .some(500...): return (.transient, true)
        case .some: return (.invalidRequest, false)
        // Inside a stream there is no status; what is not plainly the request's fault is the server's.
        case nil: return type == "invalid_request_error" ? (.invalidRequest, false) : (.transient, true)
        }
    }

    /// `23s`, `1.5s`.
    private static func seconds(_ text: String?) -> Duration? {
        guard let text, text.hasSuffix("s"), let number = Double(text.dropLast()), number > 0 else { return nil }
        return .seconds(min(number, 86_400))
    }

    private func isQuota(_ words: String) -> Bool {
        code == "insufficient_quota" || type == "insufficient_quota" || code == "billing_hard_limit_reached"
            || words.contains("exceeded your current quota") || words.contains("credit balance is too low")
    }

    private func isOverflow(_ words: String) -> Bool {
        guard status == nil || status == 400 || status == 413 || status == 422 || status == 500 else { return false }
        let phrases = [
            "maximum context length", "prompt is too long", "context window", "exceeds the available context size",
            // Gemini; xAI; LM Studio, in two versions.
            "exceeds the maximum number of tokens", "maximum prompt length is", "context length of only",
            "greater than the context length",
            // Anthropic, with what the answer may take; Bedrock; Kimi; vLLM; Groq; Cohere; TGI; Z.ai; Ollama.
            "exceed context limit", "input is too long", "exceeded model token limit", "maximum model length",
            "reduce the length of the messages", "too many tokens", "tokens + `max_new_tokens` must be",
            "prompt exceeds max length", "prompt too long",
        ]
        return code == "context_length_exceeded" || type == "exceed_context_size_error"
            || phrases.contains(where: words.contains)
    }
}
