public import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
public import PraisonCore

/// An HTTP/1.1 server whose responses may be WebSockets.
///
/// ```swift
/// let server = HTTPServer(router, configuration: .init(port: 8765), logger: logger)
/// try await server.run { address in logger.info("listening on \(address.url)") }
/// ```
///
/// Every connection is served by one child task of ``run(onBound:)``, one request after the other. A handler whose
/// client goes away is cancelled at once; a WebSocket's handler is told by its connection instead.
public struct HTTPServer: Sendable {
    /// What a child task does.
    private enum Work: Sendable {
        case connection(HTTPConnection)
        case conversation(WebSocketConversation)
    }

    private let handler: any HTTPHandler
    private let configuration: Configuration
    private let logger: Logger
    private let fullness = RepeatedWarning()
    private let crowding = RepeatedWarning()

    public init(_ handler: any HTTPHandler, configuration: Configuration = .init(), logger: Logger) {
        self.handler = handler
        self.configuration = configuration
        self.logger = logger
    }

    /// Serves until cancelled; then takes no more connections, closes the idle ones, says goodbye to WebSockets (1001)
    /// and gives what is running at most the drain timeout.
    ///
    /// The process's limit of open files is raised to what the system allows; most begin with 1024.
    ///
    /// - Parameter onBound: told once where the server listens; it runs while the server serves.
    /// - Throws: ``HTTPServerError`` where the address can't be listened on.
    public func run(onBound: @escaping @Sendable (Address) async -> Void) async throws {
        FileLimit.raise()
        let connections = OpenConnections(
            limit: configuration.maxConnections, strangersPerPeer: configuration.maxStrangersPerPeer)
        let accepted = Mailbox<Work>()
        let listener = try await listen { channel in
            try accept(channel, into: accepted, connections)
        }
        let port = listener.localAddress?.port ?? configuration.port
        async let announced: Void = onBound(
            Address(host: configuration.host, port: port, isSecure: configuration.tls != nil))

        // Not a child task, which would be cancelled together with this one: what has begun may finish. It is awaited
        // right here, whatever happens.
        let serving = Task { [handler] in
            await withDiscardingTaskGroup { group in
                while let work = await accepted.next() {
                    group.addTask {
                        switch work {
                        case .connection(let connection):
                            guard let conversation = await connection.serve(handler) else {
                                return connections.remove(connection.channel)
                            }
                            connections.replace(by: conversation.webSocket)
                            // A task keeps the memory it once needed, and serving HTTP needs more than an idle
                            // WebSocket is to have.
                            if accepted.put(.conversation(conversation)) { return }
                            await conversation.run()
                            connections.remove(connection.channel)
                        case .conversation(let conversation):
                            await conversation.run()
                            connections.remove(conversation.webSocket.channel)
                        }
                    }
                }
            }
        }
        await withTaskCancellationHandler {
            await serving.value
        } onCancel: { [drainTimeout = configuration.drainTimeout] in
            listener.close(promise: nil)
            accepted.finish()
            connections.stop(cuttingAfter: drainTimeout, on: listener.eventLoop) { serving.cancel() }
        }
        // Whoever listens here next may do so at once.
        try? await listener.closeFuture.get()
        connections.finish()
        await announced
    }

    /// Serves while `body` runs, and cuts what is still open when it returns. For tests and simulators.
    public static func withServer<Value: Sendable>(
        _ handler: any HTTPHandler, configuration: Configuration = .init(), logger: Logger,
        _ body: @escaping @Sendable (Address) async throws -> Value
    ) async throws -> Value {
        var configuration = configuration
        configuration.drainTimeout = .zero
        let server = HTTPServer(handler, configuration: configuration, logger: logger)
        let addresses = Mailbox<Address>()
        return try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask {
                try await server.run { addresses.put($0) }
                return nil
            }
            group.addTask {
                guard let address = await addresses.next() else { throw CancellationError() }
                return try await body(address)
            }
            while let result = try await group.next() {
                guard let value = result else { continue }
                group.cancelAll()
                return value
            }
            throw CancellationError()
        }
    }

    // MARK: - Accepting

    private func listen(_ initialize: @escaping @Sendable (any Channel) throws -> Void) async throws -> any Channel {
        let bootstrap = ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.backlog, value: 1024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            // An idle connection keeps one receive buffer, so it begins small. One read at a time, because a second
            // one mostly finds nothing, and because less has then been read when reading pauses.
            .childChannelOption(
                .recvAllocator, value: AdaptiveRecvByteBufferAllocator(minimum: 64, initial: 512, maximum: 1 << 16)
            )
            .childChannelOption(.maxMessagesPerRead, value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try initialize(channel) }
            }
        do {
            return try await bootstrap.bind(host: configuration.host, port: configuration.port).get()
        } catch {
            throw HTTPServerError(host: configuration.host, port: configuration.port, cause: error)
        }
    }

    /// Runs on the new channel's event loop.
    private func accept(
        _ channel: any Channel, into accepted: Mailbox<Work>, _ connections: OpenConnections
    ) throws {
        let peer = channel.remoteAddress?.ipAddress
        let decoder = ByteToMessageHandler(
            HTTPRequestDecoder(
                leftOverBytesStrategy: .forwardBytes, informationalResponseStrategy: .drop,
                limitConfiguration: configuration.decoderLimits))
        let collector = RequestCollector(channel: channel, decoder: decoder, limits: configuration, peer: peer)
        let connection = HTTPConnection(
            channel: channel, collector: collector, connections: connections, configuration: configuration, peer: peer,
            logger: logger)
        let admission = connections.add(connection, from: configuration.isFamiliar(peer ?? "") ? nil : peer)
        // Before TLS, which costs much more than a connection.
        if admission == .crowded {
            warnOfCrowd(from: peer)
            return channel.close(promise: nil)
        }
        do {
            let pipeline = channel.pipeline.syncOperations
            if let tls = configuration.tls {
                let context = tls.current { logger.error("the earlier certificate stays in use: \($0)") }
                try pipeline.addHandler(TLSHandler.server(context))
            }
            try pipeline.addHandlers([decoder, collector])
        } catch {
            connections.remove(channel)
            throw error
        }
        if admission == .admitted {
            accepted.put(.connection(connection))
        } else {
            warnOfFullness(peer)
            collector.turnAway()
        }
    }

    private func warnOfCrowd(from peer: String?) {
        crowding.note { count in
            logger.warning(
                "closing connections of an address that has too many without being let in",
                metadata: ["peer": "\(peer ?? "?")", "count": "\(count)"])
        }
    }

    private func warnOfFullness(_ peer: String?) {
        fullness.note { count in
            logger.warning(
                "refusing connections: \(configuration.maxConnections) are open",
                metadata: ["peer": "\(peer ?? "?")", "count": "\(count)"])
        }
    }
}

extension HTTPServer.Configuration {
    fileprivate var decoderLimits: NIOHTTPDecoderLimitConfiguration {
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldSize = maxHeaderSize
        limits.maxHeaderListSize = maxHeaderSize
        limits.maxHeaderFieldCount = maxHeaderCount
        return limits
    }
}
