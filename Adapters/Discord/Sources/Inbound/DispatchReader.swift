import PraisonCore

/// Turns dispatches into events. Pure: what it has to know besides is handed to it.
///
/// Source: https://docs.discord.com/developers/events/gateway-events#receive-events
struct DispatchReader {
    /// What came out of reading a dispatch.
    enum Reading: Hashable {
        case events([GatewayEvent])
        /// It concerns nobody, or only our own books.
        case nothing
        /// It is not what Discord promises; the reason names fields, never content.
        case unreadable(reason: String)

        static func event(_ event: GatewayEvent) -> Self { .events([event]) }
    }

    var receiver: Receiver
    var directory: ChannelDirectory
    /// The gateway's session, since sequence numbers start anew in each.
    var session = ""
    var everyoneCallsTheBot = false

    func read(_ name: String, _ data: JSONDocument, sequence: Int) -> Reading {
        let messages = MessageReader(reader: self)
        let news = NewsReader(reader: self, sequence: sequence)
        switch name {
        case "MESSAGE_CREATE": return messages.read(data)
        case "MESSAGE_UPDATE": return messages.readEdit(data)
        case "MESSAGE_DELETE": return news.deletion(data)
        case "MESSAGE_DELETE_BULK": return news.deletions(data)
        case "MESSAGE_REACTION_ADD": return news.reaction(data, isAdded: true)
        case "MESSAGE_REACTION_REMOVE": return news.reaction(data, isAdded: false)
        case "MESSAGE_REACTION_REMOVE_ALL", "MESSAGE_REACTION_REMOVE_EMOJI": return news.clearedReactions(data)
        case "INTERACTION_CREATE": return InteractionReader(reader: self).read(data)
        case "GUILD_MEMBER_ADD": return news.membership(data, isJoin: true)
        case "GUILD_MEMBER_REMOVE": return news.membership(data, isJoin: false)
        case "GUILD_DELETE": return news.removal(data)
        case "THREAD_CREATE": return news.thread(data)
        case "TYPING_START": return news.typing(data)
        case _ where Self.books.contains(name): return .nothing
        default: return news.unsupported(name, data)
        }
    }

    /// Dispatches that are about how servers are set up, and our own connection.
    private static let books: Set<String> = [
        "READY", "RESUMED", "RATE_LIMITED", "USER_UPDATE", "APPLICATION_COMMAND_PERMISSIONS_UPDATE",
        "AUTO_MODERATION_RULE_CREATE", "AUTO_MODERATION_RULE_UPDATE", "AUTO_MODERATION_RULE_DELETE",
        "AUTO_MODERATION_ACTION_EXECUTION", "CHANNEL_CREATE", "CHANNEL_UPDATE", "CHANNEL_DELETE",
        "CHANNEL_PINS_UPDATE", "CHANNEL_INFO", "THREAD_UPDATE", "THREAD_DELETE", "THREAD_LIST_SYNC",
        "THREAD_MEMBER_UPDATE", "THREAD_MEMBERS_UPDATE", "ENTITLEMENT_CREATE", "ENTITLEMENT_UPDATE",
        "ENTITLEMENT_DELETE", "GUILD_CREATE", "GUILD_UPDATE", "GUILD_AUDIT_LOG_ENTRY_CREATE", "GUILD_BAN_ADD",
        "GUILD_BAN_REMOVE", "GUILD_EMOJIS_UPDATE", "GUILD_STICKERS_UPDATE", "GUILD_INTEGRATIONS_UPDATE",
        "GUILD_MEMBER_UPDATE", "GUILD_MEMBERS_CHUNK", "GUILD_ROLE_CREATE", "GUILD_ROLE_UPDATE", "GUILD_ROLE_DELETE",
        "GUILD_SCHEDULED_EVENT_CREATE", "GUILD_SCHEDULED_EVENT_UPDATE", "GUILD_SCHEDULED_EVENT_DELETE",
        "GUILD_SCHEDULED_EVENT_USER_ADD", "GUILD_SCHEDULED_EVENT_USER_REMOVE", "GUILD_SOUNDBOARD_SOUND_CREATE",
        "GUILD_SOUNDBOARD_SOUND_UPDATE", "GUILD_SOUNDBOARD_SOUND_DELETE", "GUILD_SOUNDBOARD_SOUNDS_UPDATE",
        "SOUNDBOARD_SOUNDS", "INTEGRATION_CREATE", "INTEGRATION_UPDATE", "INTEGRATION_DELETE", "INVITE_CREATE",
        "INVITE_DELETE", "MESSAGE_POLL_VOTE_ADD", "MESSAGE_POLL_VOTE_REMOVE", "PRESENCE_UPDATE",
        "STAGE_INSTANCE_CREATE", "STAGE_INSTANCE_UPDATE", "STAGE_INSTANCE_DELETE", "SUBSCRIPTION_CREATE",
        "SUBSCRIPTION_UPDATE", "SUBSCRIPTION_DELETE", "VOICE_CHANNEL_EFFECT_SEND", "VOICE_CHANNEL_STATUS_UPDATE",
        "VOICE_CHANNEL_START_TIME_UPDATE", "VOICE_STATE_UPDATE", "VOICE_SERVER_UPDATE", "WEBHOOKS_UPDATE",
    ]

    // MARK: What all readers need

    func eventID(_ rest: String) -> EventID { EventID("\(receiver.channel)/\(rest)") }

    func isOwn(_ id: String?) -> Bool { id != nil && id == receiver.id?.rawValue }

    /// Where the payload says it happened; `nil` when it does not say.
    func conversation(of data: JSONDocument) -> Conversation? {
        guard let id = data["channel_id"]?.string else { return nil }
        return directory.conversation(
            id, type: data["channel_type"]?.int, guild: data["guild_id"]?.string, on: receiver.channel)
    }

    func event(_ message: InboundMessage, _ id: EventID, at time: Timestamp? = nil) -> GatewayEvent {
        GatewayEvent(message: message, id: id, timestamp: time ?? receiver.receivedAt)
    }

    /// The time an identifier was made.
    static func time(of id: String) -> Timestamp? { Snowflake(id)?.timestamp }
}

extension DispatchReader {
    /// The server a message or interaction comes from, and its sender's roles there. Messages that were fetched
    /// afterwards tell no roles.
    func membership(in payload: JSONDocument) -> InboundMessage.Membership? {
        guard let guild = payload["guild_id"]?.string else { return nil }
        let roles = payload["member"]?["roles"]?.elements.compactMap(\.string) ?? []
        return InboundMessage.Membership(server: guild, roles: roles + roles.compactMap(directory.roleName))
    }
}

extension Sender {
    /// - Parameters:
    ///   - user: a user object.
    ///   - member: what the server calls them.
    init?(user: JSONDocument?, member: JSONDocument? = nil, isWebhook: Bool = false) {
        guard let user, let id = user["id"]?.string else { return nil }
        self.init(
            id: SenderID(id), username: user["username"]?.string,
            displayName: member?["nick"]?.string ?? user["global_name"]?.string,
            isBot: isWebhook || user["bot"]?.bool ?? false)
    }

    static var nobodyKnown: Sender { Sender(id: "unknown") }
}
