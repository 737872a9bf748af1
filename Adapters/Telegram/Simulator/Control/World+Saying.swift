import PraisonCore
import PraisonSimulation

extension World {
    /// Somebody says something; the bots that can hear it get it as updates.
    mutating func say(
        _ utterance: SimulatedUtterance, at now: Timestamp
    ) throws(SimulatorControlError) -> SimulatedUtterance.Receipt {
        let hearers = try hearers(of: utterance)
        let place = try place(of: utterance, for: hearers[0])
        let speaker = try speaker(of: utterance, in: place, hearer: hearers[0])
        var members = speaker.members
        members["date"] = Self.date(now)
        let thread = try thread(of: utterance, in: place.key, by: speaker, at: now, into: &members)
        members["chat"] = .object(chats[place.key]?.json ?? [:])
        if let reply = utterance.replyTo {
            guard let id = Int64(reply.rawValue), let message = messages[StoredMessage.Key(chat: place.key, id: id)]
            else { throw SimulatorControlError("say: reply_to: there is no message \(reply) in this conversation") }
            members["reply_to_message"] = message.asReplied
        }
        let ids = deliver(utterance, members, in: place, to: hearers, at: now)
        return SimulatedUtterance.Receipt(
            id: MessageID(String(ids.first ?? 0)), conversation: Conversation.ID(String(place.key.id)),
            thread: thread.map { Conversation.Thread(String($0)) }, sender: SenderID(String(speaker.id)))
    }

    private struct Place {
        var key: ChatKey
        var isChannel: Bool
    }

    private struct Speaker {
        var id: Int64
        var members: [String: JSONValue]
        var user: JSONValue
    }

    /// - Returns: at least one.
    private func hearers(of utterance: SimulatedUtterance) throws(SimulatorControlError) -> [Int64] {
        if let name = utterance.bot {
            let bare = name.hasPrefix("@") ? String(name.dropFirst()) : name
            guard let bot = bots.values.first(where: { $0.username == bare || String($0.id) == bare }) else {
                let known = bots.values.map(\.username).sorted().joined(separator: ", ")
                throw SimulatorControlError("say: bot: nobody here is \(name); there are \(known)")
            }
            return [bot.id]
        }
        if utterance.scope == .dm { return [firstCaller] }
        // The default bot hears what was said before anybody else came.
        return [firstCaller] + bots.keys.filter { $0 != firstCaller }.sorted()
    }

    private mutating func place(
        of utterance: SimulatedUtterance, for bot: Int64
    ) throws(SimulatorControlError) -> Place {
        let name = utterance.conversation ?? utterance.sender ?? ""
        let space: Namespace =
            switch utterance.scope {
            case .dm: .person
            case .group: .group
            case .channel: .channel
            }
        let id = number(of: name, space)
        guard (id > 0) == (utterance.scope == .dm) else {
            throw SimulatorControlError(
                id > 0
                    ? "say: conversation: Telegram numbers groups and channels below zero, such as -\(id); or use a name"
                    : "say: conversation: Telegram numbers people above zero; or use a name")
        }
        let kind: SimulatedChat.Kind
        switch utterance.scope {
        case .dm: kind = .private
        case .group: kind = id < -1_000_000_000_000 ? .supergroup : .group
        case .channel: kind = .channel
        }
        let title = utterance.scope == .dm ? Self.title(utterance.sender ?? name, id) : Self.title(name, id)
        let key = ensure(SimulatedChat(id: id, kind: kind, name: title), for: bot)
        guard let known = chats[key], (known.kind == .channel) == (utterance.scope == .channel) else {
            throw SimulatorControlError("say: scope: \(name) is known as a \(chats[key]?.kind.rawValue ?? "chat")")
        }
        if let target = known.migratedTo {
            throw SimulatorControlError("say: conversation: this group has moved to \(target)")
        }
        return Place(key: key, isChannel: known.kind == .channel)
    }

    private static func title(_ name: String, _ id: Int64) -> String {
        guard Int64(name) == nil, !name.isEmpty else { return id > 0 ? "User \(id)" : "Chat \(id)" }
        return name.prefix(1).uppercased() + name.dropFirst()
    }

