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
        let (key, call) = (try chat(invocation), invocation.call)
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
        members["reply_to_message"] = try replied(call, in: key)
        if let markup = call.json("reply_markup"), markup["inline_keyboard"] != nil {
            members["reply_markup"] = markup.value
        }
        return SendTarget(chat: key, members: members)
    }

    static func date(_ time: Timestamp) -> JSONValue { JSONValue(time.microseconds / 1_000_000) }

    private func replied(_ call: BotCall, in chat: ChatKey) throws(BotRefusal) -> JSONValue? {
        let parameters = call.json("reply_parameters")
        guard let id = parameters?["message_id"]?.integer ?? call.integer("reply_to_message_id") else { return nil }
        if let message = messages[StoredMessage.Key(chat: chat, id: id)] { return message.asReplied }
        let isOptional =
            parameters?["allow_sending_without_reply"]?.bool ?? call.flag("allow_sending_without_reply")
        guard isOptional else { throw .badRequest("message to be replied not found") }
        return nil
    }

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

    // MARK: The calls

    mutating func sendMessage(_ invocation: Invocation) throws(BotRefusal) -> JSONValue {
        let text = try FormattedText(
            invocation.call, text: "text", entities: "entities", limit: 4096, mayBeEmpty: false)
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
        _ = try FormattedText(invocation.call, text: "text", entities: "entities", limit: 4096, mayBeEmpty: true)
        return true
    }

    mutating func copy(_ invocation: Invocation, isForward: Bool) throws(BotRefusal) -> JSONValue {
        let source = try chat(invocation, parameter: "from_chat_id")
        guard let id = invocation.call.integer("message_id"),
            let original = messages[StoredMessage.Key(chat: source, id: id)]
        else { throw .badRequest("message to \(isForward ? "forward" : "copy") not found") }
        let target = try target(invocation)
        let envelope: Set<String> = [
            "message_id", "from", "sender_chat", "chat", "date", "edit_date", "reply_to_message",
            "message_thread_id", "is_topic_message", "reply_markup", "author_signature",
        ]
        var content = original.members.filter { !envelope.contains($0.key) }
        if isForward {
            var origin: [String: JSONValue] = ["date": original.members["date"] ?? 0]
            if let user = original.members["from"] {
                (origin["type"], origin["sender_user"]) = ("user", user)
            } else {
                (origin["type"], origin["chat"]) = ("channel", original.members["chat"])
                origin["message_id"] = JSONValue(id)
            }
            content["forward_origin"] = .object(origin)
        }
        let message = post(target, content, by: invocation.bot, files: original.files)
        return isForward ? message : ["message_id": message["message_id"] ?? 0]
    }
}
