import PraisonCore

/// Where a call is directed: the parameters every send has in common.
struct TelegramTarget: Sendable {
    var chat: Conversation.ID
    var thread: Conversation.Thread?
    var replyTo: MessageID?

    init(_ conversation: Conversation, replyTo: MessageID? = nil) {
        chat = conversation.id
        // The General topic is the chat itself; its number 1 is refused.
        thread = conversation.thread == "1" ? nil : conversation.thread
        self.replyTo = replyTo
    }

    var parameters: [String: JSONValue] {
        var parameters = ["chat_id": Self.identifier(chat.rawValue)]
        if let number = thread.flatMap({ Int64($0.rawValue) }) { parameters["message_thread_id"] = JSONValue(number) }
        if let number = replyTo.flatMap({ Int64($0.rawValue) }), number > 0 {
            parameters["reply_parameters"] = ["message_id": JSONValue(number), "allow_sending_without_reply": true]
        }
        return parameters
    }

    /// Telegram numbers chats; `@name` works for public ones.
    static func identifier(_ text: String) -> JSONValue {
        Int64(text).map { JSONValue($0) } ?? .string(text)
    }
}
