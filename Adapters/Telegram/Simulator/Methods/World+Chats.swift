import PraisonCore

extension World {
    func me(_ invocation: Invocation) throws(BotRefusal) -> JSONValue {
        let more: [String: JSONValue] = [
            "can_join_groups": true, "can_read_all_group_messages": true, "supports_inline_queries": false,
            "can_connect_to_business": false, "has_main_web_app": false,
        ]
        return .object(try bot(invocation.bot).user.merging(more) { own, _ in own })
    }

    func getChat(_ invocation: Invocation) throws(BotRefusal) -> JSONValue {
        let chat = chats[try chat(invocation)]
        let more: [String: JSONValue] = [
            "accent_color_id": 0, "max_reaction_count": 11,
            "accepted_gift_types": [
                "unlimited_gifts": false, "limited_gifts": false, "unique_gifts": false,
                "premium_subscription": false, "gifts_from_channels": false,
            ],
        ]
        return .object((chat?.json ?? [:]).merging(more) { own, _ in own })
    }

    func getChatMember(_ invocation: Invocation) throws(BotRefusal) -> JSONValue {
        _ = try chat(invocation)
        guard let id = invocation.call.integer("user_id"), id > 0 else {
            throw .badRequest("invalid user_id specified")
        }
        if let bot = bots[id] { return administrator(bot) }
        guard let user = people[id] else { throw .badRequest("user not found") }
        return ["status": "member", "user": user]
    }

    func getChatMemberCount(_ invocation: Invocation) throws(BotRefusal) -> JSONValue {
        _ = try chat(invocation)
        return 2
    }

    func getChatAdministrators(_ invocation: Invocation) throws(BotRefusal) -> JSONValue {
        let key = try chat(invocation)
        guard key.bot == 0 else { throw .badRequest("there are no administrators in the private chat") }
        return [administrator(try bot(invocation.bot))]
    }

    private func administrator(_ bot: SimulatedBot) -> JSONValue {
        var member: [String: JSONValue] = [
            "status": "administrator", "user": .object(bot.user), "can_be_edited": false, "is_anonymous": false,
        ]
        for right in FixedAnswer.rights { member[right] = true }
        return .object(member)
    }

    mutating func leaveChat(_ invocation: Invocation) throws(BotRefusal) -> JSONValue {
        let key = try chat(invocation)
        chats[key]?.refusals[invocation.bot] = .forbidden("bot is not a member of the chat")
        return true
    }

    mutating func createTopic(_ invocation: Invocation) throws(BotRefusal) -> JSONValue {
        let key = try chat(invocation)
        guard chats[key]?.kind == .supergroup else { throw .badRequest("the chat is not a forum") }
        let name = invocation.call.text("name") ?? "topic"
        let id = openTopic(nil, named: name, in: key, by: .object(try bot(invocation.bot).user), at: invocation.now)
        return [
            "message_thread_id": JSONValue(id), "name": .string(name), "icon_color": 7_322_096,
        ]
    }

    /// Opens a topic with the service message that every forum shows first; it has the topic's number.
    ///
    /// - Parameter number: the topic's number; `nil` for the next message's.
    mutating func openTopic(
        _ number: Int64?, named name: String, in key: ChatKey, by user: JSONValue, at now: Timestamp
    ) -> Int64 {
        chats[key]?.isForum = true
        var id = number ?? chats[key]?.nextMessageID() ?? 2
        // 1 is the General topic's, also where a chat's first message opens a topic.
        if id == 1 { id = chats[key]?.nextMessageID() ?? 2 }
        chats[key]?.topics[id] = name
        store(
            StoredMessage(
                key: StoredMessage.Key(chat: key, id: id),
                members: [
                    "message_id": JSONValue(id), "from": user, "chat": .object(chats[key]?.json ?? [:]),
                    "date": Self.date(now), "message_thread_id": JSONValue(id), "is_topic_message": true,
                    "forum_topic_created": ["name": .string(name), "icon_color": 7_322_096],
                ]))
        return id
    }

    // MARK: Commands

    private func scope(of call: BotCall) -> String {
        "\(call.text("scope") ?? "default")/\(call.text("language_code") ?? "")"
    }

    mutating func setCommands(_ invocation: Invocation) throws(BotRefusal) -> JSONValue {
        guard let list = invocation.call.json("commands"), list.kind == .array else {
            throw .badRequest("can't parse commands: Expected an Array of BotCommand")
        }
        guard list.elements.count <= 100 else { throw .badRequest("BOT_COMMANDS_TOO_MUCH") }
        for command in list.elements {
            let name = command["command"]?.string ?? ""
            let isName = (1...32).contains(name.utf8.count) && name.utf8.allSatisfy(Self.isCommandByte)
            guard isName else { throw .badRequest("BOT_COMMAND_INVALID") }
            guard (1...256).contains(command["description"]?.string?.unicodeScalars.count ?? 0) else {
                throw .badRequest("BOT_COMMAND_DESCRIPTION_INVALID")
            }
        }
        let scope = scope(of: invocation.call)
        try update(invocation.bot) { bot in
            if bot.commands.count < 100 || bot.commands[scope] != nil { bot.commands[scope] = list.value }
        }
        return true
    }

    private static func isCommandByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"): true
        default: false
        }
    }

    func commands(_ invocation: Invocation) throws(BotRefusal) -> JSONValue {
        try bot(invocation.bot).commands[scope(of: invocation.call)] ?? []
    }

    mutating func deleteCommands(_ invocation: Invocation) throws(BotRefusal) -> JSONValue {
        let scope = scope(of: invocation.call)
        try update(invocation.bot) { $0.commands[scope] = nil }
        return true
    }
}
