import PraisonCore
import Synchronization

/// Answers every request with the same bytes, cut as the test wants them.
final class CannedServer: HTTPHandler {
    private let status: Int
    private let headers: HTTPHeaders
    private let pieces: [[UInt8]]
    private let requests = Mutex<[HTTPRequest]>([])

    init(
        _ bytes: [UInt8], status: Int = 200, type: String = "text/event-stream", headers: HTTPHeaders = [:],
        pieceSize: Int? = nil
    ) {
        self.status = status
        var headers = headers
        headers["Content-Type"] = type
        self.headers = headers
        let size = max(pieceSize ?? bytes.count, 1)
        pieces = stride(from: 0, to: bytes.count, by: size).map { Array(bytes[$0..<min($0 + size, bytes.count)]) }
    }

    var seen: [HTTPRequest] { requests.withLock { $0 } }

    func respond(to request: HTTPRequest) async -> HTTPResponse {
        requests.withLock { $0.append(request) }
        let rest = Mutex(pieces[...])
        return HTTPResponse(
            status: status, headers: headers, body: .stream(HTTPBodyStream { rest.withLock { $0.popFirst() } }))
    }
}

/// Answers each request with the next of the responses, the last one again and again.
final class ScriptedServer: HTTPHandler {
    private let script: Mutex<[HTTPResponse]>
    private let requests = Mutex<[HTTPRequest]>([])

    init(_ responses: [HTTPResponse]) { script = Mutex(responses) }

    var seen: [HTTPRequest] { requests.withLock { $0 } }

    func respond(to request: HTTPRequest) async -> HTTPResponse {
        requests.withLock { $0.append(request) }
        return script.withLock { script in
            guard let first = script.first else { return HTTPResponse(status: 500) }
            if script.count > 1 { script.removeFirst() }
            return first
        }
    }
}

extension HTTPResponse {
    /// A whole good answer.
    static func answer(_ text: String) -> HTTPResponse {
        .json(["choices": [["index": 0, "message": ["content": .string(text)], "finish_reason": "stop"]]])
    }

    static func failing(
        _ status: Int, _ message: String = "broken", type: String = "", code: JSONValue = .null,
        headers: HTTPHeaders = [:]
    ) -> HTTPResponse {
        var response = HTTPResponse.json(
            ["error": ["message": .string(message), "type": .string(type), "code": code]], status: status)
        for field in headers.fields { response.headers.append(name: field.name, value: field.value) }
        return response
    }
}
