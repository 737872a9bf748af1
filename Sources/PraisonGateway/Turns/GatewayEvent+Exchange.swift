import PraisonCore

extension GatewayEvent {
    /// One agent turning to another, as everybody who listens is told.
    init(exchange: AgentDirectory.Exchange, at now: Timestamp, _ entropy: any Entropy) {
        self.init(
            type: .message,
            payload: .fields([
                "kind": .string(exchange.kind.rawValue), "content": .string(exchange.text),
                "channel": .string(exchange.conversation.channel.rawValue),
                "session_id": .string(exchange.conversation.id.rawValue),
            ]),
            id: EventID("exchange/\(entropy.uuid())"), timestamp: now, source: exchange.from.rawValue,
            target: exchange.to.rawValue)
    }
}
