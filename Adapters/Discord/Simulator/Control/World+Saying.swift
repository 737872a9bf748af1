import PraisonCore
import PraisonSimulation

extension World {
    /// Somebody says something; the bots that can hear it are told.
    mutating func say(_ utterance: SimulatedUtterance) throws(SimulatorControlError) -> SimulatedUtterance.Receipt {
        let hearer = try hearer(of: utterance)
        let speaker: String
        if utterance.sender == SimulatedUtterance.ownAccount {
            speaker = hearer
        } else {
            guard let name = utterance.sender ?? utterance.conversation else {
                throw SimulatorControlError("say: sender is missing")
            }
            speaker = person(name)
        }
        let channel = try place(of: utterance, speaker: speaker, hearer: hearer)
        let place = try thread(of: utterance, in: channel, by: speaker)
        var text = utterance.text
        if utterance.mentionsBot, !text.contains("<@\(hearer)>") { text = "<@\(hearer)> \(text)" }
        if let receipt = command(text, by: speaker, in: place, of: channel, hearer) { return receipt }
        guard text.unicodeScalars.count <= 4000 else {
            throw SimulatorControlError("say: text: people may write 4000 characters on Discord")
        }
        var members = envelope(by: speaker, in: place, content: text)
        if let reply = utterance.replyTo {
            guard let target = messages[reply.rawValue], target.place == place.id else {
                throw SimulatorControlError("say: reply_to: there is no message \(reply) in this conversation")
            }
            refer(to: target, in: &members)
        }
        attach(utterance.files, to: &members)
        let message = StoredMessage(members: members, place: place.id, bot: nil)
        store(message)
        let dispatch = messageDispatch("MESSAGE_CREATE", members, in: place)
        deliver(dispatch, to: place.bot ?? utterance.bot.map { _ in hearer })
        return receipt(message.id, place, channel, speaker)
    }

    private func receipt(
        _ id: String, _ place: SimulatedPlace, _ channel: SimulatedPlace, _ speaker: String
    ) -> SimulatedUtterance.Receipt {
        SimulatedUtterance.Receipt(
            id: MessageID(id), conversation: Conversation.ID(channel.id),
            thread: place.isThread ? Conversation.Thread(place.id) : nil, sender: SenderID(speaker))
    }

    private func hearer(of utterance: SimulatedUtterance) throws(SimulatorControlError) -> String {
        guard let name = utterance.bot else { return firstCaller }
        let bare = name.hasPrefix("@") ? String(name.dropFirst()) : name
        guard let bot = bots.values.first(where: { $0.username == bare || $0.id == bare }) else {
            let known = bots.values.map(\.username).sorted().joined(separator: ", ")
            throw SimulatorControlError("say: bot: nobody here is \(name); there are \(known)")
        }
        return bot.id
    }

    private mutating func place(
        of utterance: SimulatedUtterance, speaker: String, hearer: String
    ) throws(SimulatorControlError) -> SimulatedPlace {
        if let id = utterance.conversation, let known = places[id] {
            guard known.isDirect == (utterance.scope == .dm) else {
                throw SimulatorControlError("say: scope: \(id) is \(known.isDirect ? "" : "not ")a direct conversation")
            }
            return known
        }
        if utterance.scope == .dm {
            let other = utterance.conversation.map { person($0) } ?? speaker
            return direct(with: other == hearer ? person("ada") : other, hearer)
        }
        let name = utterance.conversation ?? "general"
        let types = utterance.scope == .channel ? 5...5 : 0...4
        if let known = place(named: name, types) { return known }
        guard UInt64(name) == nil else {
            throw SimulatorControlError("say: conversation: there is no channel \(name); channels are made by name")
        }
        let place = SimulatedPlace(id: nextID(), type: utterance.scope == .channel ? 5 : 0, name: name)
        add(place)
        tell(Dispatch(name: "CHANNEL_CREATE", data: json(place), intent: 1))
        return place
    }

