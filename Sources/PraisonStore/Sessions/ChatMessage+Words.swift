import PraisonCore

extension ChatMessage {
    /// A remembered message that is words and nothing else, as nearly all are. A turn reads its session's whole history,
    /// which takes about half the CPU this way; ``JSONColumn`` reads every message.
    ///
    /// - Returns: `nil` for a line that holds anything more, or that is no message.
    init?(wordsIn line: String) {
        guard let document = try? JSONDocument(parsing: line), document.kind == .object else { return nil }
        var (role, text, timestamp): (Role?, String?, Timestamp?)
        for (name, value) in document.members {
            switch name {
            case "role": role = value.string.flatMap(Role.init)
            case "text": text = value.string
            case "timestamp":
                guard let microseconds = value.integer else { return nil }
                timestamp = Timestamp(microseconds: microseconds)
            case "attachments", "toolCalls":
                guard value.kind == .array, value.elements.isEmpty else { return nil }
            default: return nil
            }
        }
        guard let role, let text else { return nil }
        self.init(role, text, timestamp: timestamp)
    }
}
