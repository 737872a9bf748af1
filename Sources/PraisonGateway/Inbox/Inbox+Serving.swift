import PraisonCore

/// A turn that runs or is about to, for those who may stop it.
struct RunningTurn {
    let signal = StopSignal()
    var firstID: JournalEntry.ID
    var messages: Set<MessageID>
    let events: [EventID]
    /// `nil` for what is not an agent's turn.
    var session: SessionKey?

    var isAnswer: Bool { session != nil }

    init(_ batch: [Work]) {
        firstID = batch.map(\.id).min() ?? 0
        messages = Set(batch.map(\.message.id))
        events = batch.map(\.entry.event.id)
        session = batch.lazy.compactMap(\.assignment).first?.session
    }
}

/// How one conversation's work is done, one piece after the other.
extension Inbox {
    /// Turns that came to no end after which a message counts as a suspect.
    private static let suspiciousAttempts = 3

    func serve(_ key: LaneKey) async {
        while !isStopping, !Task.isCancelled, let first = lanes.next(in: key) {
            readOn(key)
            if key.isExpress {
                await serveExpress(first)
            } else {
                await serve(batch(startingWith: first, key), key)
            }
        }
        if isStopping || Task.isCancelled { lanes.leave(key) }
        readOn(key)
    }

    private func serveExpress(_ work: Work) async {
        var work = work
        if case .command(let order) = work.action, order.command == .stop {
            let stopped = await stopTurn(
                in: work.message.conversation, includingQueued: true, before: work.id)
            work.action = .say(Self.words(for: stopped), TurnOutcome(.command, reason: "stop"))
        }
        let standing = TurnRunner.Standing(
            isAnswering: running[work.lane]?.isAnswer ?? false, waiting: lanes.waiting(in: work.lane).count)
        await runner.run([work], stop: StopSignal(), standing: standing)
        finish([work])
    }

    private static func words(for stopped: StoppedTurns) -> String {
        let dropped = stopped.pendingCancelled
        let waiting = dropped == 1 ? "1 waiting message was dropped." : "\(dropped) waiting messages were dropped."
        switch (stopped.turnAborted, dropped) {
        case (true, 0): return "Stopped."
        case (false, 0): return "Nothing is running."
        case (true, _): return "Stopped. \(waiting)"
        case (false, _): return waiting.prefix(1).uppercased() + waiting.dropFirst()
        }
    }

    private func serve(_ batch: [Work], _ key: LaneKey) async {
        guard !isStopping else { return }
        let turn = RunningTurn(batch)
        guard let assignment = batch.lazy.compactMap(\.assignment).first else {
            await runner.run(batch, stop: turn.signal)
            return finish(batch)
        }
        // From now on it can be stopped, also while it waits for its slot.
        running[key] = turn
        defer { running[key] = nil }
        let group = Slots.Group(agent: assignment.route.agent, channel: key.channel)
        let attempts = batch.map(\.entry.attempts).max() ?? 0
        let isSuspect = attempts >= Self.suspiciousAttempts
        if isSuspect {
            await calm(after: attempts, turn.signal)
            guard await suspectSlot(for: group) else { return }
        }
        defer { if isSuspect { suspects.giveBack(by: group) } }
        guard await slot(for: group) else { return }
        await runner.run(batch, stop: turn.signal)
        slots.giveBack(by: group)
        finish(batch)
    }

    /// Waits until this process has lived for a while: 1 s for the first attempt of a suspect, twice as much for each
    /// further one.
    ///
    /// A process that is killed again and again for other reasons says nothing about what it was about to answer; and
    /// one that does die of a message serves everybody else meanwhile.
    private func calm(after attempts: Int, _ stop: StopSignal) async {
        let life = Duration.seconds(1 << min(attempts - Self.suspiciousAttempts, 6))
        let (left, clock) = (start + life - clock.uptime, clock)
        guard left > .zero else { return }
        try? await closing.stopping { try await stop.stopping { try await clock.sleep(for: left) } }
    }

    private func slot(for group: Slots.Group) async -> Bool {
        if slots.takeIfFree(for: group) { return true }
        return await withCheckedContinuation { slots.wait(for: group, $0) }
    }

    private func suspectSlot(for group: Slots.Group) async -> Bool {
        if suspects.takeIfFree(for: group) { return true }
        return await withCheckedContinuation { suspects.wait(for: group, $0) }
    }

    /// What is answered together with `first`: the other parts of its album, or all that waits when the channel merges.
    private func batch(startingWith first: Work, _ key: LaneKey) async -> [Work] {
        var batch = [first]
        if let album = first.message.album {
            while true {
                let count = lanes.waiting(in: key).count
                do { try await clock.sleep(for: Album.settlingTime) } catch { break }
                if lanes.waiting(in: key).count == count { break }
            }
            batch += lanes.take(from: key) { $0.message.album == album }
            return batch
        }
        let policy = desks[key.channel]?.settings.busy ?? .queue
        if let assignment = first.assignment, policy != .queue, assignment.purpose == .answer {
            // Whoever may do less must not have their words carried out with somebody else's rights.
            // And what was said after an order is not answered before it.
            let order = lanes.waiting(in: key).first(where: \.isOrder)
            batch += lanes.take(from: key) {
                $0.assignment == assignment && $0.message.album == nil && $0.id < order?.id ?? .max
            }
            readOn(key)
        }
        return batch
    }
}
