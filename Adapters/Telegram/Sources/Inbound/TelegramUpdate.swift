public import PraisonCore

/// One `Update` of the Bot API, and what it means to the hub.
///
/// Source: https://core.telegram.org/bots/api#update
public enum TelegramUpdate {
    /// What came out of reading an update.
    public enum Reading: Hashable, Sendable {
        case event(GatewayEvent)
        /// The bot's own words, come back.
        case own
        /// It is not what the Bot API promises; the reason names fields, never content.
        case unreadable(reason: String)
    }

    /// The event in one update; `nil` for the bot's own words and for what cannot be read.
    ///
    /// A kind of update this build does not know becomes an event of kind `unsupported` whose text is the kind's name.
    public static func event(in update: JSONDocument, for receiver: Receiver) -> GatewayEvent? {
        if case .event(let event) = read(update, for: receiver) { event } else { nil }
    }

    /// The event in one update, or why there is none.
    public static func read(_ update: JSONDocument, for receiver: Receiver) -> Reading {
        guard let number = update["update_id"]?.integer else { return .unreadable(reason: "no update_id") }
        let id = EventID("\(receiver.channel)/update/\(number)")
        let reader = MessageReader(receiver: receiver, eventID: id)
        if let message = update["message"] { return reader.read(message) }
        if let post = update["channel_post"] { return reader.read(post) }
        if let edit = update["edited_message"] { return reader.read(edit, isEdit: true) }
        if let edit = update["edited_channel_post"] { return reader.read(edit, isEdit: true) }
        let news = NewsReader(receiver: receiver, eventID: id, number: number)
        if let query = update["callback_query"] { return news.callback(query) }
        if let reaction = update["message_reaction"] { return news.reaction(reaction) }
        if let count = update["message_reaction_count"] { return news.reactionCount(count) }
        if let change = update["my_chat_member"] { return news.membership(change, key: "my_chat_member") }
        if let change = update["chat_member"] { return news.membership(change, key: "chat_member") }
        guard let unknown = update.members.first(where: { $0.name != "update_id" }) else {
            return .unreadable(reason: "an update with nothing in it")
        }
        return news.unsupported(unknown.name, unknown.value)
    }

    /// The updates in what Telegram delivers at once: one update (webhook), a list, or an answer to `getUpdates`.
    static func updates(in payload: JSONDocument) -> [JSONDocument] {
        if payload.kind == .array { return payload.elements }
        if payload["update_id"] == nil, let result = payload["result"], result.kind == .array { return result.elements }
        return [payload]
    }
}
