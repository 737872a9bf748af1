public import PraisonCore
public import PraisonSimulation

/// A request to the REST API, an attachment or the gateway, read.
public struct DiscordCall: SimulatedCall {
    struct Upload: Hashable, Sendable {
        var name: String
        var mimeType: String?
        var content: [UInt8]
    }

    enum Kind: Hashable, Sendable {
        /// A method of the API, and the segments of its path after the version.
        case method(HTTPRequest.Method, [String])
        /// A file's content, by its number.
        case file(String)
        case gateway
        case elsewhere
    }

    let kind: Kind
    let token: String
    /// The body, `null` where there is none.
    let body: JSONValue
    let query: [String: String]
    /// By the number in `files[n]`.
    let uploads: [String: Upload]
    let host: String
    let request: HTTPRequest

    init(_ request: HTTPRequest) {
        self.request = request
        let authority = request.target.firstRange(of: "://").map { range in
            String(request.target[range.upperBound...].prefix { $0 != "/" && $0 != "?" })
        }
        host = request.headers["Host"] ?? authority ?? "simulator.test"
        query = Dictionary(request.query.map { ($0.name, $0.value) }) { _, last in last }
        let authorization = request.headers["Authorization"] ?? ""
        token = authorization.hasPrefix("Bot ") ? String(authorization.dropFirst(4)) : ""
        var segments = request.path.split(separator: "/").map { FormEncoding.unescape($0) }
        if request.headers["Upgrade"]?.lowercased() == "websocket" {
            kind = .gateway
        } else if segments.first == "attachments", segments.count > 1 {
            kind = .file(segments[1])
        } else if segments.first == "api" {
            segments.removeFirst()
            if segments.first?.first == "v" { segments.removeFirst() }
            kind = .method(request.method, segments)
        } else {
            kind = .elsewhere
        }
        if let form = MultipartBody(request) {
            let payload = form.parts.first { $0.name == "payload_json" }
            body = payload.flatMap { try? JSONDocument(parsing: $0.content).value } ?? .object([:])
            var uploads: [String: Upload] = [:]
            for part in form.parts where part.name.hasPrefix("files[") {
                uploads[String(part.name.dropFirst(6).prefix { $0 != "]" })] = Upload(
                    name: part.fileName ?? "file", mimeType: part.contentType, content: part.content)
            }
            self.uploads = uploads
        } else {
            body = (try? JSONDocument(parsing: request.body).value) ?? .null
            uploads = [:]
        }
    }

    public var name: String {
        switch kind {
        case .gateway: "GET /gateway"
        case .file(let id): "GET /attachments/\(id)"
        case .elsewhere: "\(request.method.rawValue) \(request.path)"
        case .method(let method, let path): "\(method.rawValue) /\(path.joined(separator: "/"))"
        }
    }

    public var parameters: [String: JSONValue] {
        var parameters = body.object ?? (body == .null ? [:] : ["body": body])
        for (name, value) in query { parameters[name] = .string(value) }
        if !uploads.isEmpty {
            parameters["files"] = .array(uploads.sorted { $0.key < $1.key }.map { .string($0.value.name) })
        }
        return parameters
    }
}

/// A refusal of the REST API.
struct APIRefusal: Error {
    var status: Int
    var code: Int
    var message: String
    /// What is wrong with which field, for 50035.
    var field: (name: String, message: String)?

    init(_ status: Int, _ code: Int, _ message: String, field: (name: String, message: String)? = nil) {
        self.status = status
        self.code = code
        self.message = message
        self.field = field
    }

    static let unauthorized = APIRefusal(401, 0, "401: Unauthorized")
    static let notFound = APIRefusal(404, 0, "404: Not Found")
    static let unknownChannel = APIRefusal(404, 10003, "Unknown Channel")
    static let unknownMessage = APIRefusal(404, 10008, "Unknown Message")
    static let unknownInteraction = APIRefusal(404, 10062, "Unknown interaction")
    static let unknownWebhook = APIRefusal(404, 10015, "Unknown Webhook")
    static let missingAccess = APIRefusal(403, 50001, "Missing Access")

    static func invalid(_ field: String, _ message: String) -> APIRefusal {
        APIRefusal(400, 50035, "Invalid Form Body", field: (field, message))
    }

    var response: HTTPResponse {
        var body: [String: JSONValue] = ["code": JSONValue(code), "message": .string(message)]
        if let field {
            let errors: JSONValue = [["code": "INVALID", "message": .string(field.message)]]
            body["errors"] = .object([field.name: ["_errors": errors]])
        }
        return .json(.object(body), status: status)
    }

    /// 429 with a scope: `user`, `shared` or `global`, or `cloudflare` for the proxy's, which is a page.
    static func tooMany(_ seconds: Double, scope: String) -> HTTPResponse {
        if scope == "cloudflare" {
            var page = HTTPResponse.text(
                "<html><body>error code: 1015</body></html>", status: 429, type: "text/html")
            page.headers["Retry-After"] = String(Int(seconds.rounded(.up)))
            return page
        }
        let isGlobal = scope == "global"
        var response = HTTPResponse.json(
            [
                "message": "You are being rate limited.", "retry_after": JSONValue(seconds), "global": .bool(isGlobal),
            ], status: 429)
        response.headers["Retry-After"] = String(Int(seconds.rounded(.up)))
        response.headers["X-RateLimit-Scope"] = scope
        if isGlobal { response.headers["X-RateLimit-Global"] = "true" }
        // Without it, SDKs take it for the proxy's.
        response.headers["Via"] = "1.1 google"
        return response
    }
}
