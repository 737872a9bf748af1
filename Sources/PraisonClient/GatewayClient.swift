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
    static let usualPayload = 1 << 20

    public nonisolated let events: Events
    let configuration: Configuration
    let webSocket: any WebSocketClient
    let clock: any GatewayClock
    let entropy: any Entropy
    let logger: Logger

    var session: String?
    var resumeKey: String?
    var cursor: Int64 = 0
    var outbox: Outbox
    var payloadLimit = GatewayClient.usualPayload
    var connection: (any WebSocketConnection)?
    var askers: [String: ReplyWaiter] = [:]
    /// Messages the gateway has taken and not answered, in their order.
    var unanswered: [Outbox.Entry] = []
    /// Stop words on their way; each is answered over this connection or not at all.
    var stopping: [String] = []
    /// Messages the conversation does not know of, after more was missed than is kept. They are sent again; one that the
    /// gateway had all the same had its reply as well.
    var doubtful: Set<String> = []
    /// Messages that the gateway wants later.
    let postponed: EventQueue<Postponed>
    var isEnded = false
    /// Why it gave up.
    var failure: GatewayClientError?

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
        postponed = EventQueue(limit: configuration.outboxLimit)
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

    /// Sends a message, or keeps it until there is a connection. Only the words that stop a turn (`stop`, `/stop`,
    /// `/cancel`, `/stop all`) are sent at once or not at all.
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
        if StopWord(text) != nil {
            await stop(entry)
            return id
        }
        guard outbox.add(entry) else { throw GatewayClientError.outboxFull(limit: configuration.outboxLimit) }
        await transmit(Self.frame(entry))
        return id
    }

    /// Sends a message and waits for its reply, across lost connections if need be. The reply is among the events too.
    ///
    /// - Throws: ``GatewayClientError`` when the gateway does not take the message, or there is no reply.
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

    static func frame(_ entry: Outbox.Entry) -> String {
        JSONValue.object([
            "type": "message", "content": .string(entry.text), "request_id": .string(entry.requestID),
        ]).text()
    }

    private func transmit(_ text: String) async {
        // A failed send is a lost connection, which the reader sees as well; the outbox has what must not get lost.
        try? await connection?.send(.text(text))
    }
}
