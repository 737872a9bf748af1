import Foundation
import NIOCore
import NIOPosix
import PraisonCore

/// An HTTP/1.1 server that does as little as possible, in a process of its own: it answers every request with 64
/// bytes. `/poll` it leaves waiting, `/polls/N` until it has been asked for N of those, and `/later` for three seconds.
enum BenchmarkServer {
    static let argument = "--serve"

    /// Runs `body` with the server's address.
    static func run(_ body: (_ url: String) async throws -> Void) async throws {
        let process = Process()
        process.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = [argument]
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        // Not `terminate`: SIGTERM may be blocked on the thread the child inherits its signals from.
        defer { kill(process.processIdentifier, SIGKILL) }
        let line = output.fileHandleForReading.availableData
        try await body(String(decoding: line, as: UTF8.self).trimmingCharacters(in: .newlines))
    }

    /// The child's side: prints the address, and ends with its standard input.
    static func serve() async throws {
        let polls = Observed(0)
        let channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.backlog, value: 2048)
            .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Responder(polls))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        print("http://127.0.0.1:\(channel.localAddress?.port ?? 0)")
        fflush(nil)
        try await channel.closeFuture.get()
    }

    private final class Responder: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private static let end = Array("\r\n\r\n".utf8)
        private static let response = ByteBuffer(
            string: "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 64\r\n\r\n"
                + String(repeating: "x", count: 64))

        private let polls: Observed<Int>
        private var unread = ByteBuffer()

        init(_ polls: Observed<Int>) { self.polls = polls }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            var bytes = unwrapInboundIn(data)
            unread.writeBuffer(&bytes)
            // Requests have no body here.
            while let end = unread.readableBytesView.firstRange(of: Self.end) {
                let head = unread.readableBytesView[..<end.lowerBound]
                let target = String(decoding: head.drop { $0 != 0x20 }.dropFirst().prefix { $0 != 0x20 }, as: UTF8.self)
                unread.moveReaderIndex(to: end.upperBound)
                answer(target, context)
            }
            unread.discardReadBytes()
        }

        private func answer(_ target: String, _ context: ChannelHandlerContext) {
            let channel = context.channel
            switch target {
            case "/poll": polls.change { $0 += 1 }
            case "/later":
                channel.eventLoop.scheduleTask(in: .seconds(3)) { channel.writeAndFlush(Self.response, promise: nil) }
            case _ where target.hasPrefix("/polls/"):
                guard let count = Int(target.dropFirst("/polls/".count)) else { return context.close(promise: nil) }
                channel.eventLoop.makeFutureWithTask { [polls] in await polls.wait { $0 >= count } }
                    .whenSuccess { _ in channel.writeAndFlush(Self.response, promise: nil) }
            default: context.write(wrapOutboundOut(Self.response), promise: nil)
            }
        }

        func channelReadComplete(context: ChannelHandlerContext) { context.flush() }
    }
}
