import PraisonCore

/// Where a message is. A private chat is between one person and one bot, so each bot has its own.
struct ChatKey: Hashable {
    var id: Int64
    /// 0 where all bots see the same chat.
    var bot: Int64
}

/// A private chat, group or channel.
struct SimulatedChat {
    enum Kind: String { case `private`, group, supergroup, channel }

    let id: Int64
    var kind: Kind
    /// A group's or channel's title, or a person's first name.
    var name: String
    var username: String?
    var isForum = false
    /// Topics by number; the value is the name.
    var topics: [Int64: String] = [:]
    /// What sends are answered since the bot was blocked or put out.
    var refusals: [Int64: BotRefusal] = [:]
    var migratedTo: Int64?
    var lastMessageID: Int64

    init(id: Int64, kind: Kind, name: String, username: String? = nil) {
        self.id = id
        self.kind = kind
        self.name = name
        self.username = username
        // A supergroup's first message tells that it was made; number 1 is also the General topic's.
        lastMessageID = kind == .supergroup ? 1 : 0
    }

    /// From a `Chat` object.
    init?(_ chat: JSONDocument) {
        guard let id = chat["id"]?.integer else { return nil }
        self.init(
            id: id, kind: chat["type"]?.string.flatMap(Kind.init) ?? (id > 0 ? .private : .group),
            name: chat["title"]?.string ?? chat["first_name"]?.string ?? "", username: chat["username"]?.string)
        isForum = chat["is_forum"]?.bool ?? false
    }

    /// A `Chat` object.
    var json: [String: JSONValue] {
        var members: [String: JSONValue] = ["id": JSONValue(id), "type": .string(kind.rawValue)]
        members[kind == .private ? "first_name" : "title"] = .string(name)
        members["username"] = username.map(JSONValue.string)
        if isForum { members["is_forum"] = true }
        return members
    }

    mutating func nextMessageID() -> Int64 {
        lastMessageID += 1
        return lastMessageID
    }
}

/// A message that was said in a chat, by people or by bots.
struct StoredMessage {
    struct Key: Hashable {
        var chat: ChatKey
        var id: Int64
    }

    var key: Key
    /// The bot that sent it; `nil` for people's.
    var bot: Int64?
    /// The `Message` object.
    var members: [String: JSONValue]
    var files: [FileStore.File] = []
    var isEdited = false
    /// By bot.
    var reactions: [Int64: [String]] = [:]

    /// As it stands inside a reply to it: one level deep.
    var asReplied: JSONValue {
        var members = members
        members["reply_to_message"] = nil
        return .object(members)
    }
}
