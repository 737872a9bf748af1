import Logging
import PraisonCore

/// Stop 7 and the way to stop 8: carries out decided work and leaves its result in the journal as one transaction.
struct TurnRunner: Sendable {
    /// What else goes on in the conversation, for `/status`.
    struct Standing: Sendable {
        var isAnswering = false
        var waiting = 0
    }

    let journal: any Journal
    let outbox: Outbox
    let directory: AgentDirectory
    let desks: [ChannelName: ChannelDesk]
    let board: ChannelBoard
    let addresses: AddressBook
    let feed: EventFeed
    let records: PersonalRecords
    let transcriber: (any Transcriber)?
    /// `nil` where nothing is asked in chats.
    let approvals: ChatApprovals?
    let turnTimeout: Duration
    let clock: any GatewayClock
    let entropy: any Entropy
    let logger: Logger

    func isPaired(_ sender: SenderID, on channel: ChannelName) async -> Bool {
        do {
            return try await journal.pairedSenders(of: channel).contains(sender)
        } catch {
            logger.error("cannot ask who is paired", metadata: ["channel": "\(channel)", "error": "\(error)"])
            return false
        }
    }

    /// - Parameter batch: one piece of work, the parts of an album, or all that is answered together.
    func run(_ batch: [Work], stop: StopSignal, standing: Standing = Standing()) async {
        // Of an album, one part may be addressed to the bot and the others not; then all of it is.
        guard let lead = batch.first(where: { !$0.isIgnored }) ?? batch.first else { return }
        switch lead.action {
        case .ignore(let reason): await finish(batch, TurnOutcome(.ignored, reason: reason))
        case .say(let text, let outcome): await finish(batch, outcome, saying: text)
        case .command(let order): await carryOut(order, batch, standing)
        case .pair: await pair(lead)
        case .move(let id):
            await outbox.move(lead.message.conversation, to: id)
            await finish(batch, TurnOutcome(.ignored, reason: "conversation moved to \(id)"))
        case .answer(let assignment): await answer(batch, lead, assignment, stop)
        }
    }

    // MARK: Ending

    func finish(_ batch: [Work], _ outcome: TurnOutcome, saying text: String? = nil) async {
        await settle([turn(ending: batch, outcome, saying: text)])
    }

    /// Commits the turns, again and again until the journal takes them. When the process ends before, the entries have
    /// no outcome and are taken up again.
    func settle(_ turns: [SettledTurn]) async {
        _ = await insist("record a turn") { try await outbox.settle(turns) }
    }

    /// Does what needs the journal, again and again while that is in trouble: a message must not fail for a full disk.
    ///
    /// - Returns: `nil` when the task is cancelled, or after about a quarter of an hour.
    func insist<Value: Sendable>(_ what: String, _ work: () async throws -> Value) async -> Value? {
        for attempt in 1...20 {
            do { return try await work() } catch {
                if error is CancellationError || Task.isCancelled { return nil }
                logger.error("cannot \(what), trying again", metadata: ["error": "\(error)"])
            }
            let pause = DeliveryPolicy().pause(attempt, entropy.fraction())
            do { try await clock.sleep(for: pause) } catch { return nil }
        }
        return nil
    }

    func turn(
        ending batch: [Work], _ outcome: TurnOutcome, saying text: String? = nil, over draft: ReplyDraft.Shown? = nil
    ) -> SettledTurn {
        SettledTurn(
            entries: batch.flatMap(\.entries), outcome: outcome,
            messages: messages(text, answering: batch, outcome, over: draft ?? ReplyDraft.Shown()), at: clock.now)
    }

    /// The reply cut into messages that fit. The first shows what it answers, where several people talk.
    private func messages(
        _ text: String?, answering batch: [Work], _ outcome: TurnOutcome, over draft: ReplyDraft.Shown
    ) -> [OutboundMessage] {
        guard let work = batch.first(where: { !$0.isIgnored }) ?? batch.first,
            let adapter = board.adapter(of: work.message.conversation.channel)
        else { return [] }
        let conversation = addresses.current(work.message.conversation)
        guard let text else {
            // People need not be told that nothing is said, unless they are shown that something will be.
            guard let platform = (adapter as? any ShowsWaiting).map({ type(of: $0) }) else { return [] }
            return batch.filter { platform.isAwaited($0.entry.event.id) }.map { work in
                OutboundMessage(
                    key: "\(work.entry.event.id)/0", conversation: conversation, text: "",
                    answers: work.entry.event.id, outcome: outcome)
            }
        }
        let pieces = TextSplitter(type(of: adapter).capabilities).pieces(of: text)
        let showsReply = conversation.scope != .dm && work.message.kind != .callback
        return pieces.enumerated().map { index, piece in
            var message = OutboundMessage(
                key: "\(work.entry.event.id)/\(index)", conversation: conversation, text: piece,
                replyTo: index == 0 && showsReply ? work.message.id : nil,
                replaces: index < draft.messages.count ? draft.messages[index] : nil,
                answers: work.entry.event.id, outcome: index == pieces.count - 1 ? outcome : nil)
            if index == draft.messages.count, draft.mayHaveOneMore {
                message.text = Delivery.repeatMark + piece
            }
            return message
        }
    }
}
