import PraisonCore

/// The conversation so far, as the gateway tells it to a client that missed more frames than are kept.
struct Snapshot: Hashable, Sendable {
    struct Message: Hashable, Sendable {
        var isOwn: Bool
        var text: String
        /// Whether it waits for its reply.
        var isPending: Bool
    }

    /// What has become of a message that this client sent.
    enum Fate: Hashable, Sendable {
        case answered(String)
        /// The reply is still to come.
        case pending
        /// The conversation does not have it, or has no reply to it.
        case unknown
    }

    /// Oldest first.
    var messages: [Message]
    /// The last frame that is contained.
    var cursor: Int64

    init(messages: [Message], cursor: Int64) {
        self.messages = messages
        self.cursor = cursor
    }

    init(_ frame: JSONValue) {
        messages = (frame["state"]?["messages"]?.array ?? []).map { message in
            Message(
                isOwn: message["sender_id"] == "user", text: message["content"]?.string ?? "",
                isPending: message["metadata"]?["pending"]?.bool ?? false)
        }
        cursor = frame["state"]?["event_cursor"]?.int.map(Int64.init) ?? 0
    }

    /// What has become of the last messages with these words, which were sent in this order. A conversation remembers
    /// words and not the names of requests.
    func fates(of texts: [String]) -> [Fate] {
        var end = messages.endIndex
        return texts.reversed().map { text in
            guard let place = messages[..<end].lastIndex(where: { $0.isOwn && $0.text == text }) else {
                return .unknown
            }
            end = place
            if messages[place].isPending { return .pending }
            return messages[place...].first { !$0.isOwn }.map { .answered($0.text) } ?? .unknown
        }.reversed()
    }
}
