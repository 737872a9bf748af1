import Logging
import NIOCore
import PraisonCore
import Synchronization

/// One client's connection: its requests are answered one after the other, until one of them makes it a WebSocket.
final class HTTPConnection: OpenConnection {
    /// What becomes of the connection after an answer.
    private enum Next: Sendable {
        case request
        case hangUp
        case cut
        case webSocket(any WebSocketHandler, ResponseHead, MessageCompression?)
    }

    /// A piece of an answer for which the client has the write timeout.
    private static let pieceSize = 256 << 10

    let channel: any Channel
    private let collector: NIOLoopBound<RequestCollector>
    private let requests: Mailbox<RequestCollector.Incoming>
    private let gone: Mailbox<Never>
    private let connections: OpenConnections
    private let configuration: HTTPServer.Configuration
    private let peer: String?
    private let logger: Logger
    private let isStopping = Atomic(false)

    /// Call it on the channel's event loop.
    init(
        channel: any Channel, collector: RequestCollector, connections: OpenConnections,
        configuration: HTTPServer.Configuration, peer: String?, logger: Logger
    ) {
        self.channel = channel
        self.collector = NIOLoopBound(collector, eventLoop: channel.eventLoop)
        requests = collector.requests
        gone = collector.gone
        self.connections = connections
        self.configuration = configuration
        self.peer = peer
        self.logger = logger
    }

    /// Answers requests until there are no more.
    ///
    /// - Returns: the conversation to go on with, where one of them has opened a WebSocket.
    func serve(_ handler: any HTTPHandler) async -> WebSocketConversation? {
        while let incoming = await requests.next() {
            connections.note(channel, isStranger: false)
            let next = await whileConnected { await self.answer(incoming, by: handler) }
            switch next {
            case .request:
                connections.note(channel, isStranger: true)
                continue
            case .hangUp:
                channel.eventLoop.execute { self.collector.value.hangUp() }
            case .webSocket(let handler, let head, let compression):
                return await upgrade(handler, head, compression)
            case .cut, nil:
                channel.close(promise: nil)
            }
            return nil
        }
        channel.close(promise: nil)
        return nil
    }

    /// Lets the answer under way be the last.
    func stop() {
        isStopping.store(true, ordering: .relaxed)
        channel.eventLoop.execute { self.collector.value.stop() }
    }

