public import Logging
public import PraisonCore

/// Talks to an agent behind a gateway, and keeps talking: it connects again by itself, takes up its session where it
/// was, and sends what waited, each message once.
///
/// ```swift
/// try await GatewayClient.withClient(.init(agent: "assistant"), webSocket: webSocket, logger: logger) { client in
///     print(try await client.ask("hello").text)
/// }
/// ```
public actor GatewayClient {
    public struct Configuration: Sendable {
        /// `ws:` or `wss:`, with the path.
        public var url: String
        public var agent: String
        public var token: Secret?
        /// What the client wants to hear: `streaming`, `events`.
        public var capabilities: [String]
        public var backoff: Backoff
        /// Messages that may wait for the gateway to take them.
        public var outboxLimit: Int
        /// How long the gateway may take to answer the hello.
        public var helloTimeout: Duration
        /// The session to take up, with its key, where one is remembered.
        public var session: String?
        public var resumeKey: String?

        public init(
            url: String = "ws://127.0.0.1:8765/ws", agent: String, token: Secret? = nil,
            capabilities: [String] = ["streaming"], backoff: Backoff = Backoff(), outboxLimit: Int = 1000,
            helloTimeout: Duration = .seconds(10), session: String? = nil, resumeKey: String? = nil
        ) {
            self.url = url
            self.agent = agent
            self.token = token
            self.capabilities = capabilities
            self.backoff = backoff
            self.outboxLimit = outboxLimit
            self.helloTimeout = helloTimeout
            self.session = session
            self.resumeKey = resumeKey
        }
    }

    /// How far the reader of ``events`` may be behind before the connection waits for it.
    private static let eventLimit = 1024
    /// Until the gateway says what it takes.
    private static let usualPayload = 1 << 20
    private static let usualHeartbeat = Duration.seconds(30)

    public nonisolated let events: Events
    private let configuration: Configuration
    private let webSocket: any WebSocketClient
    private let clock: any GatewayClock
    private let entropy: any Entropy
    private let logger: Logger

    private var session: String?
    private var resumeKey: String?
    private var cursor: Int64 = 0
    private var outbox: Outbox
    private var payloadLimit = GatewayClient.usualPayload
    private var connection: (any WebSocketConnection)?
    private var lastHeard: Duration = .zero
    private var askers: [String: ReplyWaiter] = [:]
    /// Messages the gateway has taken and not answered, in their order.
    private var unanswered: [String] = []
    private var isEnded = false
    /// Why it gave up.
    private var failure: GatewayClientError?

    public init(
        _ configuration: Configuration, webSocket: any WebSocketClient, clock: any GatewayClock = SystemClock(),
        entropy: any Entropy = SystemEntropy(), logger: Logger
    ) {
        self.configuration = configuration
        self.webSocket = webSocket
        self.clock = clock
        self.entropy = entropy
        self.logger = logger
        outbox = Outbox(limit: configuration.outboxLimit)
        session = configuration.session
        resumeKey = configuration.resumeKey
        events = Events(queue: EventQueue(limit: Self.eventLimit))
    }

    /// Runs a client for as long as `body` takes. When the client gives up before, `body` is cancelled.
    public static func withClient<Value: Sendable>(
        _ configuration: Configuration, webSocket: any WebSocketClient, clock: any GatewayClock = SystemClock(),
        entropy: any Entropy = SystemEntropy(), logger: Logger,
        _ body: @escaping @Sendable (GatewayClient) async throws -> Value
    ) async throws -> Value {
        let client = GatewayClient(
            configuration, webSocket: webSocket, clock: clock, entropy: entropy, logger: logger)
        return try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask {
                try await client.run()
                return nil
            }
            group.addTask { try await body(client) }
            defer { group.cancelAll() }
            do {
                while let result = try await group.next() {
                    if let result { return result }
                }
            } catch {
                // The body may notice that the events ended before the client's own reason gets here.
                throw await client.failure ?? error
            }
            throw CancellationError()
        }
    }

    // MARK: Talking

    /// Sends a message, or keeps it until there is a connection.
    ///
    /// - Parameter requestID: the message's name, under which it is answered once however often it is sent.
    /// - Returns: the name.
    @discardableResult
    public func send(_ text: String, requestID: String? = nil) async throws -> String {
        let id = requestID ?? entropy.uuid()
        let entry = Outbox.Entry(requestID: id, text: text)
        let size = Self.frame(entry).utf8.count
        guard size <= payloadLimit else {
            throw GatewayClientError.messageTooLarge(bytes: size, limit: payloadLimit)
        }
        if isEnded { throw GatewayClientError.ended }
        guard outbox.add(entry) else { throw GatewayClientError.outboxFull(limit: configuration.outboxLimit) }
        await transmit(Self.frame(entry))
        return id
    }

    /// Sends a message and waits for its reply, across lost connections if need be. The reply is among the events too.
    public func ask(_ text: String) async throws -> Reply {
        let id = entropy.uuid()
        let waiter = ReplyWaiter()
        askers[id] = waiter
        defer { askers[id] = nil }
        try await send(text, requestID: id)
        return try await waiter.reply()
    }

    /// Stops the turn that runs, or that and all that waits.
    public func abort(includingQueued: Bool = false) async {
        await transmit(includingQueued ? #"{"type":"abort","scope":"session"}"# : #"{"type":"abort"}"#)
    }

    /// Answers a question of the gateway's.
    public func answer(_ question: Question, with value: String) async {
        await transmit(
            JSONValue.object([
                "type": "server_reply", "request_id": .string(question.id), "value": .string(value),
            ]).text())
    }

    /// The session and the key to it, for whoever wants to take it up in another process.
    public var resumption: (session: String, key: String?)? { session.map { ($0, resumeKey) } }

    private static func frame(_ entry: Outbox.Entry) -> String {
        JSONValue.object([
            "type": "message", "content": .string(entry.text), "request_id": .string(entry.requestID),
        ]).text()
    }

    private func transmit(_ text: String) async {
        // A failed send is a lost connection, which the reader sees as well; the outbox has what must not get lost.
        try? await connection?.send(.text(text))
    }

    // MARK: The connection

    /// Connects, and connects again whenever the connection is lost, until cancelled.
    ///
    /// - Throws: ``GatewayClientError`` when the gateway refuses for a reason that trying again does not change.
    public func run() async throws {
        defer { end() }
        var failures = 0
        while !Task.isCancelled {
            let lost = await converse()
            if lost.hadSession { failures = 0 }
            if Task.isCancelled { break }
            failures += 1
            let reason: String
            var floor: Duration?
            switch lost.disposition {
            case .stop(let error):
                failure = error
                throw error
            case .startAfresh(let why):
                reason = why
                forgetSession()
                await tell(.sessionLost(reason: why))
            case .retry(let why, let wanted):
                reason = why
                floor = wanted
            }
            let wait = configuration.backoff.wait(
                beforeRetry: failures, fraction: entropy.fraction(), floor: floor)
            logger.debug("gateway connection lost", metadata: ["reason": "\(reason)", "retry": "\(wait.inSeconds) s"])
            await tell(.disconnected(reason: reason, retryAfter: wait))
            do { try await clock.sleep(for: wait) } catch { break }
        }
    }

    private func end() {
        isEnded = true
        for waiter in askers.values { waiter.settle(.failure(GatewayClientError.ended)) }
        events.queue.finish()
    }

    private func forgetSession() {
        session = nil
        resumeKey = nil
        cursor = 0
    }

    private struct Lost: Sendable {
        var disposition: Disposition
        var hadSession: Bool
    }

    /// One connection, from the upgrade to its end.
    private func converse() async -> Lost {
        var headers: HTTPHeaders = [:]
        if let token = configuration.token { headers["Authorization"] = "Bearer \(token.reveal())" }
        do {
            return try await webSocket.connect(
                to: configuration.url, headers: headers, limits: WebSocketLimits(messageSize: 64 << 20)
            ) { connection in
                let lost = await self.serve(connection)
                await self.disconnected()
                return lost
            }
        } catch {
            return Lost(disposition: Disposition(error), hadSession: false)
        }
    }

    private func disconnected() { connection = nil }

    private func serve(_ connection: any WebSocketConnection) async -> Lost {
        let isResuming = session != nil
        do {
            // A gateway that refuses at once has closed by now; what it said is still to be read.
            try? await connection.send(.text(hello))
            let answer = try await withTimeout(configuration.helloTimeout, clock: clock) {
                try await Self.answer(from: connection)
            }
            switch answer {
            case .welcome(let welcome):
                let heartbeat = await enter(welcome, isResuming: isResuming, connection)
                try await talk(connection, heartbeat: heartbeat)
                return Lost(disposition: Disposition(closedWith: await connection.closeCode), hadSession: true)
            case .refused(let error):
                return Lost(disposition: Disposition(error, isResuming: isResuming), hadSession: false)
            default:
                return Lost(disposition: Disposition(closedWith: await connection.closeCode), hadSession: false)
            }
        } catch is TimeoutError {
            return Lost(
                disposition: .retry(reason: "the gateway did not answer the hello", floor: nil), hadSession: false)
        } catch {
            return Lost(disposition: Disposition(error), hadSession: self.connection != nil)
        }
    }

    private var hello: String {
        var members: [String: JSONValue] = [
            "type": "hello", "agent_id": .string(configuration.agent), "protocol_min": 1, "protocol_max": 1,
            "capabilities": .array(configuration.capabilities.map(JSONValue.string)),
        ]
        members["session_id"] = session.map(JSONValue.string)
        members["resume_key"] = session == nil ? nil : resumeKey.map(JSONValue.string)
        // A client that has nothing yet leaves it to the gateway, which knows what was received.
        members["since"] = session != nil && cursor > 0 ? JSONValue(cursor) : nil
        return JSONValue.object(members).text()
    }

    /// The gateway's word on the hello; `nil` when the connection ended first.
    private static func answer(from connection: any WebSocketConnection) async throws -> ServerMessage? {
        while let message = try await connection.receive() {
            guard case .text(let text) = message, let frame = ServerMessage(text) else { continue }
            switch frame {
            case .welcome, .refused: return frame
            case .ping: try await connection.send(.text(#"{"type":"pong"}"#))
            case .pong, .event: continue
            }
        }
        return nil
    }

    private func enter(
        _ welcome: ServerMessage.Welcome, isResuming: Bool, _ connection: any WebSocketConnection
    ) async -> Duration {
        if isResuming, !welcome.isResumed {
            await tell(.sessionLost(reason: "the gateway does not know the session any more"))
            cursor = 0
        }
        session = welcome.session
        resumeKey = welcome.resumeKey ?? (welcome.isResumed ? resumeKey : nil)
        cursor = min(cursor, welcome.cursor)
        payloadLimit = welcome.maxPayload ?? Self.usualPayload
        self.connection = connection
        lastHeard = clock.uptime
        await tell(.connected(session: welcome.session, isResumed: welcome.isResumed))
        return max(welcome.heartbeat ?? Self.usualHeartbeat, .milliseconds(10))
    }

    /// Reads until the connection ends; meanwhile sends what waited, and pings.
    private func talk(_ connection: any WebSocketConnection, heartbeat: Duration) async throws {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                for entry in await self.outbox.entries { try await connection.send(.text(Self.frame(entry))) }
                return false
            }
            group.addTask {
                try await self.watch(connection, every: heartbeat)
                return true
            }
            group.addTask {
                while let message = try await connection.receive() {
                    if case .text(let text) = message { try await self.take(text, connection) }
                }
                return true
            }
            defer { group.cancelAll() }
            while let isOver = try await group.next(), !isOver {}
        }
    }

    /// Pings, and closes a connection that has gone silent: it is dead, whatever the network says.
    private func watch(_ connection: any WebSocketConnection, every interval: Duration) async throws {
        while true {
            try await clock.sleep(for: interval)
            if clock.uptime - lastHeard > interval * 2 {
                await connection.close(.goingAway, reason: "silence")
                return
            }
            try await connection.send(.text(#"{"type":"ping"}"#))
        }
    }

    private func take(_ text: String, _ connection: any WebSocketConnection) async throws {
        lastHeard = clock.uptime
        switch ServerMessage(text) {
        case .ping: try await connection.send(.text(#"{"type":"pong"}"#))
        case .event(let event, let sequence):
            if let sequence {
                // Repeated after a reconnect, and heard already.
                if sequence <= cursor { return }
                cursor = sequence
            }
            await tell(event)
        case .welcome, .refused, .pong, nil: break
        }
    }

    private func note(_ event: Event) {
        switch event {
        case .accepted(let id?, _):
            outbox.acknowledge(id)
            unanswered.append(id)
            if unanswered.count > configuration.outboxLimit { unanswered.removeFirst() }
        case .duplicate(let id?): outbox.acknowledge(id)
        case .reply(let reply):
            // The reference names no request in a reply; its turns come in order.
            guard let id = reply.requestID ?? unanswered.first else { return }
            outbox.acknowledge(id)
            unanswered.removeAll { $0 == id }
            askers[id]?.settle(.success(reply))
        case .aborted(let stopped):
            giveUp((stopped.turnAborted ? 1 : 0) + stopped.pendingCancelled, .aborted)
        case .sessionLost: giveUp(unanswered.count, .sessionLost)
        default: break
        }
    }

    /// The oldest messages without an answer will get none.
    private func giveUp(_ count: Int, _ error: GatewayClientError) {
        for id in unanswered.prefix(count) { askers[id]?.settle(.failure(error)) }
        unanswered.removeFirst(min(count, unanswered.count))
    }

    private func tell(_ event: Event) async {
        note(event)
        await events.queue.send(event)
    }
}