    private mutating func speaker(
        of utterance: SimulatedUtterance, in place: Place, hearer: Int64
    ) throws(SimulatorControlError) -> Speaker {
        if place.isChannel {
            let chat = JSONValue.object(chats[place.key]?.json ?? [:])
            var members = ["sender_chat": chat]
            members["author_signature"] = utterance.sender.map(JSONValue.string)
            return Speaker(id: place.key.id, members: members, user: chat)
        }
        if utterance.sender == SimulatedUtterance.ownAccount {
            let user = JSONValue.object(bots[hearer]?.user ?? [:])
            return Speaker(id: hearer, members: ["from": user], user: user)
        }
        guard let name = utterance.sender ?? (place.key.id > 0 ? String(place.key.id) : nil) else {
            throw SimulatorControlError("say: sender is missing")
        }
        // In a private chat the conversation is the person.
        if place.key.id > 0 { remember(name, as: place.key.id, .person) }
        let id = place.key.id > 0 ? place.key.id : number(of: name, .person)
        if place.key.id > 0, let number = Int64(name), number != id {
            throw SimulatorControlError(
                "say: sender: in a dm on Telegram the conversation is the person, so both must be the same number")
        }
        guard id > 0 else { throw SimulatorControlError("say: sender: Telegram numbers people above zero") }
        var user: [String: JSONValue] = [
            "id": JSONValue(id), "is_bot": false, "first_name": .string(Self.title(name, id)), "language_code": "en",
        ]
        if Int64(name) == nil, name.utf8.allSatisfy({ $0 < 0x80 && $0 > 0x20 }) { user["username"] = .string(name) }
        return Speaker(id: id, members: ["from": .object(user)], user: .object(user))
    }

    private mutating func thread(
        of utterance: SimulatedUtterance, in key: ChatKey, by speaker: Speaker, at now: Timestamp,
        into members: inout [String: JSONValue]
    ) throws(SimulatorControlError) -> Int64? {
        guard let name = utterance.thread else { return nil }
        guard chats[key]?.kind == .supergroup || chats[key]?.kind == .private else {
            throw SimulatorControlError(
                "say: thread: only supergroups (numbered from -1000000000001 down, or by name) and dms have topics")
        }
        let known = chats[key]?.topics.first { $0.value == name || String($0.key) == name }?.key
        let id: Int64
        if let known {
            id = known
        } else if let number = Int64(name) {
            guard number > 1 else { throw SimulatorControlError("say: thread: topics are numbered from 2 up") }
            id = openTopic(number, named: name, in: key, by: speaker.user, at: now)
        } else {
            id = openTopic(nil, named: name, in: key, by: speaker.user, at: now)
        }
        members["message_thread_id"] = JSONValue(id)
        members["is_topic_message"] = true
        // What stands first in a topic answers the message that opened it.
        if utterance.replyTo == nil, key.id < 0 {
            members["reply_to_message"] = messages[StoredMessage.Key(chat: key, id: id)]?.asReplied
        }
        return id
    }

    // MARK: Delivering

    private mutating func deliver(
        _ utterance: SimulatedUtterance, _ envelope: [String: JSONValue], in place: Place, to hearers: [Int64],
        at now: Timestamp
    ) -> [Int64] {
        var text = utterance.text
        if utterance.mentionsBot, let name = bots[hearers[0]]?.username,
            !text.lowercased().contains("@\(name.lowercased())")
        {
            text = text.isEmpty ? "@\(name)" : "@\(name) \(text)"
        }
        var formatted = FormattedText(text: text)
        formatted.findEntities()
        let words = (text: formatted.text.isEmpty ? nil : formatted.text, entities: formatted.entitiesJSON)
        guard !utterance.files.isEmpty else {
            var members = envelope
            members["text"] = words.text.map(JSONValue.string)
            members["entities"] = words.entities
            return [hear(members, [], in: place, to: hearers, at: now)]
        }
        let group =
            utterance.files.count > 1 ? JSONValue.string(String(13_000_000_000_000_000 + random(below: 1 << 40))) : nil
        return utterance.files.enumerated().map { index, content in
            let file = files.add(content.kind, name: content.name, mimeType: content.mimeType, content: content.content)
            var members = envelope.merging(MediaForm.form(of: content.kind).members(file)) { _, new in new }
            members["media_group_id"] = group
            if index == 0 {
                members["caption"] = words.text.map(JSONValue.string)
                members["caption_entities"] = words.entities
            }
            return hear(members, [file], in: place, to: hearers, at: now)
        }
    }

    private mutating func hear(
        _ envelope: [String: JSONValue], _ files: [FileStore.File], in place: Place, to hearers: [Int64],
        at now: Timestamp
    ) -> Int64 {
        let id = chats[place.key]?.nextMessageID() ?? 1
        var members = envelope
        members["message_id"] = JSONValue(id)
        store(StoredMessage(key: StoredMessage.Key(chat: place.key, id: id), members: members, files: files))
        let kind = place.isChannel ? "channel_post" : "message"
        for bot in hearers {
            deliver(kind, [kind: .object(members)], lane: place.key.id, to: bot, at: now)
        }
        return id
    }
}
