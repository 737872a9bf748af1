import PraisonCore

/// Deciding what becomes of each entry.
extension Inbox {
    /// Stops 4 and 5, for one entry. Decides the same when asked again after a restart.
    func decide(_ entry: JournalEntry) async -> Work {
        guard var message = entry.event.message, let desk = desks[message.conversation.channel] else {
            return Self.nobodysWork(entry)
        }
        message.conversation = runner.addresses.current(message.conversation)
        var isPaired = false
        if desk.asksForPairing(message) {
            isPaired = await runner.isPaired(message.sender.id, on: message.conversation.channel)
        }
        return desk.work(for: entry, message, isPaired: isPaired)
    }

    /// Notes where those who may allow tools can be asked.
    func meet(_ work: Work) async {
        let message = work.message
        guard let approvals = runner.approvals, message.kind == .message, message.conversation.scope == .dm,
            !work.isIgnored,
            approvals.rules.approvers(on: message.conversation.channel).contains(message.sender.id)
        else { return }
        await approvals.met(message.sender.id, in: message.conversation)
    }

    private static func nobodysWork(_ entry: JournalEntry) -> Work {
        let channel = entry.event.channel
        let message =
            entry.event.message
            ?? InboundMessage(
                kind: .unsupported, id: MessageID(entry.event.id.rawValue),
                conversation: Conversation(channel: channel, id: "", scope: .channel), sender: Sender(id: ""))
        let reason =
            entry.event.message == nil
            ? "a \(entry.event.type.rawValue) event, which no agent answers"
            : "channel \(channel) is not configured any more"
        return Work(entry: entry, message: message, action: .ignore(reason: reason))
    }

    /// Lets a command go ahead of what runs and waits.
    ///
    /// - Returns: whether it does; too many of them wait in line.
    func overtake(_ work: Work) -> Bool {
        let key = LaneKey(conversation: work.lane.conversation, isExpress: true)
        guard lanes.waiting(in: key).count < Self.maximumExpress else { return false }
        queue(work, in: key)
        return true
    }

    /// Queues admitted work, or ends it at once where there is nothing to wait for.
    func place(_ work: Work, _ ended: inout [Ending]) {
        switch work.action {
        case .ignore(let reason):
            switch work.message.kind {
            case .edit where replace(with: work, &ended): return
            case .delete where withdraw(work, &ended): return
            default: break
            }
            // A part of an album may turn out to belong to one that is addressed to the bot.
            if work.message.album == nil {
                lanes.hold(work.id)
                ended.append(Ending(work, TurnOutcome(.ignored, reason: reason)))
            } else {
                queue(work, in: work.lane)
            }
        case .answer(let assignment):
            if desks[work.lane.channel]?.settings.busy == .interrupt, let turn = running[work.lane],
                turn.session == assignment.session
            {
                turn.signal.stop()
            }
            queue(work, in: work.lane)
        case .command where work.overtakes:
            if !overtake(work) { queue(work, in: work.lane) }
        default: queue(work, in: work.lane)
        }
    }

    /// An edit of a message that still waits replaces it, and ends with it.
    private func replace(with edit: Work, _ ended: inout [Ending]) -> Bool {
        var superseded: JournalEntry.ID?
        let isReplaced = lanes.update(in: edit.lane) { work in
            guard work.message.id == edit.message.id, work.message.sender.id == edit.message.sender.id,
                work.assignment != nil
            else { return false }
            work.message.text = edit.message.text
            work.message.entities = edit.message.entities
            if !edit.message.attachments.isEmpty { work.message.attachments = edit.message.attachments }
            superseded = work.edit
            work.edit = edit.id
            return true
        }
        guard isReplaced else { return false }
        lanes.hold(edit.id)
        if let superseded {
            var earlier = edit
            earlier.entry.id = superseded
            ended.append(Ending(earlier, TurnOutcome(.ignored, reason: "edited again before it was answered")))
        }
        return true
    }

    /// A message that is deleted while it waits is not answered; one that is being answered is not answered further.
    private func withdraw(_ deletion: Work, _ ended: inout [Ending]) -> Bool {
        if let turn = running[deletion.lane], turn.messages.contains(deletion.message.id) { turn.signal.stop() }
        let withdrawn = lanes.take(from: deletion.lane) {
            $0.message.id == deletion.message.id && $0.assignment != nil
        }
        guard !withdrawn.isEmpty else { return false }
        lanes.hold(deletion.id)
        ended.append(
            Ending(withdrawn + [deletion], TurnOutcome(.ignored, reason: "deleted before it was answered")))
        return true
    }
}
