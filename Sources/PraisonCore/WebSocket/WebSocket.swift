/// One message of a WebSocket (RFC 6455), put together from its frames.
public enum WebSocketMessage: Hashable, Sendable {
    case text(String)
    case binary([UInt8])
}

/// Why a WebSocket was closed (RFC 6455 §7.4).
public struct WebSocketCloseCode: RawRepresentable, Hashable, Sendable, ExpressibleByIntegerLiteral {
    public let rawValue: UInt16
    public init(rawValue: UInt16) { self.rawValue = rawValue }
    public init(integerLiteral value: UInt16) { rawValue = value }

    public static let normal: Self = 1000
    public static let goingAway: Self = 1001
    public static let protocolError: Self = 1002
    /// Never on the wire: the close frame carried no code.
    public static let noStatus: Self = 1005
    /// Never on the wire: the connection ended without a close frame.
    public static let abnormal: Self = 1006
    public static let invalidPayload: Self = 1007
    public static let policyViolation: Self = 1008
    public static let messageTooBig: Self = 1009
    public static let internalError: Self = 1011
    public static let tryAgainLater: Self = 1013
}

/// One end of an open WebSocket.
///
/// Pings are answered by the connection itself. Sending waits while the other end is slow to read.
public protocol WebSocketConnection: Sendable {
    /// The next message, or `nil` once the connection is closed; ``closeCode`` then tells why.
    func receive() async throws -> WebSocketMessage?
    func send(_ message: WebSocketMessage) async throws
    func ping(_ data: [UInt8]) async throws
    /// Starts or answers the closing handshake, without waiting for its end; whoever waits to send waits no more.
    /// Idempotent.
    func close(_ code: WebSocketCloseCode, reason: String)
    /// The code the other end gave, or that of our own failure; `nil` while open.
    var closeCode: WebSocketCloseCode? { get async }
    /// Bytes heard from the other end so far, answers to pings included: a number that stands still after a ping
    /// means that nobody is there any more.
    var bytesReceived: Int { get async }
    /// The other end's address.
    var peer: String? { get }
}

/// Thrown by a ``WebSocketConnection`` that can't send any more because it is closed.
public struct WebSocketClosed: Error, Hashable, Sendable {
    /// As far as it is known already.
    public let code: WebSocketCloseCode?
    public init(code: WebSocketCloseCode?) { self.code = code }
}

/// Serves WebSockets that clients open.
public protocol WebSocketHandler: Sendable {
    /// Owns `connection` until it returns; the connection is closed (1000, or 1011 when it throws) afterwards.
    func handle(_ connection: any WebSocketConnection) async throws
}

/// Opens WebSockets to servers.
public protocol WebSocketClient: Sendable {
    /// Connects to `url` (`ws:` or `wss:`) and lends the connection; it is closed when `body` returns.
    func connect<Value: Sendable>(
        to url: String, headers: HTTPHeaders, limits: WebSocketLimits,
        _ body: @Sendable (any WebSocketConnection) async throws -> Value
    ) async throws -> Value

    /// A fresh start for platforms that send one zlib stream (RFC 1950) over all messages of a connection; `nil` where
    /// that can't be undone, and must not be asked for.
    func zlibInflater() -> (any StreamInflater)?
}

extension WebSocketClient {
    public func zlibInflater() -> (any StreamInflater)? { nil }
}

public struct WebSocketLimits: Hashable, Sendable {
    /// Until the upgrade is answered.
    public var connect: Duration
    /// Bytes of one message after decompression; more closes with 1009 before anything is allocated.
    public var messageSize: Int

    public init(connect: Duration = .seconds(10), messageSize: Int = 1 << 20) {
        self.connect = connect
        self.messageSize = messageSize
    }
}

/// Why a WebSocket could not be opened.
public enum WebSocketConnectError: Error, Hashable, Sendable {
    case invalidURL(String)
    case transport(HTTPError)
    /// The server answered, but not with an upgrade.
    case refused(status: Int, body: String)
    case invalidHandshake(reason: String)
}
