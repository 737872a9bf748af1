import PraisonCore

/// What the Bot API answers instead of a result. The HTTP status is the same as `error_code`.
///
/// Source: https://core.telegram.org/bots/api#making-requests
struct BotRefusal: Error, Hashable {
    var code: Int
    var description: String
    var retryAfter: Int?
    var migratedTo: Int64?

    init(_ code: Int, _ description: String) {
        self.code = code
        self.description = description
    }

    static func badRequest(_ reason: String) -> BotRefusal { BotRefusal(400, "Bad Request: \(reason)") }
    static func forbidden(_ reason: String) -> BotRefusal { BotRefusal(403, "Forbidden: \(reason)") }
    static func conflict(_ reason: String) -> BotRefusal { BotRefusal(409, "Conflict: \(reason)") }
    static let unauthorized = BotRefusal(401, "Unauthorized")
    static let notFound = BotRefusal(404, "Not Found")

    static func tooManyRequests(retryAfter seconds: Int) -> BotRefusal {
        var refusal = BotRefusal(429, "Too Many Requests: retry after \(seconds)")
        refusal.retryAfter = seconds
        return refusal
    }

    var response: HTTPResponse {
        var body: [String: JSONValue] = [
            "ok": false, "error_code": JSONValue(code), "description": .string(description),
        ]
        var parameters: [String: JSONValue] = [:]
        parameters["retry_after"] = retryAfter.map { JSONValue($0) }
        parameters["migrate_to_chat_id"] = migratedTo.map { JSONValue($0) }
        if !parameters.isEmpty { body["parameters"] = .object(parameters) }
        var response = HTTPResponse.json(.object(body), status: code)
        response.headers["Retry-After"] = retryAfter.map(String.init)
        return response
    }
}
