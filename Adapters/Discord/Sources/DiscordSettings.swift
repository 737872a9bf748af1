import PraisonCore

/// A channel's block, read for this platform: what is missing or impossible is said before anything starts.
struct DiscordSettings: Sendable {
    enum Shards: Hashable, Sendable {
        /// As many as the server recommends.
        case auto
        case count(Int)
    }

    /// Whether the texts of messages that do not call the bot are wanted.
    enum MessageContent: String, Hashable, Sendable {
        /// If the application may have them.
        case auto
        /// The channel does not start without them.
        case required
        case off
    }

    static let defaultBase = "https://discord.com/api/v10"

    let token: Secret
    /// Without a slash at the end.
    let base: String
    let shards: Shards
    let messageContent: MessageContent
    /// Whether people's comings and goings are told, which needs the privileged intent for members.
    let hearsMembers: Bool
    let hearsTyping: Bool
    let everyoneCallsTheBot: Bool
    let announcesCommands: Bool
    /// How old a missed message may be to be caught up with; zero for no catching up.
    let catchUpAge: Duration
    /// Missed messages fetched of one conversation.
    let catchUpLimit: Int
    /// Bytes of the largest attachment fetched.
    let maximumDownload: Int

    static let options: [ChannelOption] = [
        ChannelOption(
            "api_base", .url, default: defaultBase, summary: "where the REST API is; a simulator goes here"),
        ChannelOption(
            "shards", .string, default: "auto",
            summary: "connections to the gateway: auto for as many as the platform recommends, or 1 to 16384"),
        ChannelOption(
            "message_content", .choice(["auto", "required", "off"]), default: "auto",
            summary: "ask for texts that do not call the bot: if the application may have them, in any case, or never"),
        ChannelOption(
            "member_events", .boolean, default: "false",
            summary: "hear who joins and leaves; needs the Server Members Intent"),
        ChannelOption("typing_events", .boolean, default: "false", summary: "record who is typing"),
        ChannelOption(
            "everyone_mentions", .boolean, default: "false", summary: "count @everyone and @here as calling the bot"),
        ChannelOption(
            "slash_commands", .boolean, default: "true", summary: "announce the gateway's commands on the platform"),
        ChannelOption(
            "catch_up_age", .seconds(0...1_209_600), default: "86400",
            summary: "seconds a message missed while away may be old to be answered; 0 for none"),
        ChannelOption(
            "catch_up_messages", .integer(0...1000), default: "100",
            summary: "missed messages fetched of one conversation; 0 for none"),
    ]

    init(_ settings: ChannelSettings) throws(ChannelSettingsError) {
        var faults = ChannelSettingsError.Collection()
        let token = faults.read(try Self.token(in: settings))
        let base = faults.read(try Self.base(in: settings))
        let shards = faults.read(try Self.shards(in: settings))
        guard let token, let base, let shards else { throw faults.error }
        (self.token, self.base, self.shards) = (token, base, shards)
        let options = settings.options
        messageContent = options["message_content"]?.string.flatMap { MessageContent(rawValue: $0) } ?? .auto
        hearsMembers = options["member_events"]?.bool ?? false
        hearsTyping = options["typing_events"]?.bool ?? false
        everyoneCallsTheBot = options["everyone_mentions"]?.bool ?? false
        announcesCommands = options["slash_commands"]?.bool ?? true
        catchUpAge = .seconds(min(max(options["catch_up_age"]?.double ?? 86_400, 0), 1_209_600))
        catchUpLimit = min(max(options["catch_up_messages"]?.int ?? 100, 0), 1000)
        maximumDownload = settings.maxInboundMediaBytes
    }

    /// Where a value is kept across restarts: another bot under the same channel's name has its own. The first part of a
    /// token is the bot's number, which is no secret.
    func cursor(_ name: String) -> String {
        "\(token.reveal().prefix { $0 != "." })/\(name)"
    }

    /// Whether a session with these intents tells what is wanted now.
    func isServed(by intents: GatewayIntents) -> Bool {
        intents.isSuperset(of: self.intents) && intents.contains(.messageContent) == (messageContent != .off)
    }

    /// What the gateway is asked for, apart from the texts of messages.
    var intents: GatewayIntents {
        var intents = GatewayIntents.common
        if hearsMembers { intents.insert(.guildMembers) }
        if hearsTyping { intents.formUnion([.guildTyping, .directTyping]) }
        return intents
    }

    private static func token(in settings: ChannelSettings) throws(ChannelSettingsError) -> Secret {
        let howToGetOne =
            "make an application at https://discord.com/developers/applications, open its page Bot, press Reset Token, "
            + "and put what it shows here"
        guard let token = settings.token, !token.isEmpty else {
            throw ChannelSettingsError(key: "token", problem: "no token; \(howToGetOne)")
        }
        let text = token.reveal()
        guard !text.hasPrefix("Bot ") else {
            throw ChannelSettingsError(key: "token", problem: "leave out the word Bot before the token")
        }
        let isToken =
            text.split(separator: ".", omittingEmptySubsequences: false).filter { !$0.isEmpty }.count == 3
            && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
        guard isToken else {
            throw ChannelSettingsError(
                key: "token", problem: "this is no bot token: three parts with dots between them; \(howToGetOne)")
        }
        return token
    }

    private static func base(in settings: ChannelSettings) throws(ChannelSettingsError) -> String {
        var base = settings.options["api_base"]?.string ?? defaultBase
        while base.hasSuffix("/") { base.removeLast() }
        guard base.hasPrefix("http://") || base.hasPrefix("https://") else {
            throw ChannelSettingsError(
                key: "api_base", problem: "must start with https:// or http://, such as \(defaultBase)")
        }
        return base
    }

    private static func shards(in settings: ChannelSettings) throws(ChannelSettingsError) -> Shards {
        guard let value = settings.options["shards"] else { return .auto }
        let text = value.string ?? value.text()
        if text == "auto" { return .auto }
        guard let count = Int(text), (1...16_384).contains(count) else {
            throw ChannelSettingsError(key: "shards", problem: "must be auto or a number from 1 to 16384")
        }
        return .count(count)
    }
}
