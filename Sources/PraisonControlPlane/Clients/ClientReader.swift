import Logging
import PraisonCore

/// Reads one WebSocket's frames and carries them out, one after the other.
struct ClientReader {
    /// Bytes of a frame that is looked into although it comes too fast.
    private static let peekLimit = 64 << 10

    let client: Client
    let connection: any WebSocketConnection
    let plane: PlaneParts

    private var rooms: PlaneRooms { plane.rooms }

    func run() async {
        var allowance = RateAllowance(rooms.server, now: rooms.clock.uptime)
        // Only agents ask questions that take their time, and few clients are agents.
        guard let first = await serve(&allowance) else { return }
        await withDiscardingTaskGroup { questions in
            var next: ClientFrame.AgentFrame? = first
            while let frame = next {
                await AgentReader(client: client, plane: plane).carryOut(frame, &questions)
                client.handled(at: rooms.clock.uptime)
                next = await serve(&allowance)
            }
            questions.cancelAll()
        }
    }

    /// Carries out what comes, one frame after the other, until there is one that only agents send.
    ///
    /// - Returns: that one; `nil` at the end of the connection.
    private func serve(_ allowance: inout RateAllowance) async -> ClientFrame.AgentFrame? {
        do {
            while let message = try await connection.receive() {
                client.heard(at: rooms.clock.uptime)
                let order = order(in: message, &allowance)
                if case .carryOut(.agent(let frame)) = order { return frame }
                async let done: Void = carryOut(order)
                await done
                client.handled(at: rooms.clock.uptime)
            }
        } catch {
            rooms.logger.debug(
                "client connection ended", metadata: ["client": "\(client.id)", "error": "\(error)"])
        }
        return nil
    }

    /// What a message comes to.
    private enum Order: Sendable {
        case carryOut(ClientFrame)
        case refuse(FrameRefusal)
        case refuseForLackOf(ClientScope, requestID: String?)
        case tell(ServerFrame)
        case close(Client.Closing)
    }

    private func order(in message: WebSocketMessage, _ allowance: inout RateAllowance) -> Order {
        // Before it is looked into: rubbish takes its time too.
        let wait = allowance.take(at: rooms.clock.uptime)
        guard case .text(let text) = message else {
            return .tell(.error("frames are text messages, each one JSON object", code: "invalid_frame"))
        }
        guard text.utf8.count <= rooms.server.maxPayload else { return .close(.messageTooBig) }
        if let wait { return order(in: text, tooFastBy: wait) }
        let frame: ClientFrame
        do { frame = try ClientFrame(parsing: text) } catch { return .refuse(error) }
        guard let scope = frame.requiredScope else { return .carryOut(frame) }
        client.spoke()
        guard client.principal.may(scope) else { return .refuseForLackOf(scope, requestID: frame.requestID) }
        return .carryOut(frame)
    }

    /// Refuses a frame, unless it is the answer to a ping of ours or comes from an agent at its work.
    private func order(in text: String, tooFastBy wait: Duration) -> Order {
        let mayServe = client.principal.may(.admin)
        let isSmall = text.utf8.count <= Self.peekLimit
        let frame = isSmall || mayServe ? try? ClientFrame(parsing: text) : nil
        switch frame {
        case .pong: return .carryOut(.pong)
        case .agent(let work)? where mayServe && ClientFrame.agent(work).requiredScope == nil:
            return .carryOut(.agent(work))
        default: break
        }
        return .tell(
            .error("more than \(rooms.server.messageRate) frames a second (message_rate)", code: "rate_limited")
                .adding("retry_after_seconds", JSONValue(wait.inSeconds)).answering(frame?.requestID))
    }

    private func carryOut(_ order: Order) async {
        switch order {
        case .carryOut(let frame): await carryOut(frame)
        case .refuse(let refusal): await refuse(refusal)
        case .refuseForLackOf(let scope, let requestID): await refuseForLackOf(scope, requestID)
        case .tell(let frame): tell(frame)
        case .close(let closing): client.close(closing)
        }
    }

    private func carryOut(_ frame: ClientFrame) async {
        switch frame {
        case .ping: client.send(ServerFrame.pong)
        case .pong:
            if let sequence = client.answeredPing() { await client.session?.noteReceived(sequence) }
        case .hello(let hello): await Welcome(client: client, plane: plane).welcome(hello)
        case .join(let join): await Welcome(client: client, plane: plane).welcome(join)
        case .leave: await leave()
        case .message(let message):
            if let session = joined(message.requestID) { await session.take(message, from: client) }
        case .abort(let scope, let requestID):
            if let session = joined(requestID) { await session.abort(scope, requestID: requestID, by: client) }
        case .serverReply(let id, let value): await plane.requests.answer(id, value, client, plane.approvals)
        case .broadcast(let data, let target): broadcast(data, target)
        case .agent: break
        }
    }

    private func broadcast(_ data: [String: JSONValue], _ target: String?) {
        let event = plane.relay.event(.broadcast, data, source: client.id, target: target)
        rooms.hub.events.publish(event)
        tell(
            ServerFrame(
                "broadcast_ack",
                ["event_id": .string(event.id.rawValue), "delivered": JSONValue(plane.relay.audience(of: event))]))
    }

    private func leave() async {
        guard let session = client.session else { return }
        client.send(ServerFrame("left", ["session_id": .string(session.id)]).text, after: await session.head)
        await session.detach(client)
        await plane.sessions.discardIfBlank(session)
    }

    private func joined(_ requestID: String?) -> ClientSession? {
        if let session = client.session { return session }
        tell(.error("Not joined to any session").answering(requestID))
        return nil
    }

    private func tell(_ frame: ServerFrame) { client.send(frame.text) }

    // MARK: Refusals

    private func refuse(_ refusal: FrameRefusal) async {
        switch refusal.type {
        case "hello":
            client.spoke()
            let code: HelloError.Code = refusal.code == .invalidHello ? .protocolUnsupported : .invalidRequest
            tell(HelloError(code, refusal.message).frame)
        case "server_reply": await tellNumbered(.error(refusal.message))
        default:
            if refusal.type != nil { client.spoke() }
            tell(.error(refusal.message, code: refusal.code?.rawValue).answering(refusal.requestID))
        }
    }

    private func refuseForLackOf(_ scope: ClientScope, _ requestID: String?) async {
        if client.refusedFrame() >= rooms.server.maxUnauthorizedFrames {
            client.close(.tooManyRefusedFrames)
            return
        }
        await tellNumbered(
            ServerFrame.error("insufficient scope", code: "insufficient_scope")
                .adding("required_scope", .string(scope.rawValue)).answering(requestID))
    }

    /// Inside a session these errors have a number, as in the reference.
    private func tellNumbered(_ frame: ServerFrame) async {
        if let session = client.session { await session.emit(frame, target: client.id) } else { tell(frame) }
    }
}

/// A token bucket: so many frames a second in the long run, so many at once.
struct RateAllowance {
    private let rate: Double
    private let burst: Double
    private var tokens: Double
    private var last: Duration

    init(_ server: ServerSettings, now: Duration) {
        rate = Double(server.messageRate)
        burst = Double(max(server.messageBurst, 1))
        tokens = burst
        last = now
    }

    /// - Returns: `nil` when a frame may come, else how long it has to wait.
    mutating func take(at now: Duration) -> Duration? {
        guard rate > 0 else { return nil }
        tokens = min(burst, tokens + (now - last).inSeconds * rate)
        last = now
        if tokens >= 1 {
            tokens -= 1
            return nil
        }
        return .milliseconds(Int(((1 - tokens) / rate * 1000).rounded(.up)))
    }
}
