import PraisonCore
import PraisonSimulation

/// Where a message goes and what it hangs on: read once for all calls that send.
struct SendTarget {
    var chat: ChatKey
    var members: [String: JSONValue]
}

extension World {
    /// The chat of a call, if the bot may speak there.
    func chat(_ invocation: Invocation, parameter: String = "chat_id") throws(BotRefusal) -> ChatKey {
        guard let text = invocation.call.text(parameter) else { throw .badRequest("\(parameter) is empty") }
        guard let key = self.key(named: text, for: invocation.bot), let chat = chats[key] else {
            throw .badRequest("chat not found")
        }
        if let target = chat.migratedTo {
            var refusal = BotRefusal.badRequest("group chat was upgraded to a supergroup chat")
            refusal.migratedTo = target
            throw refusal
        }
        if let refusal = chat.refusals[invocation.bot] { throw refusal }
        return key
    }

    private func key(named text: String, for bot: Int64) -> ChatKey? {
        if let number = Int64(text) { return key(of: number, for: bot) }
        guard text.hasPrefix("@") else { return nil }
        let name = text.dropFirst().lowercased()
        return chats.first { $0.value.username?.lowercased() == name && $0.key.id < 0 }?.key
    }

    /// - Returns: the chat, and the members every message there begins with.
    mutating func target(_ invocation: Invocation) throws(BotRefusal) -> SendTarget {
        let call = invocation.call
        let (markup, reply) = (try ReplyMarkup.shown(by: call), try ReplyTarget(call))
        let key = try chat(invocation)
        guard let chat = chats[key] else { throw .badRequest("chat not found") }
        var members: [String: JSONValue] = ["chat": .object(chat.json), "date": Self.date(invocation.now)]
        if chat.kind == .channel {
            members["sender_chat"] = .object(chat.json)
        } else {
            members["from"] = .object(try bot(invocation.bot).user)
        }
        if let thread = call.integer("message_thread_id"), thread != 0 {
            guard chat.topics[thread] != nil else { throw .badRequest("message thread not found") }
            members["message_thread_id"] = JSONValue(thread)
            members["is_topic_message"] = true
        }
        members["reply_markup"] = markup
        if let reply {
            if let message = messages[StoredMessage.Key(chat: key, id: reply.message)] {
                members["reply_to_message"] = message.asReplied
                members["quote"] = try reply.quote(from: message)
            } else if !reply.maySendWithout {
                throw .badRequest("message to be replied not found")
            }
        }
        return SendTarget(chat: key, members: members)
    }

    static func date(_ time: Timestamp) -> JSONValue { JSONValue(time.microseconds / 1_000_000) }

    /// Puts a bot's message into its chat.
    ///
    /// - Returns: the `Message` object.
    @discardableResult
    mutating func post(
        _ target: SendTarget, _ content: [String: JSONValue], by bot: Int64, files: [FileStore.File] = []
    ) -> JSONValue {
        var members = target.members.merging(content) { _, new in new }
        let id = chats[target.chat]?.nextMessageID() ?? 1
        members["message_id"] = JSONValue(id)
        store(
            StoredMessage(
                key: StoredMessage.Key(chat: target.chat, id: id), bot: bot, members: members, files: files))
        return .object(members)
    }

    // MARK: Texts

    func text(of call: BotCall, mayBeEmpty: Bool = false) throws(BotRefusal) -> FormattedText {
        var text = try FormattedText(call, text: "text", entities: "entities", limit: 4096, mayBeEmpty: mayBeEmpty)
        text.mentionUsers(user)
        return text
    }

    func caption(of call: BotCall, limit: Int = 1024) throws(BotRefusal) -> FormattedText {
        var caption = try FormattedText(
            call, text: "caption", entities: "caption_entities", limit: limit, mayBeEmpty: true)
        caption.mentionUsers(user)
        return caption
    }

    // MARK: The calls

    mutating func sendMessage(_ invocation: Invocation) throws(BotRefusal) -> JSONValue {
        let text = try text(of: invocation.call)
        let target = try target(invocation)
        var content: [String: JSONValue] = ["text": .string(text.text)]
        content["entities"] = text.entitiesJSON
        return post(target, content, by: invocation.bot)
    }

    func sendChatAction(_ invocation: Invocation) throws(BotRefusal) -> JSONValue {
        _ = try chat(invocation)
        let actions: Set<String> = [
            "typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice",
            "record_audio", "upload_audio", "upload_document", "choose_sticker", "find_location",
            "record_video_note", "upload_video_note",
        ]
        guard actions.contains(invocation.call.fields["action"] ?? "") else {
            throw .badRequest("wrong parameter action in request")
        }
        return true
    }

    func sendMessageDraft(_ invocation: Invocation) throws(BotRefusal) -> JSONValue {
        let key = try chat(invocation)
        guard chats[key]?.kind == .private else { throw .badRequest("PEER_ID_INVALID") }
        guard invocation.call.integer("draft_id") ?? 0 != 0 else { throw .badRequest("DRAFT_ID_INVALID") }
        _ = try text(of: invocation.call, mayBeEmpty: true)
        return true
    }
}
