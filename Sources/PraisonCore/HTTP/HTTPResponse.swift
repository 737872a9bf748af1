import Synchronization

/// A response, just come in (`body` is `.bytes`) or on its way out.
public struct HTTPResponse: Sendable {
    public enum Body: Sendable {
        case bytes([UInt8])
        /// Sent chunk by chunk; the handler is asked for the next once the last is on its way.
        case stream(HTTPBodyStream)
        /// The connection becomes a WebSocket (status 101) and belongs to the handler until it returns.
        case webSocket(any WebSocketHandler)
    }

    public var status: Int
    public var headers: HTTPHeaders
    public var body: Body

    public init(status: Int, headers: HTTPHeaders = [:], body: Body = .bytes([])) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The whole body, where it is there as a whole.
    public var bytes: [UInt8] {
        if case .bytes(let bytes) = body { bytes } else { [] }
    }

    public static func text(_ text: String, status: Int = 200, type: String = "text/plain; charset=utf-8") -> Self {
        Self(status: status, headers: ["Content-Type": type], body: .bytes(Array(text.utf8)))
    }

    /// - Note: the type is `application/json` without a charset; some clients insist.
    public static func json(_ value: JSONValue, status: Int = 200) -> Self {
        Self(status: status, headers: ["Content-Type": "application/json"], body: .bytes(value.bytes()))
    }
}

/// A body that arrives in pieces. Take each piece once, from one task; the sender waits while nobody takes.
public struct HTTPBodyStream: AsyncSequence, Sendable {
    public struct AsyncIterator: AsyncIteratorProtocol {
        let pull: @Sendable () async throws -> [UInt8]?
        public mutating func next() async throws -> [UInt8]? { try await pull() }
    }

    private let pull: @Sendable () async throws -> [UInt8]?

    /// - Parameter next: the next piece, or `nil` at the end.
    public init(next: @escaping @Sendable () async throws -> [UInt8]?) { pull = next }

    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(pull: pull) }
}

extension HTTPBodyStream {
    /// A stream of one piece.
    public static func whole(_ bytes: [UInt8]) -> HTTPBodyStream {
        let rest = Mutex(bytes.isEmpty ? nil : Optional(bytes))
        return HTTPBodyStream {
            rest.withLock { rest in
                defer { rest = nil }
                return rest
            }
        }
    }
}
