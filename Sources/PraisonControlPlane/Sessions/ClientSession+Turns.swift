import Logging
import PraisonCore

/// A session's turns: messages in, the parts of their replies and the replies out.
extension ClientSession {
    /// Takes a client's message: journals it, then acknowledges it.
    func take(_ message: ClientFrame.Message, from client: Client) async {
        let requestID = message.requestID
        let event = MessageName(session: id, requestID: requestID).eventID(rooms.entropy)
        if pending[event] != nil {
            emit(.duplicate(session: id, requestID: requestID), target: client.id)
            return
        }
        guard pending.count < rooms.session.maxInbox else {
            let words = "\(pending.count) messages of this session wait for their turn already (max_inbox)."
            emit(
                .final(words, outcome: Outcome.rejected(words), session: id, requestID: requestID), target: client.id)
            return
        }
        begin(event, client: client.id, message.content)
        admitting[event] = []
        let isBusy: Bool
        do {
            if !isStored { try await save(through: log.head, evenIfSaved: true) }
            isBusy = order.first == event ? false : await rooms.hub.isBusy(conversation)
            let isNew = try await rooms.hub.accept([self.event(message, event, client)]).contains(event)
            guard isNew else {
                // A retry that comes after the end is told how it ended; that may have been said to others only.
                let outcome = try? await rooms.hub.outcome(of: event)
                if pending[event]?.hasStreamed != true { end(event) }
                emit(
                    .duplicate(outcome: outcome.map(Outcome.json), session: id, requestID: requestID),
                    target: client.id)
                admit(event)
                return
            }
        } catch {
            end(event)
            admit(event)
            refuse(requestID, error, client)
            return
        }
        if isBusy {
            client.send(
                ServerFrame.status(
                    source: agent.rawValue,
                    message: "I am still busy with your last message; this one waits and comes next."
                ).text, after: log.head)
        }
        emit(
            .accepted(isQueued: isBusy, session: id, requestID: requestID, ignored: message.ignored),
            target: client.id)
        pending[event]?.acceptedAt = log.head
        touch()
        admit(event)
    }

    private func refuse(_ requestID: String?, _ error: any Error, _ client: Client) {
        rooms.logger.warning("message not taken", metadata: ["session": "\(id)", "error": "\(error)"])
        let frame = ServerFrame.error("This message was not taken, please send it again: \(error)", code: "unavailable")
        client.send(frame.answering(requestID).adding("retry_after_seconds", 5).text, after: log.head)
    }

    private func event(_ message: ClientFrame.Message, _ id: EventID, _ client: Client) -> GatewayEvent {
        GatewayEvent(
            message: InboundMessage(
                id: MessageID(id.rawValue), conversation: conversation,
                sender: Sender(id: client.principal.person), text: message.content),
            id: id, timestamp: rooms.clock.now, target: agent.rawValue)
    }

    private func begin(_ event: EventID, client: String?, _ content: String) {
        pending[event] = PendingTurn(client: client, content: content)
        order.append(event)
    }

    private func end(_ event: EventID) {
        pending[event] = nil
        order.removeAll { $0 == event }
    }

    private func admit(_ event: EventID) {
        for waiter in admitting.removeValue(forKey: event) ?? [] { waiter.resume() }
    }

    private func admission(of event: EventID) async {
        while admitting[event] != nil {
            await withCheckedContinuation { admitting[event]?.append($0) }
        }
    }

    /// A part of the reply to `event`.
    func stream(_ part: ReplyPart, answering event: EventID, by agent: AgentName) async {
        await admission(of: event)
        if stopped.contains(event) { return }
        if pending[event]?.hasStreamed != true, isLeftOver { restartStream(by: agent) }
        if pending[event] == nil { begin(event, client: nil, "") }
        pending[event]?.hasStreamed = true
        if !keepUnsaid(part, answering: event, by: agent) { say(part, answering: event, by: agent) }
        touch()
        // With nobody connected, nobody fetches the frames; then the turn itself waits for them to be saved.
        if log.head - log.saved > 256 { try? await save(through: log.head) }
    }

    /// Whether an earlier process has begun to say what is still to be said by this one.
    private var isLeftOver: Bool { log.isStreaming && !pending.values.contains(where: \.hasStreamed) }

    private func say(_ part: ReplyPart, answering event: EventID, by agent: AgentName) {
        let target = pending[event]?.client
        let name = nextEventID
        emit(
            .stream(part, session: id, agent: agent, target: target, eventID: name, at: rooms.clock.now),
            eventID: name, target: target)
    }

