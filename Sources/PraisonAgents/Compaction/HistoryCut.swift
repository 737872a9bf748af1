import PraisonCore

/// Where a history is cut in two: what is summed up, and what stays word for word. Always between two exchanges, and the
/// last one stays.
struct HistoryCut: Hashable, Sendable {
    /// How many messages, from the first, are summed up; an earlier summary among them.
    var count: Int

    /// - Parameters:
    ///   - room: tokens there are for the history, beside everything else of a request.
    ///   - reach: tokens of messages that can be summed up at once.
    /// - Returns: `nil` where nothing is to be done.
    init?(
        _ history: [ChatMessage], by settings: CompactionSettings, isWanted: Bool, room: Int, reach: Int
    ) {
        let head = history.prefix { $0.role == .system }.count
        let starts = history.indices.filter { index in
            index >= head
                && (index == head || history[index].role == .user && history[index - 1].role != .user)
        }
        guard let last = starts.last, last > head else { return nil }
        let size = TokenEstimate.tokens(of: history)
        let isLong = settings.maxTokens.map { size > $0 } ?? (history.count - head > settings.maxMessages)
        guard isWanted || isLong || size > room else { return nil }
        let kept = isWanted ? 0 : settings.keepRecent
        // Half of the room stays free, so that the next turn does not have to do the same again.
        let wanted =
            starts.first { start in
                history.count - start <= kept && TokenEstimate.tokens(of: Array(history[start...])) <= room / 2
            } ?? last
        // What does not fit into one request is the next turn's work.
        let reachable = starts.last { start in
            start <= wanted && TokenEstimate.tokens(of: Array(history[..<start])) <= reach
        }
        let end = reachable.flatMap { $0 > head ? $0 : nil } ?? starts[1]
        count = min(end, wanted)
        guard count > head else { return nil }
    }
}
