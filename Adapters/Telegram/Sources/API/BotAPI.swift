import PraisonCore

/// The Bot API over HTTP: one call, one answer.
///
/// The token is part of every address, so no address leaves this type: errors carry texts from which it is blanked.
///
/// Source: https://core.telegram.org/bots/api#making-requests
struct BotAPI: Sendable {
    let base: String
    let token: Secret
    let http: any HTTPClient

    /// For calls that answer at once.
    static let callLimits = HTTPLimits(connect: .seconds(10), firstByte: .seconds(30), idle: .seconds(15))
    /// For files on their way up: the answer comes after the last byte.
    static let uploadLimits = HTTPLimits(
        connect: .seconds(10), firstByte: .seconds(300), idle: .seconds(60), total: .seconds(600))

    /// - Returns: the answer's `result`.
    @discardableResult
    func call(
        _ method: String, _ parameters: [String: JSONValue] = [:], limits: HTTPLimits = callLimits
    ) async throws(BotAPIError) -> JSONDocument {
        try await answer(
            to: HTTPRequest(
                .post, address(of: method), headers: ["Content-Type": "application/json"],
                body: JSONValue.object(parameters).bytes(), limits: limits))
    }

    /// The same with files beside the parameters.
    @discardableResult
    func upload(_ method: String, _ form: MultipartForm) async throws(BotAPIError) -> JSONDocument {
        try await answer(
            to: HTTPRequest(
                .post, address(of: method), headers: ["Content-Type": form.contentType], body: form.bytes(),
                limits: Self.uploadLimits))
    }

    /// The content of a file that `getFile` told the path of.
    ///
    /// - Parameter limit: bytes; more end the transfer.
    func file(at path: String, limit: Int) async throws(BotAPIError) -> [UInt8] {
        let escaped = path.split(separator: "/").map { FormEncoding.escape(String($0)) }.joined(separator: "/")
        let limits = HTTPLimits(firstByte: .seconds(30), idle: .seconds(30), total: .seconds(300), bodySize: limit)
        let address = "\(base)/file/bot\(token.reveal())/\(escaped)"
        let response = try await execute(HTTPRequest(.get, address, limits: limits))
        guard response.status == 200 else { throw refusal(in: response) }
        return response.bytes
    }

    private func address(of method: String) -> String { "\(base)/bot\(token.reveal())/\(method)" }

    private func answer(to request: HTTPRequest) async throws(BotAPIError) -> JSONDocument {
        let response = try await execute(request)
        guard response.status == 200 else { throw refusal(in: response) }
        guard let body = try? JSONDocument(parsing: response.bytes, maximumDepth: 512), let ok = body["ok"]?.bool
        else {
            throw BotAPIError(.garbled(status: 200), "the answer is not the Bot API's")
        }
        guard ok else { throw refusal(in: response) }
        guard let result = body["result"] else {
            throw BotAPIError(.garbled(status: 200), "the answer has no result")
        }
        return result
    }

    private func execute(_ request: HTTPRequest) async throws(BotAPIError) -> HTTPResponse {
        do {
            return try await http.execute(request)
        } catch {
            throw BotAPIError(.noAnswer(error), redacted(error.detail))
        }
    }

    private func refusal(in response: HTTPResponse) -> BotAPIError {
        guard let body = try? JSONDocument(parsing: response.bytes), body["ok"]?.bool == false else {
            var error = BotAPIError(
                .garbled(status: response.status), "status \(response.status) without the Bot API's words")
            error.retryAfter = Self.wait(response.headers["Retry-After"].flatMap(Int64.init))
            return error
        }
        let parameters = body["parameters"]
        let description = body["description"]?.string ?? "no description"
        var error = BotAPIError(
            .refused(code: body["error_code"]?.int ?? response.status), redacted(String(description.prefix(300))))
        error.retryAfter = Self.wait(
            parameters?["retry_after"]?.integer ?? response.headers["Retry-After"].flatMap(Int64.init))
        error.migratedTo = parameters?["migrate_to_chat_id"]?.integer.map { Conversation.ID(String($0)) }
        return error
    }

    /// A day at most: more would be a mistake of somebody's.
    private static func wait(_ seconds: Int64?) -> Duration? {
        seconds.map { .seconds(min(max($0, 1), 86_400)) }
    }

    /// `text` without the token, whole or only its secret half, as it may be quoted by whoever wrote the text.
    private func redacted(_ text: String) -> String {
        let half = token.reveal().split(separator: ":").last.map { Secret(String($0)) }
        let blanked = token.redacting(text)
        return half?.redacting(blanked) ?? blanked
    }
}