    /// Keeps words that nobody listens to, or that come faster than the store takes them, to be said as one frame.
    ///
    /// - Returns: `false` when `part` is to be said now.
    private func keepUnsaid(_ part: ReplyPart, answering event: EventID, by agent: AgentName) -> Bool {
        guard !isHeard || (isSaving && log.head - log.saved >= Self.maximumHaste),
            let more = Unsaid(part, answering: event, by: agent)
        else {
            sayUnsaid()
            return false
        }
        if unsaid?.add(more) == true { return true }
        sayUnsaid()
        unsaid = more
        return true
    }

    func sayUnsaid() {
        guard let words = unsaid else { return }
        unsaid = nil
        for piece in words.pieces { say(piece, answering: words.event, by: words.agent) }
    }

    /// Tells clients to forget what they were told of the reply that now begins anew.
    private func restartStream(by agent: AgentName) {
        let name = nextEventID
        emit(
            .streamRestart(
                reason: "restart", session: id, agent: agent, eventID: name, at: rooms.clock.now), eventID: name)
    }

    /// A whole reply, or another message for the session's clients.
    ///
    /// - Returns: once the frame is in the store.
    func deliver(_ message: OutboundMessage) async throws -> MessageReceipt {
        if let event = message.answers { await admission(of: event) }
        if isSaidAlready(message) { return MessageReceipt(id: MessageID("\(id)/aborted"), timestamp: rooms.clock.now) }
        if !log.contains(key: message.key) {
            let turn = message.answers.flatMap { pending[$0] }
            // The whole reply has them too, so that much of them would only take the room of other replies.
            if !isHeard, unsaid?.isShort == false, unsaid?.event == message.answers { unsaid = nil }
            sayUnsaid()
            if let event = message.answers { end(event) }
            // What an earlier process began to say ends here as well.
            if turn?.hasStreamed == true || (message.answers != nil && isLeftOver) {
                endStream(turn?.client, failure: message.outcome)
            }
            emit(
                .final(
                    message.text, outcome: Outcome.json(message.outcome), session: id,
                    requestID: message.answers.flatMap { MessageName.requestID(of: $0, in: id) }),
                target: turn?.client, key: message.key)
            touch()
        }
        let sequence = log.head
        try await save(through: sequence)
        return MessageReceipt(id: MessageID("\(id)/\(sequence)"), timestamp: rooms.clock.now)
    }

    /// Whether the message comes after the `aborted` that ended its turn, or only says the same.
    private func isSaidAlready(_ message: OutboundMessage) -> Bool {
        guard let event = message.answers else { return false }
        return stopped.contains(event) || (aborts > 0 && message.outcome?.status == .stopped && message.text.isEmpty)
    }

    private func endStream(_ target: String?, failure outcome: TurnOutcome? = nil) {
        let source = agent.rawValue
        if outcome?.status == .failed {
            let name = nextEventID
            emit(
                .streamError(
                    "the turn failed", session: id, agent: source, target: target, eventID: name, at: rooms.clock.now),
                eventID: name, target: target)
        }
        let name = nextEventID
        emit(
            .streamEnd(session: id, agent: source, target: target, eventID: name, at: rooms.clock.now),
            eventID: name, target: target)
    }

    /// Stops the turn that runs, and what waits behind it when the scope says so.
    ///
    /// - Parameter requestID: the client's name for its wish.
    func abort(_ scope: ClientFrame.AbortScope, requestID: String?, by client: Client) async {
        aborts += 1
        defer { aborts -= 1 }
        let result = await rooms.hub.stop(conversation, includingQueued: scope == .session)
        // What is on its way into the journal is acknowledged before it ends.
        for event in result.events { await admission(of: event) }
        let gone = result.events.filter { pending[$0] != nil }
        sayUnsaid()
        if result.turnAborted, isLeftOver { endStream(nil) }
        for event in gone {
            if pending[event]?.hasStreamed == true { endStream(pending[event]?.client) }
            end(event)
        }
        stopped += gone
        let excess = stopped.count - rooms.session.maxInbox - 64
        if excess > 0 { stopped.removeFirst(excess) }
        let frame = ServerFrame.aborted(
            result, scope: scope, session: id, names: gone.compactMap { MessageName.requestID(of: $0, in: id) },
            requestID: requestID)
        if clients.contains(where: { $0 === client }) { tell(frame) } else { client.send(frame.text) }
        touch()
    }

    /// Turns that ended without a word to their client do not keep the session in memory.
    func forgetLostTurns() async {
        let suspects = order
        guard !suspects.isEmpty, admitting.isEmpty, await !rooms.hub.isBusy(conversation) else { return }
        for event in suspects where admitting[event] == nil { end(event) }
    }
}
