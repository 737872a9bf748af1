import PraisonCore

/// What the gateway is asked to tell.
///
/// Source: https://docs.discord.com/developers/events/gateway#list-of-intents
struct GatewayIntents: OptionSet, Hashable, Sendable {
    let rawValue: Int

    static let guilds = Self(rawValue: 1 << 0)
    static let guildMembers = Self(rawValue: 1 << 1)
    static let guildMessages = Self(rawValue: 1 << 9)
    static let guildReactions = Self(rawValue: 1 << 10)
    static let guildTyping = Self(rawValue: 1 << 11)
    static let directMessages = Self(rawValue: 1 << 12)
    static let directReactions = Self(rawValue: 1 << 13)
    static let directTyping = Self(rawValue: 1 << 14)
    static let messageContent = Self(rawValue: 1 << 15)

    /// What an adapter needs in any case.
    static let common: Self = [
        .guilds, .guildMessages, .guildReactions, .directMessages, .directReactions,
    ]

    /// Those that have to be switched on in the developer portal, with what to write to do without.
    var privileged: [(name: String, setting: String)] {
        [
            (Self.messageContent, (name: "Message Content Intent", setting: "message_content: off")),
            (.guildMembers, (name: "Server Members Intent", setting: "member_events: false")),
        ].filter { contains($0.0) }.map(\.1)
    }
}

/// What an application's flags tell of the privileged intents.
///
/// Source: https://docs.discord.com/developers/resources/application#application-object-application-flags
struct ApplicationFlags: Hashable, Sendable {
    var rawValue: Int

    /// Granted, or switched on by a bot that is in fewer than 100 servers.
    var hasMembers: Bool { rawValue & (1 << 14 | 1 << 15) != 0 }
    var hasMessageContent: Bool { rawValue & (1 << 18 | 1 << 19) != 0 }
}
