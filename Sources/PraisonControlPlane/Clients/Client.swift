import PraisonCore
import Synchronization

/// One WebSocket on the control plane: what waits to be written to it, and what is known of the other end.
///
/// Nobody ever waits for a client. Numbered frames stay in their session's log and are fetched from there when the
/// socket takes them; the rest waits here, within bounds. A client that falls behind too far is closed.
final class Client: Sendable {
    /// What the writer does next, in order.
    enum Work: Sendable {
        /// A frame without a number, sent once the session's frames up to `after` are.
        case frame(String, after: Int64)
        /// A frame that is made when its turn comes; `nil` when it is not wanted any more.
        case made(@Sendable () -> String?)
        /// A ping, whose answer proves what the client has received.
        case ping(after: Int64)
        /// The session whose frames go out from now on.
        case attach(Line)
        /// No session's frames go out from now on.
        case detach
    }

    /// A session as one client reads it.
    struct Line: Sendable {
        var session: ClientSession
        /// The last frame sent.
        var cursor: Int64
        /// Frames up to here are sent as repeats of the past.
        var replayThrough: Int64
        /// Whether the client came by `join`.
        var isJoined: Bool
    }

    struct Closing: Hashable, Sendable {
        var code: WebSocketCloseCode
        var reason: String
    }

    private typealias Waiter = CheckedContinuation<Void, Never>

    let id: String
    let principal: Principal
    private let connection: any WebSocketConnection
    private let limits: (frames: Int, bytes: Int)
    private let state: Mutex<State>

    private struct State {
        var work: [Work] = []
        var queuedBytes = 0
        var hasNews = false
        var isOver = false
        var closing: Closing?
        var writer: Waiter?

        var session: ClientSession?
        var capabilities: Set<String> = []
        /// The last numbered frame written to the socket, and where the past ends.
        var sent: Int64 = 0
        var replayThrough: Int64 = 0
        /// What had been sent when each ping that is not answered yet went out.
        var pings: [Int64] = []
        var lastHeard: Duration
        var isHandling = false
        var hasSpoken = false
        var refusedFrames = 0
        /// Questions to other agents that wait for their answer.
        var questions = 0
    }

    init(
        id: String, principal: Principal, connection: any WebSocketConnection, server: ServerSettings, now: Duration
    ) {
        self.id = id
        self.principal = principal
        self.connection = connection
        limits = (server.maxQueuedFrames, server.maxBufferedBytes)
        state = Mutex(State(lastHeard: now))
    }

    var peer: String? { connection.peer }

    // MARK: To the client

    /// Queues a frame without a number.
    func send(_ text: String, after sequence: Int64 = 0) { enqueue(.frame(text, after: sequence), text.utf8.count) }

    /// Queues a frame that takes no room before the socket takes it: for what is large and bounded elsewhere, as the turns
    /// of an agent, of which a process gets several at once.
    func offer(_ make: @escaping @Sendable () -> String?) { enqueue(.made(make), 0) }

    func sendPing() {
        let after = state.withLock { $0.sent }
        enqueue(.ping(after: after), ServerFrame.ping.utf8.count)
    }

    /// Makes the session's frames go out after what is queued now.
    func attach(_ line: Line) {
        state.withLock { state in
            state.session = line.session
            state.sent = line.cursor
            state.replayThrough = line.replayThrough
            state.pings = []
        }
        enqueue(.attach(line), 0)
    }

    func detach() {
        state.withLock { $0.session = nil }
        enqueue(.detach, 0)
    }

    /// Tells the writer that its session has new frames.
    func wake() {
        let writer = state.withLock { state in
            state.hasNews = true
            return Self.taken(&state.writer)
        }
        writer?.resume()
    }

    private func enqueue(_ work: Work, _ bytes: Int) {
        let (writer, isTooMuch) = state.withLock { state -> (Waiter?, Bool) in
            guard state.closing == nil, !state.isOver else { return (nil, false) }
            // One frame is always taken, however large; a client is slow when there is something before it.
            let isTooMuch =
                state.work.count >= limits.frames || (state.queuedBytes > 0 && state.queuedBytes + bytes > limits.bytes)
            if isTooMuch { return (nil, true) }
            state.work.append(work)
            state.queuedBytes += bytes
            return (Self.taken(&state.writer), false)
        }
        writer?.resume()
        if isTooMuch { close(.slowConsumer) }
    }

    // MARK: The writer

