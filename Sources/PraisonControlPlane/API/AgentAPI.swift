import Logging
import PraisonCore

/// Puts programs' questions to agents, by the same way as everybody's: journalled, routed, within the same limits.
struct AgentAPI: Sendable {
    /// A sign of life for programs and proxies while nothing is said.
    static let pingInterval = Duration.seconds(15)
    /// How long a streamed answer waits for its first word before it begins, so that what fails at once fails with a
    /// status.
    static let patience = Duration.seconds(1)

    /// What the journal has where only results of tools are brought.
    private static let wordless = "(results of tools)"

    /// What is asked, by whom, in which conversation.
    struct Question: Sendable {
        var agent: AgentName
        /// The protocol's own name for the conversation, unique per owner.
        var session: String
        /// `openai` or `mcp`.
        var origin: String
        /// The words, for the journal and for agents that take words only.
        var text: String
        var caller: CallerContext
        /// The person behind the program, as it says.
        var user: String?
    }

    let parts: PlaneParts
    private var rooms: PlaneRooms { parts.rooms }

    /// The owner's part of a conversation's name: no session of one token is another's.
    static func owner(_ principal: Principal) -> String { principal.person.rawValue }

    static func conversation(_ origin: String, _ principal: Principal, _ session: String) -> Conversation {
        // A slash occurs in no name that a WebSocket client may give its session.
        Conversation(
            channel: .gateway, id: Conversation.ID("\(origin)/\(owner(principal))/\(session)"), scope: .dm)
    }

    /// Whether the conversation is one of those that are answered to a program and to nobody else.
    static func isOwn(_ conversation: Conversation) -> Bool { conversation.id.rawValue.contains("/") }

    /// The agent a program names.
    func agent(_ name: String?) throws(APIRefusal) -> AgentName {
        guard let name else { throw .invalid("model is missing; it is the name of an agent", param: "model") }
        if rooms.hub.agents.contains(where: { $0.name.rawValue == name }) { return AgentName(name) }
        let known = rooms.hub.agents.prefix(20).map(\.name.rawValue).joined(separator: ", ")
        throw APIRefusal(
            status: 404, code: "model_not_found",
            message: "There is no agent \(name.prefix(100)); there are: \(known)", param: "model")
    }

    /// Takes a question: it is in the journal when this returns.
    func ask(_ question: Question, _ principal: Principal, peer: String?) async throws(APIRefusal) -> OpenCall {
        if let wait = parts.rates.take(principal.tokenFingerprint ?? peer ?? "", at: rooms.clock.uptime) {
            throw APIRefusal(
                status: 429, code: "rate_limited",
                message: "More than \(rooms.server.messageRate) questions a second (message_rate).", retryAfter: wait)
        }
        let conversation = Self.conversation(question.origin, principal, question.session)
        let event = EventID("gateway/\(conversation.id)/u:\(rooms.entropy.uuid())")
        guard let open = parts.calls.begin(event, in: conversation) else {
            throw APIRefusal(
                status: 503, code: "overloaded",
                message: "\(rooms.server.maxConnections) questions are being answered already (max_connections).",
                retryAfter: .seconds(5))
        }
        let message = InboundMessage(
            id: MessageID(event.rawValue), conversation: conversation,
            sender: Sender(id: principal.person, displayName: question.user),
            // A message without words is answered by nobody; this one has something to say all the same.
            text: question.text.allSatisfy(\.isWhitespace) ? Self.wordless : question.text, caller: question.caller)
        do {
            try await rooms.hub.accept([
                GatewayEvent(
                    message: message, id: event, timestamp: rooms.clock.now, target: question.agent.rawValue)
            ])
        } catch {
            rooms.logger.warning("question not taken", metadata: ["error": "\(error)"])
            throw APIRefusal(
                status: 503, code: "unavailable", message: "The question was not taken just now; please ask again.",
                retryAfter: .seconds(5))
        }
        return open
    }

    /// Waits for the answer.
    func answer(_ open: OpenCall) async throws(APIRefusal) -> OutboundMessage {
        do { return try Self.answer(in: try await open.call.answer()) } catch let error as APIRefusal {
            throw error
        } catch {
            throw .stopped
        }
    }

    /// The answer that `news` is.
    static func answer(in news: AgentCall.News) throws(APIRefusal) -> OutboundMessage {
        switch news {
        case .end(let message):
            switch message.outcome?.status {
            case .failed?, .quarantined?: throw APIRefusal(message.outcome)
            case .stopped?: throw .stopped
            case .ignored?:
                throw APIRefusal(
                    status: 503, code: "unavailable",
                    message: "The question was not answered: \(message.outcome?.reason ?? "nobody takes it").")
            case .answered?, .command?, nil: return message
            }
        case .overflow, .part: throw .overflow
        }
    }

    /// Sends the answer as it grows, as server-sent events in `writer`'s words.
    ///
    /// - Throws: what fails before the first word.
    func stream(_ open: OpenCall, _ writer: some AnswerWriter) async throws(APIRefusal) -> HTTPResponse {
        do { try await open.call.firstSign(within: Self.patience, clock: rooms.clock) } catch { throw .stopped }
        switch open.call.upcoming {
        case .end(let message)?: _ = try Self.answer(in: .end(message))
        case .overflow?: throw .overflow
        case .part?, nil: break
        }
        let body = AnswerBody(open, writer, clock: rooms.clock)
        return HTTPResponse(
            status: 200,
            headers: [
                "Content-Type": "text/event-stream", "Cache-Control": "no-cache", "X-Accel-Buffering": "no",
            ], body: .stream(HTTPBodyStream { try await body.next() }))
    }
}
