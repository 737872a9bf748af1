import PraisonCore

/// Asks a tool's service and reads its answer; every way it can fail becomes words for the model.
struct ServiceClient: Sendable {
    private static let limits = HTTPLimits(
        connect: .seconds(5), firstByte: .seconds(15), idle: .seconds(15), total: .seconds(20), bodySize: 2 << 20)

    let http: any HTTPClient
    /// For people and models: `the weather service`.
    let name: String
    /// What it does when it answers with 401 or 403.
    let refusal: String

    func json(_ url: String, headers: HTTPHeaders = [:], body: JSONValue? = nil) async throws -> JSONDocument {
        let bytes = try await bytes(url, headers: headers, body: body)
        do {
            return try JSONDocument(parsing: bytes)
        } catch {
            throw ToolError("\(name) answered with something that is no JSON")
        }
    }

    func bytes(_ url: String, headers: HTTPHeaders = [:], body: JSONValue? = nil) async throws -> [UInt8] {
        var request = HTTPRequest(
            body == nil ? .get : .post, url, headers: ["User-Agent": "praisonai"], limits: Self.limits)
        for field in headers.fields { request.headers.append(name: field.name, value: field.value) }
        if let body {
            request.headers["Content-Type"] = "application/json"
            request.body = body.bytes()
        }
        let response: HTTPResponse
        do {
            response = try await http.execute(request)
        } catch {
            try Task.checkCancellation()
            throw ToolError("\(name) can't be reached (\(error.detail))")
        }
        switch response.status {
        case 200..<300: return response.bytes
        case 401, 403: throw ToolError("\(name) \(refusal) (status \(response.status))")
        case 429: throw ToolError("\(name) has been asked too often; try again later")
        default: throw ToolError("\(name) answered with status \(response.status)")
        }
    }
}
