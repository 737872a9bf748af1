import PraisonCore

/// Stopping a conversation's turn, and dropping what waits behind it, in memory and in the journal.
extension Inbox {
    /// Somebody's wish that what waits in a conversation be dropped, as far as it is in the journal only.
    struct Clearance {
        var conversation: Conversation
        var position: JournalEntry.ID
        var end: JournalEntry.ID
        var dropped = 0
        var done: CheckedContinuation<Int, Never>
    }

    /// Stops the conversation's running turn, and drops what waits behind it when asked to.
    ///
    /// - Parameter end: what came after it is left alone.
    func stopTurn(
        in conversation: Conversation, includingQueued: Bool, before end: JournalEntry.ID? = nil
    ) async -> StoppedTurns {
        let key = key(of: conversation)
        let end = end ?? lastID + 1
        let isAborted = stopRunning(key, before: end)
        guard includingQueued else { return StoppedTurns(turnAborted: isAborted, pendingCancelled: 0) }
        var count = await dropWaiting(key, before: end)
        if lanes.isBeyond(key), !isStopping {
            let position = lanes.horizon(of: key)
            count += await withCheckedContinuation { continuation in
                clearances.append(
                    Clearance(conversation: key.conversation, position: position, end: end, done: continuation))
                bell.yield()
            }
        }
        readOn(key)
        return StoppedTurns(turnAborted: isAborted, pendingCancelled: count)
    }

    private func stopRunning(_ key: LaneKey, before end: JournalEntry.ID) -> Bool {
        guard let turn = running[key], turn.isAnswer, turn.firstID < end else { return false }
        turn.signal.stop()
        return true
    }

    /// - Returns: how many were dropped.
    private func dropWaiting(_ key: LaneKey, before end: JournalEntry.ID) async -> Int {
        let dropped = lanes.take(from: key) { $0.assignment != nil && $0.id < end }
        await self.end(dropped.map { Ending($0, Self.droppedOutcome) })
        return dropped.count
    }

    private static let droppedOutcome = TurnOutcome(.stopped, reason: "dropped before its turn")

    /// Drops a page of what waits in the journal only.
    func clear(_ clearance: Clearance) async throws {
        var clearance = clearance
        let key = key(of: clearance.conversation)
        // A page that was being read when the wish came has been queued since, and a turn of it may have begun.
        _ = stopRunning(key, before: clearance.end)
        clearance.dropped += await dropWaiting(key, before: clearance.end)
        let start = max(clearance.position, min(lanes.horizon(of: key), clearance.end))
        let entries: [JournalEntry]
        do {
            entries = try await journal.unsettledEntries(
                in: .conversation(clearance.conversation), after: start, limit: Self.pageSize)
        } catch {
            postpone(clearance)
            throw error
        }
        var ended: [Ending] = []
        for entry in entries where entry.id < clearance.end {
            let work = await decide(entry)
            if work.assignment != nil { ended.append(Ending(work, Self.droppedOutcome)) }
        }
        await end(ended)
        clearance.dropped += ended.count
        guard let last = entries.last?.id, last < clearance.end else {
            return clearance.done.resume(returning: clearance.dropped)
        }
        clearance.position = last
        postpone(clearance)
    }

    private func postpone(_ clearance: Clearance) {
        if isStopping { clearance.done.resume(returning: clearance.dropped) } else { clearances.append(clearance) }
    }
}
