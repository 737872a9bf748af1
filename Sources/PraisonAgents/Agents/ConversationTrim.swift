import PraisonCore

/// Leaves out the oldest of a conversation where a model has no room for all of it.
enum ConversationTrim {
    /// The conversation cut before each question, so that nothing is ever sent without what it answers. What stands
    /// before the first question has lost its own, and is left out.
    static func exchanges(_ messages: [ChatMessage]) -> [[ChatMessage]] {
        var exchanges: [[ChatMessage]] = []
        for message in messages {
            if message.role == .user, exchanges.last?.last?.role != .user {
                exchanges.append([message])
            } else if let last = exchanges.indices.last {
                exchanges[last].append(message)
            }
        }
        return exchanges
    }

    /// The newest of `exchanges` that take no more than `room` tokens, in their order.
    static func newest(_ exchanges: [[ChatMessage]], within room: Int) -> [ChatMessage] {
        var room = room
        var kept: [[ChatMessage]] = []
        for exchange in exchanges.reversed() {
            room -= TokenEstimate.tokens(of: exchange)
            guard room >= 0 else { break }
            kept.append(exchange)
        }
        return kept.reversed().flatMap { $0 }
    }

    /// A request's messages within `budget` tokens; system messages and the last exchange stay whatever they take.
    static func fit(_ messages: [ChatMessage], into budget: Int) -> [ChatMessage] {
        guard TokenEstimate.tokens(of: messages) > budget else { return messages }
        let head = messages.filter { $0.role == .system }
        var older = exchanges(messages.filter { $0.role != .system })
        guard let last = older.popLast() else { return messages }
        return head + newest(older, within: budget - TokenEstimate.tokens(of: head + last)) + last
    }
}
