import PraisonCore

/// A channel, thread or direct conversation.
struct SimulatedPlace {
    let id: String
    var type: Int
    var name: String
    /// A thread's channel.
    var parent: String?
    /// The other side of a direct conversation, and the bot it is with.
    var person: String?
    var bot: String?
    /// In order.
    var messages: [String] = []

    var isDirect: Bool { type == 1 || type == 3 }
    var isThread: Bool { (10...12).contains(type) }

    func json(recipients: [JSONValue] = []) -> [String: JSONValue] {
        var members: [String: JSONValue] = [
            "id": .string(id), "type": JSONValue(type), "last_message_id": JSONValue(messages.last), "flags": 0,
        ]
        if isDirect {
            members["recipients"] = .array(recipients)
            return members
        }
        members["guild_id"] = .string(World.guild)
        members["name"] = .string(name)
        members["parent_id"] = JSONValue(parent)
        members["rate_limit_per_user"] = 0
        if isThread {
            members["owner_id"] = JSONValue(person)
            members["message_count"] = JSONValue(messages.count)
            members["total_message_sent"] = JSONValue(messages.count)
            members["member_count"] = 2
            members["thread_metadata"] = [
                "archived": false, "auto_archive_duration": 1440, "locked": false,
                "archive_timestamp": "2026-01-01T00:00:00.000000+00:00",
                "create_timestamp": "2026-01-01T00:00:00.000000+00:00",
            ]
        } else {
            members["position"] = 0
            members["permission_overwrites"] = []
            members["nsfw"] = false
            members["topic"] = .null
        }
        return members
    }
}

/// A message in a channel, by people or by bots.
struct StoredMessage {
    var members: [String: JSONValue]
    let place: String
    /// The bot that said it.
    var bot: String?
    var isEdited = false
    /// Emoji to the bots and people who put it there, in order.
    var reactions: [(emoji: JSONValue, users: [String])] = []
    /// Kinds and sizes of its files, for those who look.
    var files: [(name: String, size: Int, kind: Attachment.Kind)] = []

    var id: String { members["id"]?.string ?? "" }

    /// The message object as `reader` sees it.
    func json(for reader: String) -> [String: JSONValue] {
        var members = members
        if !reactions.isEmpty {
            members["reactions"] = .array(
                reactions.map { reaction in
                    let count = JSONValue(reaction.users.count)
                    return [
                        "emoji": reaction.emoji, "count": count, "me": .bool(reaction.users.contains(reader)),
                        "count_details": ["burst": 0, "normal": count], "me_burst": false, "burst_colors": [],
                    ]
                })
        }
        return members
    }
}
