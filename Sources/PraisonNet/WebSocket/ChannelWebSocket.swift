import NIOCore
import PraisonCore
import Synchronization

/// How a WebSocket behaves once it is open.
struct WebSocketOptions: Sendable {
    /// Bytes of one message, after decompression.
    var maxMessageSize = 1 << 20
    var compression: MessageCompression?
    /// From our close frame until the connection is cut, answered or not.
    var closeTimeout: Duration = .seconds(5)
}

/// A WebSocket on a channel.
///
/// ```
///            decode                  Mailbox
/// channel ──────────────▶ messages ──────────▶ receive()
///         ◀────────────── bytes    ◀────────── send(_:)
///            flush                   encode
/// ```
///
/// Messages are encoded by the task that sends them and handed to the event loop in batches, so that a busy sender
/// does not wait for a change of threads. That is why a lock guards the outgoing side, not an actor.
final class ChannelWebSocket: WebSocketConnection {
    /// Bytes of messages, and of what it takes to keep them, that wait for ``receive()`` before reading pauses.
    private static let incoming = 256 << 10
    private static let messageCost = 64
    /// A connection that has sent nothing worth compressing for so long, or at most twice as long, is idle.
    private static let idleTime = TimeAmount.seconds(5)

    private enum Received {
        case message(WebSocketMessage)
        /// The other end has broken the protocol; what it said before still counts.
        case failure(WebSocketFailure)
    }

    let peer: String?
    let channel: any Channel
    let role: WebSocketRole
    private let closeTimeout: Duration
    private let messages: Mailbox<Received>
    private let outgoing: Mutex<OutgoingFrames>
    private let heard = Atomic<Int>(0)

    init(channel: any Channel, role: WebSocketRole, options: WebSocketOptions, peer: String?) {
        self.channel = channel
        self.role = role
        self.peer = peer
        closeTimeout = options.closeTimeout
        outgoing = Mutex(OutgoingFrames(WebSocketEncoder(role: role, compression: options.compression)))
        // A read goes through ``WebSocketChannelHandler``, which first decodes what it has kept back.
        messages = Mailbox(capacity: Self.incoming) { channel.read() }
    }

    // MARK: - For the owner

    func receive() async throws -> WebSocketMessage? {
        switch await messages.next() {
        case .message(let message):
            return message
        case .failure(let failure):
            fail(failure)
            return nil
        case nil:
            try Task.checkCancellation()
            return nil
        }
    }

    func send(_ message: WebSocketMessage) async throws {
        try await whenThereIsRoom { $0.append(message) }
    }

    func ping(_ data: [UInt8]) async throws {
        // RFC 6455 §5.5: a control frame carries at most 125 bytes.
        precondition(data.count <= 125, "a ping carries at most 125 bytes")
        try await whenThereIsRoom { $0.append(.ping, data) }
    }

    func close(_ code: WebSocketCloseCode, reason: String) {
        startClosing(code, reason: reason)
    }

    var closeCode: WebSocketCloseCode? {
        get async { outgoing.withLock { $0.closeCode } }
    }

    var bytesReceived: Int {
        get async { heard.load(ordering: .relaxed) }
    }

    /// Returns when the connection is gone, which after a close takes at most the close timeout.
    func waitUntilClosed() async {
        try? await channel.closeFuture.get()
    }

    // MARK: - Outgoing

    private func whenThereIsRoom(_ add: (inout OutgoingFrames) -> Void) async throws {
        while true {
            try Task.checkCancellation()
            let isAdded = try outgoing.withLock { outgoing in
                guard outgoing.phase == .open else { throw WebSocketClosed(code: outgoing.closeCode) }
                guard outgoing.hasRoom else { return false }
                add(&outgoing)
                return true
            }
            if isAdded { return scheduleFlush() }
            await waitForRoom()
        }
    }