    /// Runs `work`, and cancels it once the client has gone, or the server's patience is at an end.
    private func whileConnected(_ work: @escaping @Sendable () async -> Next) async -> Next? {
        await withTaskGroup(of: Next?.self) { group in
            group.addTask { await work() }
            group.addTask { [gone] in
                _ = await gone.next()
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
    }

    // MARK: - Answers

    private func answer(_ incoming: RequestCollector.Incoming, by handler: any HTTPHandler) async -> Next {
        do {
            switch incoming {
            case .refusal(let response):
                let head = ResponseHead(
                    response, isHTTP11: true, framing: .length(response.bytes.count), isPersistent: false)
                try await write(head.bytes(followedBy: response.bytes), isEnd: false)
                return .hangUp
            case .request(let request):
                return try await send(checked(await handler.respond(to: request.request), to: request), to: request)
            }
        } catch {
            // The client has gone, or the body's source has failed; the client notices that the body is cut short.
            return .cut
        }
    }

    /// The response, or another one where the handler has made one that can't be sent.
    private func checked(_ response: HTTPResponse, to request: ReceivedRequest) -> HTTPResponse {
        var problem: String?
        if let name = response.headers.unsendableName {
            problem = "header field \(name.debugDescription) can't be sent"
        }
        switch response.body {
        case .webSocket:
            if let refusal = WebSocketHandshake.refusal(of: request.request, isHTTP11: request.isHTTP11) {
                return refusal
            }
            let offered = request.request.headers.values(of: "Sec-WebSocket-Protocol").flatMap {
                $0.split(separator: ",")
            }
            if let chosen = response.headers["Sec-WebSocket-Protocol"],
                !offered.contains(where: { $0.trimmingPrefix { $0 == " " || $0 == "\t" } == chosen })
            {
                problem = "the client has not offered the protocol \(chosen.debugDescription)"
            }
        case .bytes, .stream:
            if !(200...999).contains(response.status) { problem = "\(response.status) is no status of a response" }
        }
        guard let problem else { return response }
        logger.error("a handler's response can't be sent: \(problem)", metadata: ["path": "\(request.request.path)"])
        return .text("internal error\n", status: 500)
    }

    private func send(_ response: HTTPResponse, to request: ReceivedRequest) async throws -> Next {
        let wantsClose = response.headers.list("Connection").contains("close")
        var isPersistent =
            request.isKeepAlive && !request.asksForUpgrade && !wantsClose && !isStopping.load(ordering: .relaxed)
        let isHead = request.request.method == .head
        // RFC 9110 §6.4.1
        let hasBody = response.status != 204 && response.status != 304
        let declared = response.headers["Content-Length"].flatMap(Int.init).flatMap { $0 >= 0 ? $0 : nil }

        switch response.body {
        case .webSocket(let handler):
            return accept(handler, response, request)

        case .bytes(let bytes):
            let count = isHead && bytes.isEmpty ? declared ?? 0 : bytes.count
            let head = ResponseHead(
                response, isHTTP11: request.isHTTP11, framing: hasBody ? .length(count) : .none,
                isPersistent: isPersistent)
            try await write(head.bytes(followedBy: hasBody && !isHead ? bytes : []), isEnd: isPersistent)

        case .stream(let stream):
            let framing: ResponseHead.Framing =
                if !hasBody { .none } else if let declared { .length(declared) } else if request.isHTTP11 {
                    .chunked
                } else {
                    .untilClose
                }
            if framing == .untilClose { isPersistent = false }
            let head = ResponseHead(
                response, isHTTP11: request.isHTTP11, framing: framing, isPersistent: isPersistent)
            guard hasBody, !isHead else {
                try await write(head.bytes(), isEnd: isPersistent)
                break
            }
            try await write(head.bytes(), isEnd: false)
            guard try await send(stream, framing, isEnd: isPersistent) else { return .cut }
        }
        return isPersistent ? .request : .hangUp
    }

    /// - Returns: `false` when the stream has another length than its response said.
    private func send(_ stream: HTTPBodyStream, _ framing: ResponseHead.Framing, isEnd: Bool) async throws -> Bool {
        var count = 0
        for try await piece in stream where !piece.isEmpty {
            count += piece.count
            var bytes = ByteBuffer()
            switch framing {
            case .length(let declared) where count > declared:
                logger.error("a handler's stream is longer than its Content-Length of \(declared)")
                return false
            case .chunked:
                bytes.writeString(String(piece.count, radix: 16) + "\r\n")
                bytes.writeBytes(piece)
                bytes.writeStaticString("\r\n")
            default:
                bytes.writeBytes(piece)
            }
            try await write(bytes, isEnd: false)
        }
        switch framing {
        case .length(let declared) where count < declared:
            logger.error("a handler's stream is shorter than its Content-Length of \(declared)")
            return false
        case .chunked:
            try await write(ByteBuffer(staticString: "0\r\n\r\n"), isEnd: isEnd)
        default:
            if isEnd { try await write(ByteBuffer(), isEnd: true) }
        }
        return true
    }

    private func write(_ bytes: ByteBuffer, isEnd: Bool) async throws {
        var rest = bytes
        while let piece = rest.readSlice(length: min(rest.readableBytes, Self.pieceSize)) {
            let isLast = rest.readableBytes == 0
            try await channel.eventLoop.flatSubmit {
                self.collector.value.write(piece, isEnd: isEnd && isLast)
            }.get()
            if isLast { return }
        }
    }

    // MARK: - WebSockets

    /// - Parameter response: with a status other than 101 the WebSocket is only to say why it is refused.
    private func accept(_ handler: any WebSocketHandler, _ response: HTTPResponse, _ request: ReceivedRequest) -> Next {
        if response.status != 101 { connections.note(channel, isStranger: true) }
        let offers = request.request.headers.values(of: "Sec-WebSocket-Extensions")
        let compression = configuration.compressesMessages ? MessageCompression.accept(offers: offers) : nil
        let head = ResponseHead(
            acceptingKey: request.request.headers["Sec-WebSocket-Key"] ?? "", extensions: compression?.response,
            headers: response.headers)
        return .webSocket(handler, head, compression?.agreed)
    }

    private func upgrade(
        _ handler: any WebSocketHandler, _ head: ResponseHead, _ compression: MessageCompression?
    ) async -> WebSocketConversation? {
        let options = WebSocketOptions(
            maxMessageSize: configuration.maxMessageSize, compression: compression,
            closeTimeout: configuration.closeTimeout)
        let webSocket = ChannelWebSocket(channel: channel, role: .server, options: options, peer: peer)
        do {
            try await channel.eventLoop.flatSubmit { [channel, collector] in
                do {
                    return try collector.value.becomeWebSocket(webSocket, options: options, head: head.bytes())
                } catch {
                    return channel.eventLoop.makeFailedFuture(error)
                }
            }.get()
        } catch {
            channel.close(promise: nil)
            return nil
        }
        return WebSocketConversation(webSocket: webSocket, handler: handler, logger: logger)
    }
}
