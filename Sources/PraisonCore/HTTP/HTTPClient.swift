/// Asks servers. One client serves the whole process.
public protocol HTTPClient: Sendable {
    /// Sends `request` and waits for the whole response, whatever its status.
    func execute(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse

    /// Sends `request` and lends the response while its body still arrives; the transfer ends when `consume` returns.
    ///
    /// - Throws: ``HTTPError``, or what `consume` throws.
    func withStream<Value: Sendable>(
        _ request: HTTPRequest,
        _ consume: @Sendable (_ status: Int, _ headers: HTTPHeaders, _ body: HTTPBodyStream) async throws -> Value
    ) async throws -> Value
}

/// Answers requests: the gateway's own routes, webhooks, simulators.
public protocol HTTPHandler: Sendable {
    func respond(to request: HTTPRequest) async -> HTTPResponse
}

/// Why there is no response.
public struct HTTPError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Reason: Hashable, Sendable {
        case invalidURL
        /// A header field cannot be sent as it is.
        case invalidRequest
        case couldNotResolve
        case couldNotConnect
        /// The address is none that the request may go to, see ``HTTPRequest/Reach``.
        case forbiddenAddress
        case tls
        case connectTimeout
        case firstByteTimeout
        case idleTimeout
        case totalTimeout
        /// The connection ended before the response did.
        case closed
        case bodyTooLarge
        case cancelled
        case other
    }

    public var reason: Reason
    /// Whether the server may have received the request and acted on it. `false` means repeating is safe.
    public var mayHaveReachedServer: Bool
    /// For people; never holds credentials, so no URL with a path.
    public var detail: String

    public init(_ reason: Reason, mayHaveReachedServer: Bool, detail: String) {
        self.reason = reason
        self.mayHaveReachedServer = mayHaveReachedServer
        self.detail = detail
    }

    public var description: String { detail }
}
