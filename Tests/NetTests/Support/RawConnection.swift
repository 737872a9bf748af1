import NIOCore
import NIOPosix
import PraisonNet

/// A TCP connection a test writes literal bytes to and reads literal bytes from.
enum RawConnection {
    struct End: Error {}

    /// Lends a connection to `address`.
    static func open<Value: Sendable>(
        _ address: HTTPServer.Address, _ body: @Sendable (inout Reader, Writer) async throws -> Value
    ) async throws -> Value {
        let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connect(host: address.host, port: address.port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            var reader = Reader(inbound: inbound.makeAsyncIterator())
            return try await body(&reader, Writer(outbound: outbound))
        }
    }

    /// Lets a server answer many other requests. What it does by itself, it has had time for then.
    static func serveOthers(at address: HTTPServer.Address) async throws {
        for _ in 0..<200 {
            try await open(address) { reader, writer in
                try await writer.send("GET /other HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                _ = try await reader.rest()
            }
        }
    }

    struct Writer: Sendable {
        let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
        func send(_ text: String) async throws { try await outbound.write(ByteBuffer(string: text)) }
        func send(_ bytes: [UInt8]) async throws { try await outbound.write(ByteBuffer(bytes: bytes)) }
        func finish() { outbound.finish() }
    }

    struct Reader {
        var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
        private var unread: [UInt8] = []

        init(inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator) { self.inbound = inbound }

        /// Everything up to and including `end`.
        mutating func text(through end: String) async throws -> String {
            let end = Array(end.utf8)
            while true {
                if let range = unread.firstRange(of: end) {
                    let text = String(decoding: unread[..<range.upperBound], as: UTF8.self)
                    unread.removeSubrange(..<range.upperBound)
                    return text
                }
                try await more()
            }
        }

        mutating func bytes(_ count: Int) async throws -> [UInt8] {
            while unread.count < count { try await more() }
            defer { unread.removeFirst(count) }
            return Array(unread.prefix(count))
        }

        /// Everything until the other end hangs up.
        mutating func rest() async throws -> String {
            while let buffer = try? await inbound.next() { unread += buffer.readableBytesView }
            defer { unread = [] }
            return String(decoding: unread, as: UTF8.self)
        }

        private mutating func more() async throws {
            guard let buffer = try await inbound.next() else { throw End() }
            unread += buffer.readableBytesView
        }
    }
}
