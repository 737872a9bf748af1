import PraisonCore

/// The control plane as the hub sees it: a channel whose conversations are clients' sessions.
struct GatewayChannel: StreamsReplies {
    static let platform: Platform = "gateway"
    /// A reply is one frame, whatever its length. Sent twice under one key it is there once.
    static let capabilities = ChannelCapabilities(
        textLimit: 64 << 20, textUnit: .utf8,
        pace: ChannelCapabilities.Pace(perSecond: 0, perConversation: .zero, burst: 1), repeatsAreInvisible: true)

    private let parts: PlaneParts

    init(parts: PlaneParts) { self.parts = parts }

    init(settings: ChannelSettings, context: ChannelContext) throws {
        throw ChannelSettingsError(key: "platform", problem: "gateway is the control plane; it needs no channel")
    }

    /// Clients come by themselves.
    func run() async throws {}

    static func events(in payload: JSONDocument, for receiver: Receiver) -> [GatewayEvent] { [] }

    func send(_ message: OutboundMessage) async throws(ChannelError) -> MessageReceipt {
        if AgentAPI.isOwn(message.conversation) { return answer(message) }
        guard let session = try await session(of: message.conversation) else {
            throw .rejected(reason: "session \(message.conversation.id) is gone")
        }
        do {
            let receipt = try await session.deliver(message)
            if message.outcome?.status == .failed { parts.counters.failedTurns.add() }
            return receipt
        } catch {
            throw .unavailable(reason: "the session could not be saved: \(error)")
        }
    }

    func stream(_ part: ReplyPart, answering event: EventID, agent: AgentName, in conversation: Conversation) async {
        if AgentAPI.isOwn(conversation) {
            parts.calls.call(answering: event)?.take(part)
            return
        }
        guard let session = try? await session(of: conversation) else { return }
        await session.stream(part, answering: event, by: agent)
    }

    /// The answer to a program. One that has hung up, or asked an earlier process, hears it no more: it asks again.
    private func answer(_ message: OutboundMessage) -> MessageReceipt {
        if let event = message.answers { parts.calls.call(answering: event)?.end(message) }
        if message.outcome?.status == .failed { parts.counters.failedTurns.add() }
        return MessageReceipt(id: MessageID(message.key), timestamp: parts.rooms.clock.now)
    }

    private func session(of conversation: Conversation) async throws(ChannelError) -> ClientSession? {
        do { return try await parts.sessions.existing(conversation.id.rawValue) } catch {
            throw .unavailable(reason: "the session could not be read")
        }
    }
}
