import NIOCore

/// Feeds a ``ChannelWebSocket`` with what its channel hears.
///
/// It decodes one event at a time and keeps the rest of the bytes while the owner has not taken the messages it has;
/// meanwhile it does not read, and the kernel makes the other end wait.
final class WebSocketChannelHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let connection: ChannelWebSocket
    private var decoder: WebSocketDecoder
    private var undecoded: ByteBuffer?
    /// After a close frame or a failure, what follows is not even looked at.
    private var isDone = false

    init(_ connection: ChannelWebSocket, options: WebSocketOptions) {
        self.connection = connection
        decoder = WebSocketDecoder(
            role: connection.role, maxMessageSize: options.maxMessageSize, compression: options.compression)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        connection.heard(bytes: bytes.readableBytes)
        guard !isDone else { return }
        if undecoded == nil {
            undecoded = bytes
        } else {
            undecoded?.writeBuffer(&bytes)
        }
        decode()
    }

    func read(context: ChannelHandlerContext) {
        decode()
        if !connection.isInboxFull { context.read() }
    }

    func channelInactive(context: ChannelHandlerContext) {
        // There won't be more than this.
        decode(regardlessOfRoom: true)
        connection.disconnected()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        // A channel says once that it is inactive; whoever is put into its pipeline after that is only taken out again.
        connection.disconnected()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // A read or write that failed; the channel tells when it is gone.
        context.close(promise: nil)
    }

    private func decode(regardlessOfRoom: Bool = false) {
        guard var bytes = undecoded else { return }
        undecoded = nil
        do {
            while !isDone, regardlessOfRoom || !connection.isInboxFull {
                guard let event = try decoder.next(from: &bytes) else { return }
                take(event)
            }
            if !isDone { undecoded = bytes.readableBytes > 0 ? bytes : nil }
        } catch {
            isDone = true
            connection.failed(error)
        }
    }

    private func take(_ event: WebSocketDecoder.Event) {
        switch event {
        case .message(let message): connection.accept(message)
        case .ping(let data): connection.answerPing(data)
        case .pong: break
        case .close(let code, _):
            isDone = true
            connection.closedByPeer(code)
        }
    }
}
