import Logging
import PraisonCore

/// The connection: how it comes to be, what is heard, and what happens when it is lost.
extension GatewayClient {
    /// Connects, and connects again whenever the connection is lost, until cancelled.
    ///
    /// - Throws: ``GatewayClientError`` when the gateway refuses for a reason that trying again does not change.
    public func run() async throws {
        defer { end() }
        do {
            try await Reconnection(backoff: configuration.backoff, clock: clock, entropy: entropy).run(converse) {
                disposition, wait in
                if case .startAfresh(let reason) = disposition {
                    forgetSession()
                    await tell(.sessionLost(reason: reason))
                }
                logger.debug(
                    "gateway connection lost",
                    metadata: ["reason": "\(disposition.reason)", "retry": "\(wait.inWords)"])
                await tell(.disconnected(reason: disposition.reason, retryAfter: wait))
            }
        } catch {
            failure = error as? GatewayClientError
            throw error
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

    /// One connection, from the upgrade to its end.
    private func converse() async -> LostConnection {
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
            return LostConnection(disposition: Disposition(error), hadSession: false)
        }
    }

    private func disconnected() async {
        connection = nil
        doubtful = []
        // Whatever the gateway did about them, it is too late to hear of it.
        for id in stopping { await tell(.aborted(.nothing, requestID: id)) }
    }

    private func serve(_ connection: any WebSocketConnection) async -> LostConnection {
        let isResuming = session != nil
        do {
            // A gateway that refuses at once has closed by now; what it said is still to be read.
            try? await connection.send(.text(hello(wantsSnapshot: false)))
            let answer = try await withTimeout(configuration.helloTimeout, clock: clock) {
                try await Self.answer(from: connection)
            }
            switch answer {
            case .welcome(var welcome):
                var snapshot: JSONValue?
                if welcome.needsResync {
                    switch try await resynchronized(connection) {
                    case .entered(let again, let told): (welcome, snapshot) = (again, told)
                    case .over(let lost): return lost
                    }
                }
                let heartbeat = await enter(welcome, isResuming: isResuming, snapshot, connection)
                try await talk(connection, heartbeat: heartbeat)
                return LostConnection(
                    disposition: Disposition(closedWith: await connection.closeCode), hadSession: true)
            case .refused(let error):
                return LostConnection(disposition: Disposition(error, isResuming: isResuming), hadSession: false)
            default:
                return LostConnection(
                    disposition: Disposition(closedWith: await connection.closeCode), hadSession: false)
            }
        } catch is TimeoutError {
            return LostConnection(
                disposition: .retry(reason: "the gateway did not answer the hello", floor: nil), hadSession: false)
        } catch {
            return LostConnection(disposition: Disposition(error), hadSession: self.connection != nil)
        }
    }

    private enum Resynchronization {
        /// In again; the snapshot is `nil` where the gateway can't read the conversation just now.
        case entered(ServerMessage.Welcome, snapshot: JSONValue?)
        case over(LostConnection)
    }

    /// Comes in once more, and asks for the conversation as a whole.
    private func resynchronized(_ connection: any WebSocketConnection) async throws -> Resynchronization {
        try await connection.send(.text(hello(wantsSnapshot: true)))
        return try await withTimeout(configuration.helloTimeout, clock: clock) {
            // What comes before is about to be told again.
            switch try await Self.answer(from: connection) {
            case .welcome(let welcome):
                let snapshot = welcome.needsResync ? nil : try await Self.snapshot(from: connection)
                return .entered(welcome, snapshot: snapshot)
            case .refused(let error):
                return .over(LostConnection(disposition: Disposition(error, isResuming: true), hadSession: false))
            default:
                let code = await connection.closeCode
                return .over(LostConnection(disposition: Disposition(closedWith: code), hadSession: false))
            }
        }
    }

    private static func snapshot(from connection: any WebSocketConnection) async throws -> JSONValue? {
        while let message = try await connection.receive() {
            guard case .text(let text) = message else { continue }
            switch ServerMessage(text) {
            case .event(.other(type: "snapshot", let frame), _): return frame
            case .ping: try await connection.send(.text(Pulse.pong))
            default: continue
            }
        }
        return nil
    }

    private func hello(wantsSnapshot: Bool) -> String {
        var members: [String: JSONValue] = [
            "type": "hello", "agent_id": .string(configuration.agent), "protocol_min": 1, "protocol_max": 1,
            "capabilities": .array(configuration.capabilities.map(JSONValue.string)),
        ]
        members["session_id"] = session.map(JSONValue.string)
        members["resume_key"] = session == nil ? nil : resumeKey.map(JSONValue.string)
        // A client that has nothing yet leaves it to the gateway, which knows what was received.
        members["since"] = session != nil && cursor > 0 ? JSONValue(cursor) : nil
        members["snapshot"] = wantsSnapshot ? true : nil
        return JSONValue.object(members).text()
    }

    /// The gateway's word on the hello; `nil` when the connection ended first.
    private static func answer(from connection: any WebSocketConnection) async throws -> ServerMessage? {
        while let message = try await connection.receive() {
            guard case .text(let text) = message, let frame = ServerMessage(text) else { continue }
            switch frame {
            case .welcome, .refused: return frame
            case .ping: try await connection.send(.text(Pulse.pong))
            case .pong, .event: continue
            }
        }
        return nil
    }

    private func enter(
        _ welcome: ServerMessage.Welcome, isResuming: Bool, _ snapshot: JSONValue?,
        _ connection: any WebSocketConnection
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
        await tell(.connected(session: welcome.session, isResumed: welcome.isResumed))
        if let snapshot {
            cursor = Snapshot(snapshot).cursor
            await tell(.other(type: "snapshot", frame: snapshot))
            await settle(by: Snapshot(snapshot))
        } else if welcome.needsResync {
            await settle(by: Snapshot(messages: [], cursor: 0))
        }
        return max(welcome.heartbeat ?? Pulse.usualInterval, .milliseconds(10))
    }

    /// Reads until the connection ends; meanwhile sends what waited, and pings.
    private func talk(_ connection: any WebSocketConnection, heartbeat: Duration) async throws {
        let pulse = Pulse(clock: clock)
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                for entry in await self.outbox.entries { try await connection.send(.text(Self.frame(entry))) }
                return false
            }
            group.addTask {
                try await self.sendPostponed(over: connection)
                return false
            }
            group.addTask {
                try await pulse.watch(connection, every: heartbeat)
                return true
            }
            group.addTask {
                while let message = try await connection.receive() {
                    pulse.heard()
                    if case .text(let text) = message { try await self.take(text, connection) }
                }
                return true
            }
            defer { group.cancelAll() }
            while let isOver = try await group.next(), !isOver {}
        }
    }

    private func take(_ text: String, _ connection: any WebSocketConnection) async throws {
        switch ServerMessage(text) {
        case .ping: try await connection.send(.text(Pulse.pong))
        case .event(let event, let sequence):
            if let sequence {
                // Repeated after a reconnect, and heard already.
                if sequence <= cursor { return }
                cursor = sequence
            }
            await tell(await told(event))
        case .welcome, .refused, .pong, nil: break
        }
    }
}
