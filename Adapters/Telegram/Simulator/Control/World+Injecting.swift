import PraisonCore
import PraisonSimulation

extension World {
    /// Delivers an `Update` as it is, and takes from it what a server would know: chats, messages, buttons, and where a
    /// bot may not speak any more. An `update_id` of its own is kept, and later updates count on from it.
    mutating func inject(_ update: JSONDocument, at now: Timestamp) throws(SimulatorControlError) {
        guard let content = update.members.first(where: { $0.name != "update_id" && !$0.value.isNull }) else {
            throw SimulatorControlError(
                "inject: expected an Update of the Bot API, such as {\"message\": {…}}; update_id is added")
        }
        if update["update_id"] != nil, update["update_id"]?.integer == nil {
            throw SimulatorControlError("inject: update_id must be a whole number")
        }
        people.learn(from: content.value.value)
        let chat = content.value["chat"] ?? content.value["message"]?["chat"]
        let chatID = chat?["id"]?.integer
        let lane = chatID ?? content.value["from"]?["id"]?.integer ?? 0
        let hearers = chatID ?? 1 > 0 ? [firstCaller] : bots.keys.sorted()
        for bot in hearers {
            if let chat { learn(chat, content.name, content.value, for: bot) }
            if let query = update["callback_query"]?["id"]?.scalarText { learnCallback(query, for: bot) }
            var members: [String: JSONValue] = [:]
            for member in update.members { members[member.name] = member.value.value }
            deliver(
                content.name, members, lane: lane, to: bot, at: now, id: update["update_id"]?.integer, isAsked: true)
        }
    }

    private mutating func learn(_ chat: JSONDocument, _ kind: String, _ value: JSONDocument, for bot: Int64) {
        guard let known = SimulatedChat(chat) else { return }
        let key = ensure(known, for: bot)
        let message = kind == "callback_query" ? value["message"] : value["message_id"] == nil ? nil : value
        if let message, let id = message["message_id"]?.integer, kind != "message_reaction" {
            let storedKey = StoredMessage.Key(chat: key, id: id)
            // An edit by a person changes what was said; a button hangs on what is there already.
            if messages[storedKey] == nil || kind.hasPrefix("edited_") {
                store(StoredMessage(key: storedKey, bot: author(of: message), members: message.value.object ?? [:]))
            }
            if message["is_topic_message"]?.bool == true, let topic = message["message_thread_id"]?.integer {
                chats[key]?.topics[topic] = message["forum_topic_created"]?["name"]?.string ?? String(topic)
                chats[key]?.isForum = key.id < 0
            }
        }
        if let target = value["migrate_to_chat_id"]?.integer {
            chats[key]?.migratedTo = target
            _ = ensure(SimulatedChat(id: target, kind: .supergroup, name: known.name), for: bot)
        }
        if kind == "my_chat_member", let status = value["new_chat_member"]?["status"]?.string {
            chats[key]?.refusals[bot] = Self.refusal(of: status, in: known.kind)
        }
    }

    private func author(of message: JSONDocument) -> Int64? {
        message["from"]?["id"]?.integer.flatMap { bots[$0] == nil ? nil : $0 }
    }

    private static func refusal(of status: String, in kind: SimulatedChat.Kind) -> BotRefusal? {
        switch (status, kind) {
        case ("kicked", .private), ("left", .private): .forbidden("bot was blocked by the user")
        case ("kicked", _): .forbidden("bot was kicked from the \(kind.rawValue) chat")
        case ("left", _): .forbidden("bot is not a member of the \(kind.rawValue) chat")
        default: nil
        }
    }

    private mutating func learnCallback(_ query: String, for bot: Int64) {
        _ = try? update(bot) { bot in
            bot.callbackQueries.append(query)
            if bot.callbackQueries.count > 1000 { bot.callbackQueries.removeFirst() }
        }
    }
}
