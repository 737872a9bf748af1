import NIOCore
import NIOPosix

/// A TCP server whose bytes a test writes itself.
enum RawServer {
    /// Serves every connection with `talk` while `body` runs.
    @discardableResult
    static func serve<Value: Sendable>(
        _ talk: @escaping @Sendable (inout RawConnection.Reader, RawConnection.Writer) async throws -> Void,
        _ body: @escaping @Sendable (_ port: Int) async throws -> Value
    ) async throws -> Value {
        let listener = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .bind(host: "127.0.0.1", port: 0) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        let port = listener.channel.localAddress?.port ?? 0
        return try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask {
                try await listener.executeThenClose { connections in
                    for try await connection in connections {
                        try? await connection.executeThenClose { inbound, outbound in
                            var reader = RawConnection.Reader(inbound: inbound.makeAsyncIterator())
                            try await talk(&reader, RawConnection.Writer(outbound: outbound))
                        }
                    }
                }
                return nil
            }
            group.addTask { try await body(port) }
            while let result = try await group.next() {
                guard let value = result else { continue }
                group.cancelAll()
                return value
            }
            throw CancellationError()
        }
    }
}
