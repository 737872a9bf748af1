import NIOCore
import PraisonCore

/// What a WebSocket has still to send, and how far its end is agreed upon.
struct OutgoingFrames {
    enum Phase {
        case open
        /// Our close frame is on its way; whatever comes in until the other end's is dropped.
        case closing
        case closed
    }

    /// Bytes that may wait on the way out before a sender has to, and bytes at which it may go on.
    private static let backlog = (high: 64 << 10, low: 32 << 10)

    var phase = Phase.open
    var closeCode: WebSocketCloseCode?
    var isFlushScheduled = false
    private var isRestScheduled = false
    /// Senders that wait for room.
    var waiting: [CheckedContinuation<Void, Never>] = []
    private var encoder: WebSocketEncoder
    /// Encoded, and not yet handed to the channel.
    private var pending: ByteBuffer?
    /// Handed to the channel, and not yet taken by the kernel.
    private var inFlight = 0
    /// The latest ping that came while too much was on its way out; it alone needs an answer (RFC 6455 §5.5.3).
    private var unansweredPing: [UInt8]?

    init(_ encoder: WebSocketEncoder) { self.encoder = encoder }

    var hasRoom: Bool { backlog < Self.backlog.high }

    private var backlog: Int { inFlight + (pending?.readableBytes ?? 0) }

    // MARK: In

    mutating func append(_ message: WebSocketMessage) { encode { $0.encode(message, into: &$1) } }

    mutating func append(_ opcode: FrameHeader.Opcode, _ payload: [UInt8]) {
        encode { $0.encode(opcode, payload, into: &$1) }
    }

    mutating func appendClose(_ code: WebSocketCloseCode?, reason: String) {
        encode { $0.encodeClose(code, reason: reason, into: &$1) }
    }

    /// Answers a ping now, or once there is room.
    mutating func answerPing(_ data: [UInt8]) {
        if hasRoom { append(.pong, data) } else { unansweredPing = data }
    }

    private mutating func encode(_ body: (inout WebSocketEncoder, inout ByteBuffer) -> Void) {
        var output = pending ?? ByteBuffer()
        // So that the buffer is not copied.
        pending = nil
        body(&encoder, &output)
        pending = output
    }

    // MARK: Out

    /// The bytes to hand to the channel now.
    mutating func takePending() -> ByteBuffer? {
        isFlushScheduled = false
        defer { pending = nil }
        inFlight += pending?.readableBytes ?? 0
        return pending
    }

    /// Notes that the kernel has taken so many bytes.
    ///
    /// - Returns: whether those who wait may go on.
    mutating func flushed(_ count: Int) -> Bool {
        inFlight -= count
        guard backlog < Self.backlog.low else { return false }
        if let ping = unansweredPing, phase == .open {
            unansweredPing = nil
            append(.pong, ping)
        }
        return true
    }

    // MARK: Rest

    /// - Returns: whether ``rest()`` is to be called in a while.
    mutating func beginsToRemember() -> Bool {
        guard encoder.remembers, !isRestScheduled else { return false }
        isRestScheduled = true
        return true
    }

    /// Gives back the memory that nothing has needed since the last call.
    ///
    /// - Returns: whether to call it again in a while.
    mutating func rest() -> Bool {
        encoder.rest()
        isRestScheduled = encoder.remembers
        return isRestScheduled
    }

    mutating func takeWaiting() -> [CheckedContinuation<Void, Never>] {
        defer { waiting = [] }
        return waiting
    }
}
