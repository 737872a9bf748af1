import Logging
import NIOCore
import PraisonCore

/// A WebSocket lent to its handler, and closed afterwards.
struct WebSocketConversation: Sendable {
    let webSocket: ChannelWebSocket
    let handler: any WebSocketHandler
    let logger: Logger

    /// Returns when the connection is gone.
    func run() async {
        do {
            try await handler.handle(webSocket)
            webSocket.startClosing(.normal, reason: "")
        } catch is CancellationError {
            webSocket.startClosing(.goingAway, reason: "")
        } catch {
            // A connection that ends while its handler sends is nobody's fault.
            if !(error is WebSocketClosed) { logger.warning("a WebSocket's handler failed: \(error)") }
            webSocket.startClosing(.internalError, reason: "")
        }
        await webSocket.waitUntilClosed()
    }
}

extension ChannelWebSocket: OpenConnection {
    func stop() {
        startClosing(.goingAway, reason: "the server stops")
        // Whoever does not answer does not hold up the stop.
        let channel = channel
        let patience = channel.eventLoop.scheduleTask(in: .seconds(1)) { channel.close(promise: nil) }
        channel.closeFuture.whenComplete { _ in patience.cancel() }
    }
}
