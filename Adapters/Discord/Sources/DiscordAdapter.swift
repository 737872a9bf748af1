import Logging
public import PraisonCore

/// Discord, through version 10 of its gateway and REST API.
///
/// Source: https://docs.discord.com/developers/reference
public struct DiscordAdapter: ChannelAdapter {
    public static let platform: Platform = "discord"

    /// A message has 2000 code points at most. The pace is what the API's headers show in practice (5 messages in 5
    /// seconds to a channel); only they and a 429 are exact, and are obeyed.
    ///
    /// Source: https://docs.discord.com/developers/resources/message#create-message
    public static let capabilities = ChannelCapabilities(
        textLimit: 2000, textUnit: .codePoints, typingRefresh: .seconds(9), editInterval: .seconds(1),
        pace: ChannelCapabilities.Pace(perSecond: 40, perConversation: .seconds(1), burst: 5), threads: true,
        memberships: true)

    public static var options: [ChannelOption] { DiscordSettings.options }

    let settings: DiscordSettings
    let context: ChannelContext
    let api: DiscordAPI
    let account = BotAccount()
    let interactions: InteractionBook
    let intake: DispatchIntake

    public init(settings: ChannelSettings, context: ChannelContext) throws {
        self.settings = try DiscordSettings(settings)
        self.context = context
        api = DiscordAPI(base: self.settings.base, token: self.settings.token, http: context.http, clock: context.clock)
        interactions = InteractionBook(settings: self.settings, context: context, api: api)
        intake = DispatchIntake(
            settings: self.settings, context: context, account: account, api: api, interactions: interactions)
    }

    public func run() async throws {
        context.report(.starting)
        try await intake.recall()
        try await interactions.recall()
        let desk = GatewayDesk(settings: settings, context: context, api: api)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await interactions.run() }
            group.addTask { await CommandRegistration(api: api, context: context, account: account).run(settings) }
            group.addTask { try await intake.catchUpLater() }
            group.addTask { try await hear(desk) }
            // Hearing only ends by throwing; the others end before it only when the channel stops.
            defer { group.cancelAll() }
            while try await group.next() != nil {}
        }
    }

    private func hear(_ desk: GatewayDesk) async throws {
        let health = ShardHealth(report: context.report)
        var pauses = OutagePauses()
        while true {
            try Task.checkCancellation()
            do {
                let count = try await desk.shardCount()
                health.begin(shards: count)
                pauses.reset()
                try await run(count, desk, health)
            } catch is Shard.Regrouping {
                guard settings.shards == .auto else { throw wrongShards() }
                await desk.forget()
                let pause = pauses.nextPause(atLeast: .seconds(5), fraction: context.entropy.fraction())
                context.logger.notice("the bot has outgrown its shards; asking how many there are to be")
                try await context.clock.sleep(for: pause)
            } catch let error as DiscordAPIError {
                try Task.checkCancellation()
                if error.isAboutTheToken { throw error.channelError(for: context.channel) }
                var pause = pauses.nextPause(fraction: context.entropy.fraction())
                if case .limited(let wait) = error.cause { pause = max(pause, wait) }
                context.report(.degraded(reason: "cannot reach the API: \(error)"))
                context.logger.warning(
                    "cannot reach the API, trying again",
                    metadata: ["reason": "\(error)", "pause": "\(pause.inWords)"])
                try await context.clock.sleep(for: pause)
            }
        }
    }

    private func run(_ count: Int, _ desk: GatewayDesk, _ health: ShardHealth) async throws {
        var shards: [Shard] = []
        for number in 0..<count {
            let stored = try await context.cursors.cursor(Shard.cursor(number, of: count, settings))
            shards.append(
                Shard(
                    number: number, of: count, settings: settings, context: context, desk: desk, intake: intake,
                    health: health, stored: stored.flatMap { StoredSession($0) }))
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for shard in shards { group.addTask { try await shard.run() } }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private func wrongShards() -> ChannelError {
        .unauthorized(
            reason:
                "discord does not accept channels.\(context.channel).shards as it is; set it to auto, and restart the "
                + "channel")
    }

    /// - Parameter payload: a dispatch (`{"op": 0, "t": …, "s": …, "d": …}`), or a list of them in which earlier ones tell
    ///   of the places later ones only number.
    public static func events(in payload: JSONDocument, for receiver: Receiver) -> [GatewayEvent] {
        read(payload, for: receiver).flatMap { reading -> [GatewayEvent] in
            if case .events(let events) = reading { events } else { [] }
        }
    }

    public static func problems(in payload: JSONDocument, for receiver: Receiver) -> [String] {
        let readings = read(payload, for: receiver)
        return readings.enumerated().compactMap { index, reading in
            guard case .unreadable(let reason) = reading else { return nil }
            return readings.count == 1 ? reason : "dispatch \(index + 1) of \(readings.count): \(reason)"
        }
    }

    /// One reading for each dispatch.
    private static func read(_ payload: JSONDocument, for receiver: Receiver) -> [DispatchReader.Reading] {
        var directory = ChannelDirectory()
        return (payload.kind == .array ? payload.elements : [payload]).map { dispatch in
            guard dispatch["op"]?.int ?? 0 == 0 else { return .nothing }
            guard let name = dispatch["t"]?.string, let data = dispatch["d"] else {
                return .unreadable(reason: "a dispatch without t or d")
            }
            directory.learn(name, data, own: receiver.id)
            let reader = DispatchReader(receiver: receiver, directory: directory)
            return reader.read(name, data, sequence: dispatch["s"]?.int ?? 0)
        }
    }
}
