import PraisonCore

/// Stopping a conversation's turn, and dropping what waits behind it, in memory and in the journal.
extension Inbox {
    /// Somebody's wish that what waits in a conversation be dropped, as far as it is in the journal only.
    struct Clearance {
        var conversation: Conversation
        var position: JournalEntry.ID
        var end: JournalEntry.ID
        var stopped: StoppedTurns
        var done: CheckedContinuation<StoppedTurns, Never>
    }

    /// Dropped messages that are named to whoever wished it.
    private static let namedAtMost = 1000

    /// Stops the conversation's running turn, and drops what waits behind it when asked to.
    ///
    /// - Parameter end: what came after it is left alone.
    func stopTurn(
        in conversation: Conversation, includingQueued: Bool, before end: JournalEntry.ID? = nil
    ) async -> StoppedTurns {
        let key = key(of: conversation)
        let end = end ?? lastID + 1
        var stopped = StoppedTurns(turnAborted: false, pendingCancelled: 0)
        stopRunning(key, before: end, &stopped)
        guard includingQueued else { return stopped }
        await dropWaiting(key, before: end, &stopped)
        if lanes.isBeyond(key), !isStopping {
            let position = lanes.horizon(of: key)
            stopped = await withCheckedContinuation { [stopped] continuation in
                clearances.append(
                    Clearance(
                        conversation: key.conversation, position: position, end: end, stopped: stopped,
                        done: continuation))
                bell.yield()
            }
        }
        readOn(key)
        return stopped
    }

    private func stopRunning(_ key: LaneKey, before end: JournalEntry.ID, _ stopped: inout StoppedTurns) {
        guard let turn = running[key], turn.isAnswer, turn.firstID < end else { return }
        // Whoever stopped it before has been told what it was about.
        if !turn.signal.isStopped { stopped.events += turn.events }
        turn.signal.stop()
        stopped.turnAborted = true
    }

    private func dropWaiting(_ key: LaneKey, before end: JournalEntry.ID, _ stopped: inout StoppedTurns) async {
        await drop(lanes.take(from: key) { $0.assignment != nil && $0.id < end }, &stopped)
    }

    private func drop(_ works: [Work], _ stopped: inout StoppedTurns) async {
        stopped.pendingCancelled += works.count
        stopped.events += works.prefix(max(Self.namedAtMost - stopped.events.count, 0)).map(\.entry.event.id)
        await end(works.map { Ending($0, Self.droppedOutcome) })
    }

    private static let droppedOutcome = TurnOutcome(.stopped, reason: "dropped before its turn")

    /// Drops a page of what waits in the journal only.
    func clear(_ clearance: Clearance) async throws {
        var clearance = clearance
        let key = key(of: clearance.conversation)
        // A page that was being read when the wish came has been queued since, and a turn of it may have begun.
        stopRunning(key, before: clearance.end, &clearance.stopped)
        await dropWaiting(key, before: clearance.end, &clearance.stopped)
        let start = max(clearance.position, min(lanes.horizon(of: key), clearance.end))
        let entries: [JournalEntry]
        do {
            entries = try await journal.unsettledEntries(
                in: .conversation(clearance.conversation), after: start, limit: Self.pageSize)
        } catch {
            postpone(clearance)
            throw error
        }
        var works: [Work] = []
        for entry in entries where entry.id < clearance.end {
            let work = await decide(entry)
            if work.assignment != nil { works.append(work) }
        }
        await drop(works, &clearance.stopped)
        guard let last = entries.last?.id, last < clearance.end else {
            return clearance.done.resume(returning: clearance.stopped)
        }
        clearance.position = last
        postpone(clearance)
    }

    private func postpone(_ clearance: Clearance) {
        if isStopping { clearance.done.resume(returning: clearance.stopped) } else { clearances.append(clearance) }
    }
}
