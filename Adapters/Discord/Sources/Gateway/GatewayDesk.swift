import Logging
import PraisonCore

/// What all shards of a bot share: where the gateway is, who may identify when, and what may be asked for.
actor GatewayDesk {
    /// How long what `GET /gateway/bot` told is good for.
    private static let freshness = Duration.seconds(300)

    private struct Lookup {
        var url: String
        var shards: Int
        var at: Duration
    }

    private let settings: DiscordSettings
    private let context: ChannelContext
    private let api: DiscordAPI
    private var lookup: Lookup?
    private var budget = IdentifyBudget()
    private var grantedIntents: GatewayIntents?

    init(settings: DiscordSettings, context: ChannelContext, api: DiscordAPI) {
        self.settings = settings
        self.context = context
        self.api = api
    }

    /// Where a session begins.
    func address() async throws(DiscordAPIError) -> String { try await current().url }

    /// How many shards there are to be.
    func shardCount() async throws(DiscordAPIError) -> Int {
        if case .count(let count) = settings.shards { return count }
        return try await current().shards
    }

    /// What was told is not right any more.
    func forget() { lookup = nil }

    /// - Returns: how long the shard has to wait before it asks again; zero when it may identify now, which is counted.
    func permission(shard: Int) async throws(DiscordAPIError) -> Duration {
        _ = try await current()
        return budget.reserve(shard: shard, at: context.clock.uptime)
    }

    /// What to ask for: what the configuration needs and the application may have.
    ///
    /// - Throws: ``ChannelError/unauthorized(reason:)`` when that is not enough, else ``DiscordAPIError``.
    func intents() async throws -> GatewayIntents {
        if let grantedIntents { return grantedIntents }
        var intents = settings.intents
        if settings.messageContent != .off || settings.hearsMembers {
            let application = try await api.call(.application)
            let flags = ApplicationFlags(rawValue: application["flags"]?.int ?? 0)
            if settings.hearsMembers, !flags.hasMembers {
                throw missing("Server Members Intent", orSet: "member_events: false")
            }
            if settings.messageContent == .required, !flags.hasMessageContent {
                throw missing("Message Content Intent", orSet: "message_content: auto")
            }
            if settings.messageContent != .off, flags.hasMessageContent {
                intents.insert(.messageContent)
            } else if settings.messageContent == .auto {
                context.logger.notice(
                    """
                    the application may not read messages that do not mention the bot; it hears direct messages, mentions \
                    and commands. To change that, switch on the Message Content Intent at \
                    https://discord.com/developers/applications, page Bot, and restart the channel; message_content: off \
                    silences this note
                    """)
            }
        }
        grantedIntents = intents
        return intents
    }

    private func missing(_ intent: String, orSet alternative: String) -> ChannelError {
        .unauthorized(
            reason: "the application may not use the \(intent); switch it on at "
                + "https://discord.com/developers/applications, page Bot, or set channels.\(context.channel)."
                + "\(alternative), and restart the channel")
    }

    private func current() async throws(DiscordAPIError) -> Lookup {
        if let lookup, context.clock.uptime - lookup.at < Self.freshness { return lookup }
        let answer = try await api.call(.gateway)
        guard let url = answer["url"]?.string, GatewayAddress.isUsable(url) else {
            throw DiscordAPIError(.garbled(status: 200), "the API does not tell where the gateway is")
        }
        let now = context.clock.uptime
        let told = answer["session_start_limit"]
        let fresh = Lookup(url: url, shards: min(max(answer["shards"]?.int ?? 1, 1), 16_384), at: now)
        budget.learn(
            IdentifyBudget.Limit(
                total: told?["total"]?.int ?? 1000, remaining: told?["remaining"]?.int ?? 1000,
                resetAfter: .milliseconds(Int(min(max(told?["reset_after"]?.double ?? 0, 0), 86_400_000))),
                maxConcurrency: told?["max_concurrency"]?.int ?? 1),
            shards: fresh.shards, at: now)
        lookup = fresh
        return fresh
    }
}
