import DiscordSimulator
import Foundation
import Logging
import PraisonCore
import PraisonNet
import PraisonSimulation
import TelegramSimulator
import Testing

@Suite(.serialized, .timeLimit(.minutes(5)))
struct `a gateway with two bots on each of two platforms` {
    private struct Bot: Sendable {
        /// Where it is.
        var town: Town
        /// What people call it, and what its messages are marked with.
        var name: String
        var number: String

        func hears(_ text: String) async throws {
            try await town.say(["scope": "dm", "sender": "ada", "text": .string(text), "bot": .string(name)])
        }
    }

    private static let vipToken = "654321:FAKE-TELEGRAM-TOKEN"
    private static let eventsToken = "OTAwMDAwMDAwMDAwMDAwMDAy.FAKE.FAKE"
    private static let eventsNumber = "900000000000000002"

    /// Runs `body` between the platforms, on which all four bots are known.
    ///
    /// - Parameter body: is lent the bots, each pair with its platform, and a gateway.yaml for them.
    private static func withBots(
        _ body: @escaping @Sendable (_ bots: [Bot], _ configuration: String) async throws -> Void
    ) async throws {
        try await Town.with { telegram in
            let simulator = DiscordSimulator(
                clock: SystemClock(), entropy: SystemEntropy(), client: telegram.http,
                cryptography: OpenSSLCryptography())
            let logger = Logger(label: "town") { _ in SwiftLogNoOpLogHandler() }
            try await HTTPServer.withServer(simulator, logger: logger) { address in
                let discord = Town(
                    platformURL: address.url, modelURL: telegram.modelURL, model: telegram.model, http: telegram.http)
                try await introduce(telegram, discord)
                try await body(
                    [
                        Bot(town: telegram, name: TelegramSimulator.username, number: number(TelegramSimulator.token)),
                        Bot(town: telegram, name: "sim_654321_bot", number: number(vipToken)),
                        Bot(town: discord, name: DiscordSimulator.username, number: "900000000000000001"),
                        Bot(town: discord, name: eventsNumber, number: eventsNumber),
                    ], telegram.configuration(channel: channels(telegram, discord)))
            }
        }
    }

    private static func number(_ token: String) -> String { String(token.prefix { $0 != ":" }) }

    /// A simulated platform knows a bot once its token was used.
    private static func introduce(_ telegram: Town, _ discord: Town) async throws {
        for token in [TelegramSimulator.token, vipToken] {
            _ = try await telegram.http.execute(HTTPRequest(.get, "\(telegram.platformURL)/bot\(token)/getMe"))
        }
        for token in [DiscordSimulator.token, eventsToken] {
            let url = "\(discord.platformURL)/api/v10/users/@me"
            _ = try await discord.http.execute(HTTPRequest(.get, url, headers: ["Authorization": "Bot \(token)"]))
        }
    }

    private static func channels(_ telegram: Town, _ discord: Town) -> String {
        """
          telegram-vip:
            platform: telegram
            token: "\(vipToken)"
            api_base: "\(telegram.platformURL)"
            poll_timeout: 5
            routing: {default: helper}
          discord:
            token: "\(DiscordSimulator.token)"
            api_base: "\(discord.platformURL)/api/v10"
            routing: {dm: personal, group: helper, channel: herald}
          discord-events:
            platform: discord
            token: "\(eventsToken)"
            api_base: "\(discord.platformURL)/api/v10"
            routing: {default: herald}
        """
    }

    private static func bot(_ message: JSONValue) -> String? { message["bot"].map { $0.string ?? $0.text() } }

    @Test func `answers as the bot that was asked`() async throws {
        try await Self.withBots { bots, configuration in
            try await Workspace.with { workspace in
                try await GatewayProcess.withGateway(configuration, in: workspace) { gateway in
                    for bot in bots {
                        try await bot.hears("hello \(bot.name)")
                        #expect(Self.bot(try await bot.town.hears("hello \(bot.name)")) == bot.number)
                    }
                    // Both hear what is said in the server's channel; the one that is called answers.
                    let discord = try #require(bots.last?.town)
                    let called = try await discord.say([
                        "scope": "group", "conversation": "general", "sender": "ada",
                        "text": "<@\(Self.eventsNumber)> and in public?",
                    ])
                    let answer = try await discord.hears("and in public?")
                    #expect(Self.bot(answer) == Self.eventsNumber)
                    #expect(answer["reply_to"] == called["id"])
                    #expect(try await gateway.stop().status == 0)
                    #expect(try await discord.sent().count == 3)
                }
            }
        }
    }

    @Test func `loses nothing when it is killed, and answers each once`() async throws {
        try await Self.withBots { bots, configuration in
            try await Workspace.with { workspace in
                try await GatewayProcess.withGateway(configuration, in: workspace) { gateway in
                    for bot in bots {
                        try await bot.hears("word 1 for \(bot.name)")
                        try await bot.town.hears("word 1 for \(bot.name)")
                    }
                    for number in 2...4 {
                        for bot in bots { try await bot.hears("word \(number) for \(bot.name)") }
                    }
                    _ = try await gateway.stop(SIGKILL)
                }
                for number in 5...6 {
                    for bot in bots { try await bot.hears("word \(number) for \(bot.name)") }
                }
                try await GatewayProcess.withGateway(configuration, in: workspace) { gateway in
                    for bot in bots {
                        for number in 1...6 { try await bot.town.hears("word \(number) for \(bot.name)") }
                    }
                    #expect(try await gateway.stop().status == 0)
                }
            }
            for bot in bots {
                let seen = SeenMessages(sent: try await bot.town.sent().filter { Self.bot($0) == bot.number })
                let wanted = Set((1...6).map { "echo: word \($0) for \(bot.name)" })
                #expect(Set(seen.messages.map(\.words)) == wanted, "\(bot.name)")
                let unmarked = seen.messages.filter { !$0.isMarked }
                #expect(unmarked.count == Set(unmarked.map(\.text)).count, "\(bot.name)")
                // Where a platform knows a message by its key, nothing may come again, marked or not.
                if bot.town.platformURL != bots[0].town.platformURL { #expect(seen.messages.count == wanted.count) }
            }
        }
    }
}
