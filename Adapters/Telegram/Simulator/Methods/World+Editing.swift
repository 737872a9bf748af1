import PraisonCore
import PraisonSimulation

extension World {
    /// The message a call is about.
    func message(_ invocation: Invocation, to verb: String) throws(BotRefusal) -> StoredMessage {
        let key = try chat(invocation)
        guard let id = invocation.call.integer("message_id") else {
            throw .badRequest("message identifier is not specified")
        }
        guard let message = messages[StoredMessage.Key(chat: key, id: id)] else {
            throw .badRequest("message to \(verb) not found")
        }
        return message
    }

    func ownMessage(_ invocation: Invocation) throws(BotRefusal) -> StoredMessage {
        if invocation.call.text("inline_message_id") != nil { throw .badRequest("MESSAGE_ID_INVALID") }
        let message = try message(invocation, to: "edit")
        guard message.bot == invocation.bot else { throw .badRequest("message can't be edited") }
        return message
    }

    mutating func editText(_ invocation: Invocation) throws(BotRefusal) -> JSONValue {
        let text = try text(of: invocation.call)
        let message = try ownMessage(invocation)
        guard message.members["text"] != nil else { throw .badRequest("there is no text in the message to edit") }
        return try edit(
            message, ["text": .string(text.text), "entities": text.entitiesJSON ?? .null], invocation)
    }

    mutating func editCaption(_ invocation: Invocation) throws(BotRefusal) -> JSONValue {
        let caption = try caption(of: invocation.call)
        let message = try ownMessage(invocation)
        guard message.members["text"] == nil else {
            throw .badRequest("there is no caption in the message to edit")
        }
        return try edit(
            message,
            [
                "caption": caption.text.isEmpty ? .null : .string(caption.text),
                "caption_entities": caption.entitiesJSON ?? .null,
            ], invocation)
    }

    mutating func editReplyMarkup(_ invocation: Invocation) throws(BotRefusal) -> JSONValue {
        try edit(try ownMessage(invocation), [:], invocation)
    }

    /// - Parameter content: what the message says now; null takes a member away.
    mutating func edit(
        _ message: StoredMessage, _ content: [String: JSONValue], _ invocation: Invocation
    ) throws(BotRefusal) -> JSONValue {
        let markup = try ReplyMarkup.shown(by: invocation.call)
        var message = message
        let before = message.members
        for (name, value) in content {
            message.members[name] = value
            if value.isNull { message.members.removeValue(forKey: name) }
        }
        message.members["reply_markup"] = markup
        guard message.members != before else {
            throw .badRequest(
                "message is not modified: specified new message content and reply markup are exactly the same as a "
                    + "current content and reply markup of the message")
        }
        message.members["edit_date"] = Self.date(invocation.now)
        message.isEdited = true
        store(message)
        return .object(message.members)
    }

    mutating func deleteMessage(_ invocation: Invocation) throws(BotRefusal) -> JSONValue {
        let message = try message(invocation, to: "delete")
        remove(message.key)
        return true
    }

    mutating func deleteMessages(_ invocation: Invocation) throws(BotRefusal) -> JSONValue {
        let key = try chat(invocation)
        let ids = (invocation.call.json("message_ids")?.elements ?? []).compactMap(\.integer)
        guard (1...100).contains(ids.count) else { throw .badRequest("MESSAGE_IDS_INVALID") }
        for id in ids { remove(StoredMessage.Key(chat: key, id: id)) }
        return true
    }

    // MARK: Reactions and buttons

    mutating func setReaction(_ invocation: Invocation) throws(BotRefusal) -> JSONValue {
        var message = try message(invocation, to: "react")
        let reactions = invocation.call.json("reaction")?.elements ?? []
        guard reactions.count <= 1 else { throw .badRequest("REACTIONS_TOO_MANY") }
        var emojis: [String] = []
        for reaction in reactions {
            guard reaction["type"]?.string == "emoji", let emoji = reaction["emoji"]?.string,
                Self.reactions.contains(emoji)
            else { throw .badRequest("REACTION_INVALID") }
            emojis.append(emoji)
        }
        message.reactions[invocation.bot] = emojis.isEmpty ? nil : emojis
        store(message)
        return true
    }

    /// Source: https://core.telegram.org/bots/api#reactiontypeemoji
    private static let reactions: Set<String> = [
        "👍", "👎", "❤", "🔥", "🥰", "👏", "😁", "🤔", "🤯", "😱", "🤬", "😢", "🎉", "🤩", "🤮", "💩", "🙏", "👌",
        "🕊", "🤡", "🥱", "🥴", "😍", "🐳", "❤‍🔥", "🌚", "🌭", "💯", "🤣", "⚡", "🍌", "🏆", "💔", "🤨", "😐", "🍓",
        "🍾", "💋", "🖕", "😈", "😴", "😭", "🤓", "👻", "👨‍💻", "👀", "🎃", "🙈", "😇", "😨", "🤝", "✍", "🤗", "🫡",
        "🎅", "🎄", "☃", "💅", "🤪", "🗿", "🆒", "💘", "🙉", "🦄", "😘", "💊", "🙊", "😎", "👾", "🤷‍♂", "🤷",
        "🤷‍♀", "😡",
    ]

    mutating func answerCallback(_ invocation: Invocation) throws(BotRefusal) -> JSONValue {
        let id = invocation.call.text("callback_query_id")
        let wasWaiting = try update(invocation.bot) { bot in
            guard let index = bot.callbackQueries.firstIndex(where: { $0 == id }) else { return false }
            bot.callbackQueries.remove(at: index)
            return true
        }
        guard wasWaiting else {
            throw .badRequest("query is too old and response timeout expired or query ID is invalid")
        }
        return true
    }
}
