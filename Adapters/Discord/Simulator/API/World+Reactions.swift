import PraisonCore

extension World {
    mutating func reactions(
        _ method: HTTPRequest.Method, _ path: [String], _ message: StoredMessage, _ place: SimulatedPlace, _ bot: String
    ) throws(APIRefusal) -> Answer {
        guard path.count > 2 else { throw .notFound }
        let parts = path[2].split(separator: ":")
        let emoji: JSONValue =
            parts.count == 2
            ? ["name": .string(String(parts[0])), "id": .string(String(parts[1]))]
            : ["name": .string(path[2]), "id": nil]
        if method == .get {
            let users = message.reactions.first { $0.emoji == emoji }?.users ?? []
            return .json(.array(users.map { user($0) }))
        }
        let isKnown = parts.count == 2 || path[2].unicodeScalars.allSatisfy { $0.value > 0x2000 }
        guard isKnown, path[2] != "❤" else { throw APIRefusal(400, 10014, "Unknown Emoji") }
        guard path.count > 3 else { throw .notFound }
        react(emoji, path[3] == "@me" ? bot : path[3], to: message.id, isAdded: method == .put)
        return .nothing
    }

    mutating func react(_ emoji: JSONValue, _ person: String, to id: String, isAdded: Bool) {
        guard var message = messages[id], let place = places[message.place] else { return }
        let index = message.reactions.firstIndex { $0.emoji == emoji }
        let isThere = index.map { message.reactions[$0].users.contains(person) } ?? false
        guard isThere != isAdded else { return }
        if isAdded, let index {
            message.reactions[index].users.append(person)
        } else if isAdded {
            message.reactions.append((emoji, [person]))
        } else if let index {
            message.reactions[index].users.removeAll { $0 == person }
            if message.reactions[index].users.isEmpty { message.reactions.remove(at: index) }
        }
        store(message)
        var data: [String: JSONValue] = [
            "user_id": .string(person), "channel_id": .string(place.id), "message_id": .string(id), "emoji": emoji,
            "burst": false, "type": 0, "message_author_id": message.members["author"]?["id"] ?? nil,
        ]
        if !place.isDirect {
            data["guild_id"] = .string(Self.guild)
            if isAdded { data["member"] = bots[person]?.member ?? Self.member(user(person)) }
        }
        tell(
            Dispatch(
                name: isAdded ? "MESSAGE_REACTION_ADD" : "MESSAGE_REACTION_REMOVE", data: data,
                intent: place.isDirect ? 1 << 13 : 1 << 10, isDirect: place.isDirect), to: place.bot)
    }
}