    /// What is to be done now; waits for something. `nil` when the connection is over, or is being closed.
    func nextWork() async -> [Work]? {
        while true {
            let ready = state.withLock { state -> [Work]?? in
                if state.isOver || state.closing != nil { return .some(nil) }
                guard state.hasNews || !state.work.isEmpty else { return .none }
                state.hasNews = false
                state.queuedBytes = 0
                defer { state.work = [] }
                return .some(state.work)
            }
            if let ready { return ready }
            if Task.isCancelled { return nil }
            await suspend(\.writer) { $0.isOver || $0.closing != nil || $0.hasNews || !$0.work.isEmpty }
        }
    }

    func wrote(through sequence: Int64) { state.withLock { $0.sent = sequence } }

    func wrotePing(at cursor: Int64) {
        state.withLock { state in
            state.pings.append(cursor)
            // Whoever answers none of them is closed long before.
            if state.pings.count > 16 { state.pings.removeFirst() }
        }
    }

    /// Where the client stands, for its session: what has been written, and what is no repeat of the past. `nil` when
    /// nothing more will be written.
    var reach: (sent: Int64, replayThrough: Int64)? {
        state.withLock { $0.closing == nil && !$0.isOver ? ($0.sent, $0.replayThrough) : nil }
    }

    // MARK: From the client

    var session: ClientSession? { state.withLock { $0.session } }

    var capabilities: Set<String> {
        get { state.withLock { $0.capabilities } }
        set { state.withLock { $0.capabilities = newValue } }
    }

    /// Whether the client has asked for anything yet.
    var hasSpoken: Bool { state.withLock { $0.hasSpoken } }

    func spoke() { state.withLock { $0.hasSpoken = true } }

    /// Notes that something came, and that it is being dealt with until ``handled()``.
    func heard(at now: Duration) {
        state.withLock { state in
            state.lastHeard = now
            state.isHandling = true
        }
    }

    func handled(at now: Duration) {
        state.withLock { state in
            state.lastHeard = now
            state.isHandling = false
        }
    }

    /// - Returns: the frame that the client has certainly received, by this answer to a ping.
    func answeredPing() -> Int64? {
        state.withLock { $0.pings.isEmpty ? nil : $0.pings.removeFirst() }
    }

    /// How long nothing has been heard, unless we are the ones who keep it waiting.
    func silence(at now: Duration) -> Duration {
        state.withLock { $0.isHandling ? .zero : now - $0.lastHeard }
    }

    /// - Returns: how many frames of this client were refused, this one included.
    func refusedFrame() -> Int {
        state.withLock { state in
            state.refusedFrames += 1
            return state.refusedFrames
        }
    }

    /// - Returns: whether one more question may wait for its answer.
    func beginQuestion(limit: Int) -> Bool {
        state.withLock { state in
            guard state.questions < limit else { return false }
            state.questions += 1
            return true
        }
    }

    func endQuestion() { state.withLock { $0.questions -= 1 } }

    // MARK: The end

    /// Closes the connection; the first request wins. What still waits to be written is not written any more.
    func close(_ closing: Closing) {
        let (isFirst, writer) = state.withLock { state -> (Bool, Waiter?) in
            if state.isOver || state.closing != nil { return (false, nil) }
            state.closing = closing
            return (true, Self.taken(&state.writer))
        }
        // Frees the writer as well, where it waits for the socket.
        if isFirst { connection.close(closing.code, reason: closing.reason) }
        writer?.resume()
    }

    /// Marks the connection as over and frees whoever waits.
    func finish() {
        let writer = state.withLock { state in
            state.isOver = true
            state.work = []
            return Self.taken(&state.writer)
        }
        writer?.resume()
    }

    private func suspend(
        _ place: any WritableKeyPath<State, Waiter?> & Sendable,
        until isReady: @Sendable (borrowing State) -> Bool
    ) async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    if isReady(state) || Task.isCancelled { return true }
                    state[keyPath: place] = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            state.withLock { Self.taken(&$0[keyPath: place]) }?.resume()
        }
    }

    private static func taken(_ place: inout Waiter?) -> Waiter? {
        defer { place = nil }
        return place
    }
}

extension Client.Closing {
    static let slowConsumer = Self(code: .tryAgainLater, reason: "slow_consumer")
    static let livenessTimeout = Self(code: 4002, reason: "liveness_timeout")
    static let handshakeTimeout = Self(code: .policyViolation, reason: "handshake_timeout")
    static let tooManyRefusedFrames = Self(code: 4028, reason: "too_many_unauthorized_frames")
    static let credentialsRotated = Self(code: 4001, reason: "credentials_rotated")
    static let messageTooBig = Self(code: .messageTooBig, reason: "message_too_big")
}
