import NIOCore
import NIOHTTP1
import NIOPosix
import PraisonCore
import Testing

@testable import PraisonNet

/// A channel tells at once that it is inactive, and empties its pipeline a moment later. Who comes between the two hears
/// only that it is taken out again.
@Suite(.timeLimit(.minutes(1))) struct `what comes into a pipeline when the other end is gone` {
    /// Closes a channel, and has `add` put something into its pipeline before anything else happens.
    private func onceClosed<Value: Sendable>(
        _ add: @escaping @Sendable (any Channel) throws -> Value,
        _ check: @escaping @Sendable (Value) async throws -> Void
    ) async throws {
        try await HTTPServer.serve { _ in
            .text("")
        } _: { address in
            let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                .connect(host: address.host, port: address.port).get()
            let value = try await channel.eventLoop.submit {
                channel.close(promise: nil)
                return try add(channel)
            }.get()
            try await check(value)
        }
    }

    @Test func `ends a WebSocket`() async throws {
        try await onceClosed {
            let options = WebSocketOptions()
            let webSocket = ChannelWebSocket(channel: $0, role: .server, options: options, peer: nil)
            try $0.pipeline.syncOperations.addHandler(WebSocketChannelHandler(webSocket, options: options))
            return webSocket
        } _: { webSocket in
            let message = try await webSocket.receive()
            #expect(message == nil)
            await #expect(throws: WebSocketClosed.self) { try await webSocket.send(.text("anybody there?")) }
        }
    }

    @Test func `ends an opening handshake`() async throws {
        try await onceClosed { channel in
            let answer = channel.eventLoop.makePromise(of: Int.self)
            try ResponseCollector.ask(HTTPRequestHead(version: .http1_1, method: .GET, uri: "/"), on: channel) {
                answer.completeWith($0.map(\.status))
            }
            return answer.futureResult
        } _: { answer in
            await #expect(throws: WebSocketConnectError.self) { try await answer.get() }
        }
    }

    @Test func `ends the requests of an HTTP connection`() async throws {
        try await onceClosed { channel in
            let decoder = ByteToMessageHandler(HTTPRequestDecoder())
            let collector = RequestCollector(channel: channel, decoder: decoder, limits: .init(), peer: nil)
            try channel.pipeline.syncOperations.addHandlers([decoder, collector])
            return collector.requests
        } _: { requests in
            let request = await requests.next()
            #expect(request == nil)
        }
    }
}
