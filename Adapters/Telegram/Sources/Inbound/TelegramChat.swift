import PraisonCore

/// A `Chat` or `User` object, as the hub's words have it.
///
/// Source: https://core.telegram.org/bots/api#chat, https://core.telegram.org/bots/api#user
struct TelegramChat {
    let id: Conversation.ID
    let scope: Conversation.Scope
    let title: String?

    init?(_ chat: JSONDocument?) {
        guard let chat, let number = chat["id"]?.integer else { return nil }
        id = Conversation.ID(String(number))
        title = chat["title"]?.string
        scope =
            switch chat["type"]?.string {
            case "private": .dm
            case "group", "supergroup": .group
            case "channel": .channel
            // People have positive identifiers, every other kind of chat negative ones.
            default: number > 0 ? .dm : .group
            }
    }

    func conversation(on channel: ChannelName, thread: Conversation.Thread? = nil) -> Conversation {
        Conversation(channel: channel, id: id, scope: scope, thread: thread)
    }

    /// The topic a message was written in. Plain replies carry `message_thread_id` too, so the flag decides; the
    /// General topic has no identifier that could be written to.
    static func thread(of message: JSONDocument) -> Conversation.Thread? {
        guard message["is_topic_message"]?.bool == true, let number = message["message_thread_id"]?.integer,
            number > 1
        else { return nil }
        return Conversation.Thread(String(number))
    }
}

extension Sender {
    /// A person or a bot.
    init?(user: JSONDocument?) {
        guard let user, let number = user["id"]?.integer else { return nil }
        let first = user["first_name"]?.string ?? ""
        let last = user["last_name"]?.string ?? ""
        let name = first.isEmpty || last.isEmpty ? first + last : "\(first) \(last)"
        self.init(
            id: SenderID(String(number)), username: user["username"]?.string, displayName: name.isEmpty ? nil : name,
            isBot: user["is_bot"]?.bool ?? false)
    }

    /// A chat that speaks as itself: a channel, or a group through an anonymous administrator.
    init?(chat: JSONDocument?) {
        guard let chat, let number = chat["id"]?.integer else { return nil }
        self.init(
            id: SenderID(String(number)), username: chat["username"]?.string,
            displayName: chat["title"]?.string ?? chat["first_name"]?.string)
    }

    /// Who wrote a message. `sender_chat` wins, since `from` then holds a stand-in (1087968824 for anonymous
    /// administrators, 136817688 for channels, 777000 for forwards from a linked channel).
    init?(of message: JSONDocument) {
        if let sender = Sender(chat: message["sender_chat"]) ?? Sender(user: message["from"]) {
            self = sender
        } else if let chat = Sender(chat: message["chat"]) {
            self = chat
        } else {
            return nil
        }
    }

    /// For lines that people read.
    var label: String { displayName ?? username.map { "@\($0)" } ?? id.rawValue }
}