    private func waitForRoom() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let mustWait = outgoing.withLock { outgoing in
                    let mustWait = !Task.isCancelled && outgoing.phase == .open && !outgoing.hasRoom
                    if mustWait { outgoing.waiting.append(continuation) }
                    return mustWait
                }
                if !mustWait { continuation.resume() }
            }
        } onCancel: {
            // Whoever is not cancelled looks, and waits again.
            wakeSenders()
        }
    }

    private func wakeSenders() {
        for continuation in outgoing.withLock({ $0.takeWaiting() }) { continuation.resume() }
    }

    /// One flush takes along whatever was added until it runs.
    private func scheduleFlush() {
        let isFirst = outgoing.withLock { outgoing in
            defer { outgoing.isFlushScheduled = true }
            return !outgoing.isFlushScheduled
        }
        if isFirst { channel.eventLoop.execute { self.flush() } }
    }

    private func flush() {
        let (pending, beginsToRemember) = outgoing.withLock { ($0.takePending(), $0.beginsToRemember()) }
        if beginsToRemember { restLater() }
        guard let bytes = pending else { return }
        channel.writeAndFlush(bytes).whenComplete { _ in self.flushed(bytes.readableBytes) }
    }

    private func restLater() {
        channel.eventLoop.scheduleTask(in: Self.idleTime) { [weak self] in
            guard let self, self.outgoing.withLock({ $0.rest() }) else { return }
            self.restLater()
        }
    }

    private func flushed(_ count: Int) {
        guard outgoing.withLock({ $0.flushed(count) }) else { return }
        scheduleFlush()
        wakeSenders()
    }

    /// - Returns: whether this call has closed it.
    @discardableResult
    func startClosing(_ code: WebSocketCloseCode?, reason: String, failure: Bool = false) -> Bool {
        let isFirst = outgoing.withLock { outgoing in
            guard outgoing.phase == .open else { return false }
            outgoing.phase = .closing
            if failure { outgoing.closeCode = code }
            outgoing.appendClose(code, reason: reason)
            return true
        }
        guard isFirst else { return false }
        scheduleFlush()
        wakeSenders()
        let channel = channel
        let timeout = channel.eventLoop.scheduleTask(in: TimeAmount(closeTimeout)) { channel.close(promise: nil) }
        channel.closeFuture.whenComplete { _ in timeout.cancel() }
        return true
    }
}

// MARK: - For the event loop

extension ChannelWebSocket {
    var isInboxFull: Bool { messages.isFull }

    func heard(bytes: Int) {
        heard.add(bytes, ordering: .relaxed)
    }

    func accept(_ message: WebSocketMessage) {
        guard outgoing.withLock({ $0.phase == .open }) else { return }
        messages.put(.message(message), weight: message.size + Self.messageCost)
    }

    func answerPing(_ data: [UInt8]) {
        outgoing.withLock { outgoing in
            if outgoing.phase == .open { outgoing.answerPing(data) }
        }
        scheduleFlush()
    }

    /// The other end has sent its close frame: answers it, unless it is the answer to ours.
    func closedByPeer(_ code: WebSocketCloseCode?) {
        startClosing(code, reason: "")
        outgoing.withLock { outgoing in
            if outgoing.phase == .closing { outgoing.closeCode = outgoing.closeCode ?? code ?? .noStatus }
            outgoing.phase = .closed
        }
        messages.finish()
        // RFC 6455 §7.1.1: the server hangs up first; a client waits for it, as long as the close timeout lets it.
        if role == .server { hangUp() }
    }

    /// Closes once the owner has taken, and so can have answered, what came before, but after a second at the latest.
    func failed(_ failure: WebSocketFailure) {
        guard outgoing.withLock({ $0.phase == .open }) else { return fail(failure) }
        messages.put(.failure(failure))
        messages.finish()
        let patience = channel.eventLoop.scheduleTask(in: .seconds(1)) { self.fail(failure) }
        channel.closeFuture.whenComplete { _ in patience.cancel() }
    }

    private func fail(_ failure: WebSocketFailure) {
        guard startClosing(failure.code, reason: failure.reason, failure: true) else { return }
        outgoing.withLock { $0.phase = .closed }
        // Only our half: hanging up with bytes unread would make the kernel take our close frame back.
        hangUp(.output)
    }

    /// The connection is gone, with or without a farewell.
    func disconnected() {
        outgoing.withLock { outgoing in
            outgoing.phase = .closed
            outgoing.closeCode = outgoing.closeCode ?? .abnormal
        }
        messages.finish()
        wakeSenders()
    }

    /// Closes the connection behind what is on its way out.
    func hangUp(_ mode: CloseMode = .all) {
        channel.eventLoop.execute {
            self.flush()
            self.channel.writeAndFlush(ByteBuffer()).whenComplete { [channel = self.channel] _ in
                channel.close(mode: mode, promise: nil)
            }
        }
    }
}

extension WebSocketMessage {
    fileprivate var size: Int {
        switch self {
        case .text(let text): text.utf8.count
        case .binary(let bytes): bytes.count
        }
    }
}