    private mutating func thread(
        of utterance: SimulatedUtterance, in channel: SimulatedPlace, by speaker: String
    ) throws(SimulatorControlError) -> SimulatedPlace {
        guard let name = utterance.thread else { return channel }
        if let known = place(named: name, 10...12, in: channel.id) { return known }
        do {
            let made = try openThread(["name": .string(name)], in: channel, from: nil, by: speaker)
            return places[made["id"]?.string ?? ""] ?? channel
        } catch {
            throw SimulatorControlError("say: thread: only channels of a server have threads")
        }
    }

    private mutating func attach(_ files: [SimulatedUtterance.File], to members: inout [String: JSONValue]) {
        guard !files.isEmpty else { return }
        var attachments: [JSONValue] = []
        for file in files {
            if file.kind == .sticker {
                members["sticker_items"] = [["id": .string(nextID()), "name": .string(file.name), "format_type": 1]]
                continue
            }
            if file.kind == .voice { members["flags"] = JSONValue(1 << 13) }
            let types: [Attachment.Kind: String] = [
                .image: "image/png", .video: "video/mp4", .audio: "audio/mpeg", .voice: "audio/ogg",
                .animation: "image/gif",
            ]
            attachments.append(
                attachment(
                    file.name, file.mimeType ?? types[file.kind], file.content, seconds: file.kind == .voice ? 3.2 : nil
                ))
        }
        members["attachments"] = .array(attachments)
    }

    /// Delivered twice, or after the next one, where a fault says so.
    mutating func deliver(_ dispatch: Dispatch, to bot: String?) {
        let payload = JSONValue.object(dispatch.data)
        if faults.takeDelivery(.reorder, of: payload) {
            heldBack = (dispatch, bot)
            return
        }
        tell(dispatch, to: bot)
        if faults.takeDelivery(.duplicate, of: payload) { tell(dispatch, to: bot) }
        if let (held, bot) = heldBack {
            heldBack = nil
            tell(held, to: bot)
        }
    }

    // MARK: Slash commands

    /// What begins like a command that the bot has announced is one.
    private mutating func command(
        _ text: String, by person: String, in place: SimulatedPlace, of channel: SimulatedPlace, _ bot: String
    ) -> SimulatedUtterance.Receipt? {
        guard text.hasPrefix("/"), person != bot else { return nil }
        let words = text.dropFirst().split(separator: " ", maxSplits: 1)
        guard let name = words.first,
            let command = bots[bot]?.commands.first(where: { $0["name"]?.string == String(name) })
        else { return nil }
        var data: [String: JSONValue] = [
            "id": command["id"] ?? nil, "name": .string(String(name)), "type": 1, "options": [],
        ]
        if words.count > 1 {
            data["options"] = [["name": "text", "type": 3, "value": .string(String(words[1]))]]
        }
        let id = interact(2, data, by: person, in: place, bot)
        return receipt(id, place, channel, person)
    }

    /// - Returns: the interaction's number.
    @discardableResult
    mutating func interact(
        _ type: Int, _ data: [String: JSONValue], by person: String, in place: SimulatedPlace, _ bot: String,
        message: StoredMessage? = nil
    ) -> String {
        let (id, token) = (nextID(), nextToken())
        keep(
            SimulatedInteraction(
                id: id, token: token, bot: bot, place: place.id, person: person, original: message?.id, at: uptime))
        var members: [String: JSONValue] = [
            "id": .string(id), "application_id": .string(bot), "type": JSONValue(type), "data": .object(data),
            "channel_id": .string(place.id), "channel": .object(json(place)), "token": .string(token), "version": 1,
            "app_permissions": "8", "locale": "en-US", "entitlements": [], "attachment_size_limit": 10_485_760,
            "authorizing_integration_owners": ["0": .string(Self.guild)], "context": place.isDirect ? 1 : 0,
        ]
        members["message"] = message.map { .object($0.members) }
        if place.isDirect {
            members["user"] = user(person)
        } else {
            members["guild_id"] = .string(Self.guild)
            members["guild"] = ["id": .string(Self.guild), "features": [], "locale": "en-US"]
            members["guild_locale"] = "en-US"
            var member = Self.member(user(person)).object ?? [:]
            member["permissions"] = "8"
            members["member"] = .object(member)
        }
        deliver(Dispatch(name: "INTERACTION_CREATE", data: members, isDirect: place.isDirect), to: bot)
        return id
    }
}
