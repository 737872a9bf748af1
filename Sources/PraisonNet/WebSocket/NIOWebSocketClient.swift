public import Logging
import NIOCore
import NIOPosix
public import PraisonCore
import Synchronization

/// Opens WebSockets to servers: `ws:` and `wss:` with a verified certificate, through a proxy where the environment
/// names one.
public struct NIOWebSocketClient: WebSocketClient {
    public struct Configuration: Sendable {
        /// The authorities that may vouch for servers; `nil` for the system's.
        public var trust: TrustStore?
        /// Whether to offer permessage-deflate (RFC 7692).
        public var compressesMessages: Bool
        /// How long to wait for the other end's farewell before hanging up.
        public var closeTimeout: Duration

        public init(
            trust: TrustStore? = nil, compressesMessages: Bool = true, closeTimeout: Duration = .seconds(5)
        ) {
            self.trust = trust
            self.compressesMessages = compressesMessages
            self.closeTimeout = closeTimeout
        }
    }

    private let configuration: Configuration
    private let proxies: ProxySettings
    private let tls: ClientTLS
    private let logger: Logger

    public init(logger: Logger) { self.init(configuration: Configuration(), logger: logger) }

    public init(configuration: Configuration, logger: Logger) {
        self.init(configuration: configuration, proxies: .environment, logger: logger)
    }

    init(configuration: Configuration, proxies: ProxySettings, logger: Logger) {
        self.configuration = configuration
        self.proxies = proxies
        tls = ClientTLS(trust: configuration.trust)
        self.logger = logger
    }

    /// Connects, shakes hands and lends the connection to `body`.
    ///
    /// - Parameters:
    ///   - headers: sent along with the request; `Sec-WebSocket-Protocol` names the protocols to choose from.
    /// - Throws: `WebSocketConnectError` where there is no connection, or what `body` throws.
    public func connect<Value: Sendable>(
        to url: String, headers: HTTPHeaders = [:], limits: WebSocketLimits = WebSocketLimits(),
        _ body: @Sendable (any WebSocketConnection) async throws -> Value
    ) async throws -> Value {
        let url = try WebSocketURL(url)
        let webSocket = try await open(url, headers, limits)
        logger.debug("a WebSocket is open", metadata: ["server": "\(url.authority)"])
        do {
            let value = try await body(webSocket)
            webSocket.startClosing(.normal, reason: "")
            await webSocket.waitUntilClosed()
            return value
        } catch {
            webSocket.startClosing(error is CancellationError ? .goingAway : .internalError, reason: "")
            // Who is cancelled does not wait for a farewell.
            if Task.isCancelled { webSocket.hangUp() }
            await webSocket.waitUntilClosed()
            throw error
        }
    }

    public func zlibInflater() -> (any StreamInflater)? { ZlibInflater() }

    private func open(
        _ url: WebSocketURL, _ headers: HTTPHeaders, _ limits: WebSocketLimits
    ) async throws -> ChannelWebSocket {
        if let name = headers.unsendableName {
            throw WebSocketConnectError.invalidHandshake(reason: "header field \(name.debugDescription) can't be sent")
        }
        let proxy = try proxies.proxy(for: url)
        let upgrade = ClientUpgrade(
            url: url, headers: headers,
            options: WebSocketOptions(maxMessageSize: limits.messageSize, closeTimeout: configuration.closeTimeout),
            offersCompression: configuration.compressesMessages)
        let tls = url.isSecure ? try tls.context() : nil
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let opened = loop.makePromise(of: ChannelWebSocket.self)
        let connecting = ClientBootstrap(group: loop)
            .connectTimeout(TimeAmount(limits.connect))
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(
                .recvAllocator, value: AdaptiveRecvByteBufferAllocator(minimum: 64, initial: 512, maximum: 1 << 16)
            )
            .channelOption(.maxMessagesPerRead, value: 1)
            .connect(host: proxy?.host ?? url.host, port: proxy?.port ?? url.port)
        // Only now: one of a name's addresses that refuses is no failure while there are others.
        connecting.flatMapThrowing { channel in
            let secure: @Sendable () throws -> Void = {
                if let tls { try channel.pipeline.syncOperations.addHandler(tls.clientHandler(for: url.host)) }
                try upgrade.begin(on: channel, opened)
            }
            guard let proxy else { return try secure() }
            try ProxyConnector.connect(channel, to: url, through: proxy, failing: opened, then: secure)
        }.whenFailure { opened.fail(WebSocketConnectError(connecting: $0)) }
        let deadline = loop.scheduleTask(in: TimeAmount(limits.connect)) {
            opened.fail(WebSocketConnectError.timeout)
        }
        opened.futureResult.whenComplete { result in
            deadline.cancel()
            if case .failure = result { connecting.whenSuccess { $0.close(promise: nil) } }
        }
        return try await withTaskCancellationHandler {
            try await opened.futureResult.get()
        } onCancel: {
            opened.fail(CancellationError())
        }
    }
}

extension WebSocketConnectError {
    static let timeout = Self.transport(
        HTTPError(.connectTimeout, mayHaveReachedServer: false, detail: "the WebSocket did not open in time"))

    static let closed = Self.transport(
        HTTPError(.closed, mayHaveReachedServer: true, detail: "the server hung up before it answered"))

    init(connecting error: any Error) {
        let reason: HTTPError.Reason
        switch error {
        case let error as NIOConnectionError where error.connectionErrors.isEmpty: reason = .couldNotResolve
        case let error as NIOCore.ChannelError:
            if case .connectTimeout = error { reason = .connectTimeout } else { reason = .couldNotConnect }
        default: reason = .couldNotConnect
        }
        self = .transport(HTTPError(reason, mayHaveReachedServer: false, detail: Self.words(error, reason)))
    }

    private static func words(_ error: any Error, _ reason: HTTPError.Reason) -> String {
        guard let error = error as? NIOConnectionError else { return "could not connect: \(error)" }
        guard reason != .couldNotResolve else { return "could not find the address of \(error.host)" }
        let causes = error.connectionErrors.compactMap { ($0.error as? IOError)?.errnoCode }.map(systemMessage)
        return "could not connect to \(error.host):\(error.port): \(causes.first ?? "no answer")"
    }
}

/// What the connections of a client have in common, made when the first of them needs it.
private final class ClientTLS: Sendable {
    private let trust: TrustStore?
    private let cached = Mutex<TLSContext?>(nil)

    init(trust: TrustStore?) { self.trust = trust }

    func context() throws(WebSocketConnectError) -> TLSContext {
        if let context = cached.withLock({ $0 }) { return context }
        do {
            let context = TLSContext.client(trust: try trust ?? .system())
            cached.withLock { $0 = context }
            return context
        } catch {
            throw .transport(TLSError("\(error)").httpError)
        }
    }
}
