import PraisonCore

/// What is known of places: which kind a channel is, whose thread, what roles are called, and which is the bot's own.
///
/// Most dispatches only number channels and roles. What is told along the way is kept here, the newest of it; the rest is
/// asked for (``DispatchIntake``).
struct ChannelDirectory: Sendable {
    /// Source: https://docs.discord.com/developers/resources/channel#channel-object-channel-types
    enum Kind: Hashable, Sendable {
        case direct
        case groupDirect
        case announcement
        case thread
        /// Text, voice, stage, and whatever else people talk in.
        case room

        init(type: Int) {
            switch type {
            case 1: self = .direct
            case 3: self = .groupDirect
            case 5: self = .announcement
            case 10, 11, 12: self = .thread
            default: self = .room
            }
        }
    }

    struct Place: Hashable, Sendable {
        var kind: Kind
        /// For threads: the channel they hang on. A forum's posts are its threads.
        var parent: String?
        var name: String?
    }

    static let capacity = 20_000

    private var places: [String: Place] = [:]
    private var order: [String] = []
    /// Servers whose roles are known, to the role that came with the bot.
    private var ownRoles: [String: String?] = [:]
    private var roleNames: [String: String] = [:]

    init() {}

    var count: Int { places.count }

    func place(_ channel: String) -> Place? { places[channel] }

    func ownRole(in guild: String) -> String? { ownRoles[guild] ?? nil }

    func roleName(_ role: String) -> String? { roleNames[role] }

    func knowsRoles(of guild: String) -> Bool { ownRoles[guild] != nil }

    /// Roles that are remembered, for tests of what grows.
    var roleCount: Int { max(ownRoles.count, roleNames.count) }

    /// Takes over what a channel object tells.
    mutating func learn(channel: JSONDocument) {
        guard let id = channel["id"]?.string, let type = channel["type"]?.int else { return }
        learn(
            id, Place(kind: Kind(type: type), parent: channel["parent_id"]?.string, name: channel["name"]?.string))
    }

    /// Takes over what an earlier process knew of a thread.
    mutating func learn(_ known: KnownConversations.Place) {
        guard let parent = known.parent, let type = known.type, places[known.id] == nil else { return }
        learn(known.id, Place(kind: Kind(type: type), parent: parent, name: known.name))
    }

    private mutating func learn(_ id: String, _ place: Place) {
        if places.updateValue(place, forKey: id) == nil { order.append(id) }
        guard order.count > Self.capacity else { return }
        for old in order.prefix(Self.capacity / 4) { places[old] = nil }
        order.removeFirst(Self.capacity / 4)
    }

    mutating func forget(channel: String) {
        guard places.removeValue(forKey: channel) != nil else { return }
        order.removeAll { $0 == channel }
    }

    /// Takes over what a dispatch tells of places.
    ///
    /// - Parameter own: the bot's own number.
    mutating func learn(_ name: String, _ data: JSONDocument, own: SenderID?) {
        switch name {
        case "GUILD_CREATE":
            for list in [data["channels"], data["threads"]] {
                for channel in list?.elements ?? [] { learn(channel: channel) }
            }
            if let guild = data["id"]?.string, let roles = data["roles"] { learn(roles: roles, of: guild, own: own) }
        case "GUILD_ROLE_CREATE", "GUILD_ROLE_UPDATE":
            if let guild = data["guild_id"]?.string, let role = data["role"] { learn(role: role, in: guild, own: own) }
        case "GUILD_ROLE_DELETE": data["role_id"]?.string.map { roleNames[$0] = nil }
        case "GUILD_DELETE": if data["unavailable"]?.bool != true { data["id"]?.string.map { ownRoles[$0] = nil } }
        case "CHANNEL_CREATE", "CHANNEL_UPDATE", "THREAD_CREATE", "THREAD_UPDATE": learn(channel: data)
        case "CHANNEL_DELETE", "THREAD_DELETE": data["id"]?.string.map { forget(channel: $0) }
        case "THREAD_LIST_SYNC": for thread in data["threads"]?.elements ?? [] { learn(channel: thread) }
        case "INTERACTION_CREATE":
            if let channel = data["channel"] { learn(channel: channel) }
            for role in data["data"]?["resolved"]?["roles"]?.members ?? [] { learnName(of: role.value) }
        default: break
        }
    }

    /// Takes over a server's roles, all of them.
    mutating func learn(roles: JSONDocument, of guild: String, own: SenderID?) {
        if ownRoles.count >= Self.capacity { ownRoles = [:] }
        ownRoles[guild] = .some(nil)
        for role in roles.elements { learn(role: role, in: guild, own: own) }
    }

    private mutating func learn(role: JSONDocument, in guild: String, own: SenderID?) {
        learnName(of: role)
        guard let own, role["tags"]?["bot_id"]?.string == own.rawValue, let id = role["id"]?.string else { return }
        if knowsRoles(of: guild) || ownRoles.count < Self.capacity { ownRoles[guild] = id }
    }

    private mutating func learnName(of role: JSONDocument) {
        guard let id = role["id"]?.string, let name = role["name"]?.string else { return }
        if roleNames.count >= Self.capacity { roleNames = [:] }
        roleNames[id] = name
    }

    // MARK: Conversations

    /// Where something was said.
    ///
    /// - Parameters:
    ///   - type: the channel's type, where the payload tells it.
    ///   - guild: the server; `nil` outside servers.
    func conversation(
        _ id: String, type: Int?, guild: String?, on channel: ChannelName
    ) -> Conversation {
        let known = places[id]
        let kind = type.map { Kind(type: $0) } ?? known?.kind ?? (guild == nil ? .direct : .room)
        let number = Conversation.ID(id)
        switch kind {
        case .direct: return Conversation(channel: channel, id: number, scope: .dm)
        case .groupDirect, .room: return Conversation(channel: channel, id: number, scope: .group)
        case .announcement: return Conversation(channel: channel, id: number, scope: .channel)
        case .thread:
            // People talk to each other in an announcement's thread too. Without a parent, a thread is its own place.
            return Conversation(
                channel: channel, id: known?.parent.map { Conversation.ID($0) } ?? number, scope: .group,
                thread: Conversation.Thread(id))
        }
    }

    /// Whether a conversation can be told from what the payload and this directory know.
    func knows(_ id: String, type: Int?, guild: String?) -> Bool {
        if let place = places[id] { return place.kind != .thread || place.parent != nil }
        guard let type else { return guild == nil }
        return Kind(type: type) != .thread
    }

    /// `#name` of the channel, or of the thread's parent and the thread.
    func title(of conversation: Conversation) -> String? {
        let name = places[conversation.id.rawValue]?.name.map { "#\($0)" }
        guard let thread = conversation.thread.flatMap({ places[$0.rawValue]?.name }) else { return name }
        return name.map { "\($0) › \(thread)" } ?? thread
    }
}

extension Conversation {
    /// The number of the channel that messages go to: a thread is a channel of its own.
    var channelNumber: String { thread?.rawValue ?? id.rawValue }
}
