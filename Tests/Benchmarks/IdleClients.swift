import NIOCore
import NIOPosix

/// WebSockets that say nothing, or one thing, and cost this process as little as possible. They offer compression, as
/// browsers and most libraries do, and leave what they get as it is.
enum IdleClients {
    /// - Parameter words: one text message, sent once the WebSocket is open; its answer is waited for.
    static func open(
        _ count: Int, port: Int, path: String = "/", saying words: String? = nil
    ) async throws -> [any Channel] {
        let request = ByteBuffer(
            string: """
                GET \(path) HTTP/1.1\r
                Host: 127.0.0.1\r
                Upgrade: websocket\r
                Connection: Upgrade\r
                Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
                Sec-WebSocket-Version: 13\r
                Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r
                \r

                """)
        var channels: [any Channel] = []
        for _ in 0..<count {
            let loop = MultiThreadedEventLoopGroup.singleton.next()
            let answered = loop.makePromise(of: Void.self)
            let greeted = loop.makePromise(of: Void.self)
            let channel = try await ClientBootstrap(group: loop)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(Arrivals([answered, greeted]))
                    }
                }
                .connect(host: "127.0.0.1", port: port).get()
            try await channel.writeAndFlush(request)
            try await answered.futureResult.get()
            if let words {
                try await channel.writeAndFlush(frame(words))
                try await greeted.futureResult.get()
            } else {
                greeted.succeed()
            }
            channels.append(channel)
        }
        return channels
    }

    /// A text message in one masked frame, with a mask of zeros; below 126 bytes (RFC 6455 §5.2).
    private static func frame(_ text: String) -> ByteBuffer {
        precondition(text.utf8.count < 126)
        var bytes = ByteBuffer(bytes: [0x81, 0x80 | UInt8(text.utf8.count), 0, 0, 0, 0])
        bytes.writeString(text)
        return bytes
    }

    /// Keeps one promise for each read.
    private final class Arrivals: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private var promises: [EventLoopPromise<Void>]
        init(_ promises: [EventLoopPromise<Void>]) { self.promises = promises }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            if !promises.isEmpty { promises.removeFirst().succeed() }
        }

        func channelInactive(context: ChannelHandlerContext) {
            for promise in promises { promise.fail(NIOCore.ChannelError.eof) }
            promises = []
        }
    }
}
