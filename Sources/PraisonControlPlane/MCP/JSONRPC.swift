import PraisonCore

/// One message of JSON-RPC 2.0.
///
/// Source: https://www.jsonrpc.org/specification
struct JSONRPCMessage: Sendable {
    enum Code {
        static let parseError = -32700
        static let invalidRequest = -32600
        static let methodNotFound = -32601
        static let invalidParams = -32602
        static let internalError = -32603
    }

    struct Failure: Error {
        var code: Int
        var message: String
        /// The request's; null where it is not known.
        var id: JSONValue = .null

        var response: JSONValue {
            ["jsonrpc": "2.0", "id": id, "error": ["code": JSONValue(code), "message": .string(message)]]
        }
    }

    /// `nil` for notifications.
    var id: JSONValue?
    /// `nil` for responses.
    var method: String?
    var params: JSONDocument?

    init(parsing body: [UInt8]) throws(Failure) {
        let document: JSONDocument
        do {
            document = try JSONDocument(parsing: body, maximumDepth: 64)
        } catch {
            throw Failure(code: Code.parseError, message: "\(error)")
        }
        if document.kind == .array {
            throw Failure(code: Code.invalidRequest, message: "batches are not taken; send one message at a time")
        }
        guard document.kind == .object, document["jsonrpc"]?.string == "2.0" else {
            throw Failure(code: Code.invalidRequest, message: "expected a JSON-RPC 2.0 message")
        }
        if let written = document["id"], !written.isNull {
            guard written.string != nil || written.integer != nil, (written.string?.utf8.count ?? 0) <= 256 else {
                throw Failure(code: Code.invalidRequest, message: "id must be a string or a whole number")
            }
            id = written.value
        }
        if let written = document["method"] {
            guard let word = written.string else {
                throw Failure(code: Code.invalidRequest, message: "method must be a string", id: id ?? .null)
            }
            method = word
        } else {
            guard id != nil, document["result"] != nil || document["error"] != nil else {
                throw Failure(code: Code.invalidRequest, message: "method is missing", id: id ?? .null)
            }
        }
        params = document["params"]
        if let params, params.kind != .object, !params.isNull {
            throw Failure(code: Code.invalidParams, message: "params must be an object", id: id ?? .null)
        }
    }

    static func result(_ id: JSONValue, _ result: JSONValue) -> JSONValue {
        ["jsonrpc": "2.0", "id": id, "result": result]
    }
}
