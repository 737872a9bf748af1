import PraisonCore

/// Passes on what happens in the gateway: broadcasts to everybody they are for, all else to clients with the capability
/// `events`. Tells the gateway in turn who comes and goes.
struct EventRelay: Sendable {
    static let capability = "events"

    let clients: ClientRegistry
    let feed: EventFeed
    let clock: any GatewayClock
    let entropy: any Entropy

    /// Relays until cancelled.
    func run() async {
        for await event in feed.subscribe() { relay(event) }
    }

    func relay(_ event: GatewayEvent) {
        var text: String?
        for client in clients.all where concerns(event, client) {
            let frame = text ?? event.wireJSON.text()
            text = frame
            client.send(frame)
        }
        if let exchange = Exchange(event) { show(exchange) }
    }

    /// Lets the clients of a session see that their agent turns to another one.
    private func show(_ exchange: Exchange) {
        let text = ServerFrame.status(source: exchange.from, message: exchange.words).text
        for client in clients.all where client.session?.id == exchange.session { client.send(text) }
    }

    /// One agent turning to another in somebody's session.
    private struct Exchange {
        private static let excerpt = 300

        var session: String
        var from: String
        var words: String

        init?(_ event: GatewayEvent) {
            guard case .fields(let fields) = event.payload, let to = event.target,
                fields["channel"]?.string == ChannelName.gateway.rawValue, let session = fields["session_id"]?.string,
                let kind = fields["kind"]?.string.flatMap(AgentDirectory.Exchange.Kind.init)
            else { return nil }
            self.session = session
            from = event.source
            let content = String((fields["content"]?.string ?? "").prefix(Self.excerpt))
            switch kind {
            case .ask: words = "asks \(to): \(content)"
            case .answer: words = "answers \(to): \(content)"
            case .handOver: words = "hands over to \(to)"
            }
        }
    }

    /// How many clients a broadcast is for.
    func audience(of event: GatewayEvent) -> Int { clients.all.count { isMeant($0, event) } }

    private func concerns(_ event: GatewayEvent, _ client: Client) -> Bool {
        guard client.session != nil else { return false }
        if client.capabilities.contains(Self.capability), client.principal.may(.read) { return true }
        return event.type == .broadcast && isMeant(client, event)
    }

    /// Whether the client, or its agent, is the event's target.
    private func isMeant(_ client: Client, _ event: GatewayEvent) -> Bool {
        guard let session = client.session else { return false }
        guard let target = event.target else { return true }
        return target == session.agent.rawValue || target == client.id || target == session.id
    }

    // MARK: Telling

    func connected(_ client: Client, to session: ClientSession) { publish(.connect, client, session) }

    func disconnected(_ client: Client, from session: ClientSession) { publish(.disconnect, client, session) }

    func heartbeat(_ fields: [String: JSONValue]) {
        feed.publish(event(.heartbeat, fields, source: "gateway"))
    }

    private func publish(_ type: EventType, _ client: Client, _ session: ClientSession) {
        guard feed.isHeard else { return }
        feed.publish(
            event(
                type,
                [
                    "client_id": .string(client.id), "session_id": .string(session.id),
                    "agent_id": .string(session.agent.rawValue),
                ], source: client.id))
    }

    func event(
        _ type: EventType, _ fields: [String: JSONValue], source: String, target: String? = nil
    ) -> GatewayEvent {
        GatewayEvent(
            type: type, payload: .fields(fields), id: EventID(entropy.uuid()), timestamp: clock.now, source: source,
            target: target)
    }
}
