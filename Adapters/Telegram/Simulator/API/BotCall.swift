public import PraisonCore
public import PraisonSimulation

/// A request to the Bot API, read as its server reads it: the method's name in any case of letters, the parameters
/// from the query, an urlencoded form, a multipart form or a JSON object alike.
///
/// Source: https://core.telegram.org/bots/api#making-requests
public struct BotCall: SimulatedCall {
    struct Upload: Hashable, Sendable {
        var name: String
        var mimeType: String?
        var content: [UInt8]
    }

    enum Kind: Hashable, Sendable {
        case method(String)
        /// A file's content, by its path.
        case file(String)
        case elsewhere
    }

    let kind: Kind
    let token: String
    /// Objects and lists as JSON text.
    let fields: [String: String]
    let uploads: [String: Upload]

    init(_ request: HTTPRequest) {
        let path = request.path.split(separator: "/", omittingEmptySubsequences: false).map { String($0) }
        if path.count == 3, path[1].hasPrefix("bot") {
            token = FormEncoding.unescape(path[1].dropFirst(3))
            kind = .method(FormEncoding.unescape(path[2]))
            (fields, uploads) = Self.parameters(of: request)
        } else if path.count > 3, path[1] == "file", path[2].hasPrefix("bot") {
            token = FormEncoding.unescape(path[2].dropFirst(3))
            kind = .file(path[3...].map { FormEncoding.unescape($0) }.joined(separator: "/"))
            (fields, uploads) = ([:], [:])
        } else {
            (token, kind, fields, uploads) = ("", .elsewhere, [:], [:])
        }
    }

    init(method: String, token: String, fields: [String: String]) {
        kind = .method(method)
        self.token = token
        self.fields = fields
        uploads = [:]
    }

    public var name: String {
        switch kind {
        case .method(let method): method
        case .file(let path): "file/\(path)"
        case .elsewhere: "elsewhere"
        }
    }

    public var parameters: [String: JSONValue] {
        var parameters = fields.mapValues { text -> JSONValue in
            guard text.first == "{" || text.first == "[", let document = try? JSONDocument(parsing: text) else {
                return .string(text)
            }
            return document.value
        }
        for (name, upload) in uploads {
            parameters[name] = ["file": .string(upload.name), "size": JSONValue(upload.content.count)]
        }
        return parameters
    }

    // MARK: Reading the request

    private static func parameters(of request: HTTPRequest) -> ([String: String], [String: Upload]) {
        var fields: [String: String] = [:]
        var uploads: [String: Upload] = [:]
        for (name, value) in request.query { fields[name] = value }
        let type = (request.headers["Content-Type"] ?? "").lowercased()
        if type.hasPrefix("application/json") {
            let body = try? JSONDocument(parsing: request.body)
            for member in body?.members ?? [] where !member.value.isNull {
                fields[member.name] = member.value.scalarText ?? member.value.value.text()
            }
        } else if let form = MultipartBody(request) {
            for part in form.parts {
                if let fileName = part.fileName {
                    uploads[part.name] = Upload(name: fileName, mimeType: part.contentType, content: part.content)
                } else {
                    fields[part.name] = String(decoding: part.content, as: UTF8.self)
                }
            }
        } else if type.isEmpty || type.hasPrefix("application/x-www-form-urlencoded") {
            for (name, value) in FormEncoding.decode(String(decoding: request.body, as: UTF8.self)) {
                fields[name] = value
            }
        }
        return (fields, uploads)
    }

    // MARK: Reading the parameters

    /// - Returns: the text, or `nil` when it is missing or empty.
    func text(_ name: String) -> String? { fields[name].flatMap { $0.isEmpty ? nil : $0 } }

    func integer(_ name: String) -> Int64? { fields[name].flatMap(Int64.init) }

    /// Out of bounds is clamped, and what is no number is the default.
    func integer(_ name: String, default standard: Int, in bounds: ClosedRange<Int>) -> Int {
        let value = fields[name].flatMap(Int.init) ?? standard
        return min(max(value, bounds.lowerBound), bounds.upperBound)
    }

    func flag(_ name: String) -> Bool { ["true", "yes", "1"].contains((fields[name] ?? "").lowercased()) }

    /// An object given as JSON text.
    ///
    /// - Parameters:
    ///   - title: what the server calls it in its refusals.
    ///   - jsonTitle: the same, where it is no JSON at all.
    func object(
        _ name: String, named title: String, inJSON jsonTitle: String? = nil
    ) throws(BotRefusal) -> JSONDocument? {
        guard let text = text(name) else { return nil }
        guard let document = try? JSONDocument(parsing: text) else {
            throw .badRequest("can't parse \(jsonTitle ?? title) JSON object")
        }
        guard document.kind == .object else { throw .badRequest("object expected as \(title)") }
        return document
    }

    func json(_ name: String) -> JSONDocument? { text(name).flatMap { try? JSONDocument(parsing: $0) } }
}
