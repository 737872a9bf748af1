public import Logging
public import PraisonCore

/// Serves an agent of this process to a gateway elsewhere: it registers the agent, answers the turns it is given, and
/// registers again by itself when the connection is lost.
///
/// ```swift
/// let host = AgentHost(agent, .init(description: "knows the archives"), webSocket: webSocket, logger: logger)
/// try await host.run()
/// ```
///
/// The gateway gives turns that were under way when the connection was lost to the next process that serves the agent,
/// and so to this one when it is back.
public final class AgentHost: Sendable {
    public struct Configuration: Sendable {
        /// `ws:` or `wss:`, with the path.
        public var url: String
        public var token: Secret?
        /// What the agent is good for, for people and for other agents.
        public var description: String?
        /// Turns it takes at once.
        public var concurrency: Int
        /// How long it may take over one turn.
        public var timeout: Duration
        public var backoff: Backoff
        /// How long the gateway may take to answer the registration.
        public var helloTimeout: Duration

        public init(
            url: String = "ws://127.0.0.1:8765/ws", token: Secret? = nil, description: String? = nil,
            concurrency: Int = 8, timeout: Duration = .seconds(300), backoff: Backoff = Backoff(),
            helloTimeout: Duration = .seconds(10)
        ) {
            self.url = url
            self.token = token
            self.description = description
            self.concurrency = concurrency
            self.timeout = timeout
            self.backoff = backoff
            self.helloTimeout = helloTimeout
        }
    }

    private let agent: any Agent
    private let configuration: Configuration
    private let webSocket: any WebSocketClient
    private let clock: any GatewayClock
    private let entropy: any Entropy
    private let logger: Logger
    private let line: ColleagueLine

    /// - Parameter makeAgent: makes the agent, which may turn to its colleagues: the gateway's other agents.
    public init(
        _ configuration: Configuration, webSocket: any WebSocketClient, clock: any GatewayClock = SystemClock(),
        entropy: any Entropy = SystemEntropy(), logger: Logger, makeAgent: (any Colleagues) -> any Agent
    ) {
        line = ColleagueLine(entropy: entropy)
        agent = makeAgent(line)
        self.configuration = configuration
        self.webSocket = webSocket
        self.clock = clock
        self.entropy = entropy
        self.logger = logger
    }

    public convenience init(
        _ agent: any Agent, _ configuration: Configuration = Configuration(), webSocket: any WebSocketClient,
        clock: any GatewayClock = SystemClock(), entropy: any Entropy = SystemEntropy(), logger: Logger
    ) {
        self.init(configuration, webSocket: webSocket, clock: clock, entropy: entropy, logger: logger) { _ in agent }
    }

    /// Serves until cancelled.
    ///
    /// - Throws: ``GatewayClientError`` when the gateway refuses for a reason that trying again does not change.
    public func run() async throws {
        try await Reconnection(backoff: configuration.backoff, clock: clock, entropy: entropy).run(converse) {
            disposition, wait in
            logger.notice(
                "not connected to the gateway",
                metadata: [
                    "agent": "\(agent.name)", "reason": "\(disposition.reason)", "retry": "\(wait.inWords)",
                ])
        }
    }

    // MARK: One connection

    private func converse() async -> LostConnection {
        var headers: HTTPHeaders = [:]
        if let token = configuration.token { headers["Authorization"] = "Bearer \(token.reveal())" }
        do {
            return try await webSocket.connect(
                to: configuration.url, headers: headers, limits: WebSocketLimits(messageSize: 64 << 20)
            ) { connection in
                defer { self.line.close() }
                return await self.serve(connection)
            }
        } catch {
            return LostConnection(disposition: Disposition(error), hadSession: false)
        }
    }

    private func serve(_ connection: any WebSocketConnection) async -> LostConnection {
        do {
            try? await connection.send(.text(registration))
            let (answer, early) = try await withTimeout(configuration.helloTimeout, clock: clock) {
                try await self.answer(from: connection)
            }
            switch answer {
            case .registered(let welcome)?:
                logger.notice("agent registered", metadata: ["agent": "\(agent.name)", "url": "\(configuration.url)"])
                line.open(connection, welcome.colleagues)
                try await work(connection, welcome, early)
                return LostConnection(
                    disposition: Disposition(closedWith: await connection.closeCode), hadSession: true)
            case .refused(let error)?:
                return LostConnection(disposition: Disposition(error, isResuming: false), hadSession: false)
            case .ping?, .turn?, .cancelled?, .answer?, nil:
                return LostConnection(
                    disposition: Disposition(closedWith: await connection.closeCode), hadSession: false)
            }
        } catch is TimeoutError {
            return LostConnection(
                disposition: .retry(reason: "the gateway did not answer the registration", floor: nil),
                hadSession: false)
        } catch {
            return LostConnection(disposition: Disposition(error), hadSession: line.isOpen)
        }
    }

    private var registration: String {
        var object: [String: JSONValue] = [
            "type": "agent_register", "name": .string(agent.name.rawValue),
            "concurrency": JSONValue(configuration.concurrency), "timeout": JSONValue(configuration.timeout.inSeconds),
        ]
        object["description"] = configuration.description.map(JSONValue.string)
        return JSONValue.object(object).text()
    }

    /// The gateway's word on the registration, and what it has said before that; `nil` when the connection ended first.
    private func answer(from connection: any WebSocketConnection) async throws -> (HostFrame?, early: [HostFrame]) {
        var early: [HostFrame] = []
        while let message = try await connection.receive() {
            guard case .text(let text) = message, let frame = HostFrame(text) else { continue }
            switch frame {
            case .registered, .refused: return (frame, early)
            case .ping: try await connection.send(.text(Pulse.pong))
            case .turn, .cancelled, .answer:
                // A turn that waited for the agent may come first; a gateway gives no more of them at once.
                if early.count < 2 * configuration.concurrency { early.append(frame) }
            }
        }
        return (nil, early)
    }

    /// Answers turns until the connection ends.
    ///
    /// - Parameter early: what has come already.
    private func work(
        _ connection: any WebSocketConnection, _ welcome: HostFrame.Welcome, _ early: [HostFrame]
    ) async throws {
        let pulse = Pulse(clock: clock)
        let desk = TurnDesk(agent: agent, line: line, connection: connection, maxPayload: welcome.maxPayload)
        try await withThrowingDiscardingTaskGroup { group in
            group.addTask { try await pulse.watch(connection, every: welcome.heartbeat) }
            defer { group.cancelAll() }
            for frame in early { try await take(frame, connection, desk, &group) }
            while let message = try await connection.receive() {
                pulse.heard()
                guard case .text(let text) = message, let frame = HostFrame(text) else { continue }
                try await take(frame, connection, desk, &group)
            }
        }
    }

    private func take(
        _ frame: HostFrame, _ connection: any WebSocketConnection, _ desk: TurnDesk,
        _ group: inout ThrowingDiscardingTaskGroup<any Error>
    ) async throws {
        switch frame {
        case .ping: try await connection.send(.text(Pulse.pong))
        case .turn(let id, let turn): group.addTask { try await desk.work(on: turn, id) }
        case .cancelled(let id): desk.cancel(id)
        case .answer(let id, let answer): line.take(answer, to: id)
        case .registered, .refused: break
        }
    }
}
