import PraisonCore

/// A message that the gateway did not take, and when it may be sent again.
struct Postponed: Sendable {
    var requestID: String
    /// On the client's clock.
    var due: Duration
}

/// What becomes of the messages: each is taken, answered or refused, and whoever waits for its reply is told.
extension GatewayClient {
    /// Our own code for a reply that is not kept any more.
    private static let replyLost = "reply_lost"
    private static let usualPause = Duration.seconds(5)

    func tell(_ event: Event) async {
        note(event)
        await events.queue.send(event)
    }

    private func note(_ event: Event) {
        switch event {
        case .accepted(let id?, _): take(id)
        case .duplicate(let id?): take(id)
        case .reply(let reply):
            // The reference names no request in a reply; its turns come in order.
            guard let id = reply.requestID ?? unanswered.first?.requestID else { return }
            let isAborted = reply.status == "aborted" && reply.text.isEmpty
            settle(id, isAborted ? .failure(.aborted) : .success(reply))
        case .aborted(let stopped, let id):
            if stopped.events.isEmpty {
                giveUp((stopped.turnAborted ? 1 : 0) + stopped.pendingCancelled, .aborted)
            } else {
                for event in stopped.events { settle(event.rawValue, .failure(.aborted)) }
            }
            // The reference does not say which wish it answers; it answers them in order.
            guard let wish = id ?? stopping.first else { return }
            stopping.removeAll { $0 == wish }
            settle(wish, .failure(.aborted))
        case .problem(let message, let code, let id?, _):
            stopping.removeAll { $0 == id }
            let isLost = code == Self.replyLost
            settle(id, .failure(isLost ? .replyLost : .refused(code: code ?? "error", message: message, nextStep: nil)))
        case .sessionLost: giveUp(unanswered.count, .sessionLost)
        default: break
        }
    }

    /// The gateway has the message.
    private func take(_ id: String) {
        doubtful.remove(id)
        guard let entry = outbox.acknowledge(id) else { return }
        unanswered.append(entry)
        if unanswered.count > configuration.outboxLimit { unanswered.removeFirst() }
    }

    private func settle(_ id: String, _ result: Result<Reply, GatewayClientError>) {
        outbox.acknowledge(id)
        unanswered.removeAll { $0.requestID == id }
        askers[id]?.settle(result.mapError { $0 as any Error })
    }

    /// The oldest messages without an answer will get none.
    private func giveUp(_ count: Int, _ error: GatewayClientError) {
        for entry in unanswered.prefix(count) { askers[entry.requestID]?.settle(.failure(error)) }
        unanswered.removeFirst(min(count, unanswered.count))
    }

    // MARK: After more was missed than is kept

    /// Finds in the conversation what would have been heard of messages that wait for their reply.
    func settle(by snapshot: Snapshot) async {
        let taken = unanswered
        let entries = taken + outbox.entries
        for (place, (entry, fate)) in zip(entries, snapshot.fates(of: entries.map(\.text))).enumerated() {
            let isTaken = place < taken.count
            switch fate {
            case .answered(let text): await tell(.reply(Reply(text: text, requestID: entry.requestID)))
            case .pending: take(entry.requestID)
            case .unknown where isTaken: await tell(Self.lost(entry.requestID))
            case .unknown: doubtful.insert(entry.requestID)
            }
        }
    }

    private static func lost(_ id: String) -> Event {
        .problem(message: "\(GatewayClientError.replyLost)", code: replyLost, requestID: id, retryAfter: nil)
    }

    // MARK: What the gateway says, as it is told on

    func told(_ event: Event) async -> Event {
        switch event {
        case .duplicate(let id?) where doubtful.remove(id) != nil: Self.lost(id)
        default: await postpone(event) ?? event
        }
    }

    /// - Returns: what a person is told where `event` refuses a message for now only, which is sent again later.
    private func postpone(_ event: Event) async -> Event? {
        guard case .problem(let message, let code?, let id?, let wait) = event,
            ["rate_limited", "unavailable"].contains(code), outbox.entry(id) != nil
        else { return nil }
        let pause = wait ?? Self.usualPause
        await postponed.send(Postponed(requestID: id, due: clock.uptime + pause))
        return .status("\(message) Sent again in \(Int(pause.inSeconds.rounded(.up))) s.")
    }

    /// Sends what is due, until cancelled.
    func sendPostponed(over connection: any WebSocketConnection) async throws {
        while let next = await postponed.next() {
            let pause = next.due - clock.uptime
            if pause > .zero { try await clock.sleep(for: pause) }
            guard let entry = outbox.entry(next.requestID) else { continue }
            try await connection.send(.text(Self.frame(entry)))
        }
    }

    // MARK: Stop words

    /// Sends a word that stops a turn. Without a connection it stops nothing.
    func stop(_ entry: Outbox.Entry) async {
        stopping.append(entry.requestID)
        if let connection {
            // Where this fails the connection is lost, and the wish with it.
            try? await connection.send(.text(Self.frame(entry)))
        } else {
            await tell(.aborted(.nothing, requestID: entry.requestID))
        }
    }
}

extension StoppedTurns {
    static let nothing = StoppedTurns(turnAborted: false, pendingCancelled: 0)
}
