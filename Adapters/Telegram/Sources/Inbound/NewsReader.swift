import PraisonCore

/// Reads updates that are not messages: buttons, reactions, memberships, and kinds this build does not know.
struct NewsReader {
    let receiver: Receiver
    let eventID: EventID
    /// The update's number, for news of nothing that has a number itself.
    let number: Int64

    /// Source: https://core.telegram.org/bots/api#callbackquery
    func callback(_ query: JSONDocument) -> TelegramUpdate.Reading {
        guard let sender = Sender(user: query["from"]) else {
            return .unreadable(reason: "a callback_query without from")
        }
        // A message that is too old comes as chat, message_id and date 0; one sent inline only as its own identifier.
        let message = query["message"]
        let chat = TelegramChat(message?["chat"])
        let place = chat?.conversation(on: receiver.channel, thread: message.flatMap(TelegramChat.thread(of:)))
        let messageID = message?["message_id"]?.scalarText ?? query["inline_message_id"]?.string
        return event(
            InboundMessage(
                kind: .callback, id: MessageID(messageID ?? String(number)),
                conversation: place ?? directMessages(with: sender), sender: sender,
                text: query["data"]?.string ?? query["game_short_name"]?.string ?? "", title: chat?.title),
            at: nil)
    }

    /// Source: https://core.telegram.org/bots/api#messagereactionupdated
    func reaction(_ change: JSONDocument) -> TelegramUpdate.Reading {
        guard let chat = TelegramChat(change["chat"]), let message = change["message_id"]?.integer,
            let sender = Sender(user: change["user"]) ?? Sender(chat: change["actor_chat"])
                ?? Sender(chat: change["chat"])
        else { return .unreadable(reason: "a message_reaction without chat or message_id") }
        let before = change["old_reaction"]?.elements.compactMap(Self.symbol) ?? []
        let after = change["new_reaction"]?.elements.compactMap(Self.symbol) ?? []
        return event(
            InboundMessage(
                kind: .reaction, id: MessageID(String(message)), conversation: chat.conversation(on: receiver.channel),
                sender: sender, reactionsAdded: after.filter { !before.contains($0) },
                reactionsRemoved: before.filter { !after.contains($0) }, title: chat.title),
            at: change["date"])
    }

    /// Reactions of people who stay anonymous: only how many there are now, in `text` (`👍 3, ❤ 1`).
    ///
    /// Source: https://core.telegram.org/bots/api#messagereactioncountupdated
    func reactionCount(_ change: JSONDocument) -> TelegramUpdate.Reading {
        guard let chat = TelegramChat(change["chat"]), let message = change["message_id"]?.integer,
            let sender = Sender(chat: change["chat"])
        else { return .unreadable(reason: "a message_reaction_count without chat or message_id") }
        let counts = (change["reactions"]?.elements ?? []).compactMap { reaction in
            Self.symbol(reaction["type"] ?? reaction).map { "\($0) \(reaction["total_count"]?.integer ?? 0)" }
        }
        return event(
            InboundMessage(
                kind: .reaction, id: MessageID(String(message)), conversation: chat.conversation(on: receiver.channel),
                sender: sender, text: counts.joined(separator: ", "), title: chat.title),
            at: change["date"])
    }

    private static func symbol(_ reaction: JSONDocument) -> String? {
        switch reaction["type"]?.string {
        case "emoji": reaction["emoji"]?.string
        case "custom_emoji": reaction["custom_emoji_id"]?.scalarText.map { "custom_emoji:\($0)" }
        case let other: other
        }
    }

    /// Somebody's standing in a chat changed: they came, went, or were given or denied rights.
    ///
    /// Source: https://core.telegram.org/bots/api#chatmemberupdated
    func membership(_ change: JSONDocument, key: String) -> TelegramUpdate.Reading {
        guard let chat = TelegramChat(change["chat"]), let sender = Sender(user: change["from"]),
            let member = change["new_chat_member"]
        else { return .unreadable(reason: "a \(key) without chat, from or new_chat_member") }
        let wasThere = change["old_chat_member"].map(Self.isThere) ?? !Self.isThere(member)
        let isThere = Self.isThere(member)
        let name = Sender(user: member["user"])?.label ?? ""
        let kind: InboundMessage.Kind = wasThere == isThere ? .service : isThere ? .join : .leave
        let status = member["status"]?.string ?? "unknown"
        return event(
            InboundMessage(
                kind: kind, id: MessageID(String(number)), conversation: chat.conversation(on: receiver.channel),
                sender: sender, text: kind == .service ? "\(key): \(name) is \(status)" : name, title: chat.title),
            at: change["date"])
    }

    private static func isThere(_ member: JSONDocument) -> Bool {
        switch member["status"]?.string {
        case "creator", "administrator", "member": true
        case "restricted": member["is_member"]?.bool ?? true
        default: false
        }
    }

    func unsupported(_ name: String, _ value: JSONDocument) -> TelegramUpdate.Reading {
        let chat = TelegramChat(value["chat"] ?? value["message"]?["chat"])
        let known =
            Sender(user: value["from"] ?? value["user"]) ?? Sender(chat: value["chat"])
            ?? Sender(chat: value["actor_chat"])
        let sender = known ?? Sender(id: "unknown")
        return event(
            InboundMessage(
                kind: .unsupported, id: MessageID(value["message_id"]?.scalarText ?? String(number)),
                conversation: chat?.conversation(on: receiver.channel) ?? directMessages(with: sender), sender: sender,
                text: name, title: chat?.title),
            at: value["date"])
    }

    private func directMessages(with sender: Sender) -> Conversation {
        Conversation(channel: receiver.channel, id: Conversation.ID(sender.id.rawValue), scope: .dm)
    }

    private func event(_ message: InboundMessage, at date: JSONDocument?) -> TelegramUpdate.Reading {
        let seconds = date?.integer ?? 0
        let timestamp = seconds > 0 ? Timestamp(seconds: Double(seconds)) : receiver.receivedAt
        return .event(GatewayEvent(message: message, id: eventID, timestamp: timestamp))
    }
}
