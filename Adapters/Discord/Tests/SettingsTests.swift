import PraisonCore
import Testing

@testable import DiscordAdapter

@Suite struct `the discord block of a gateway.yaml` {
    @Test func `is told of every key at fault at once`() throws {
        let settings = ChannelSettings(
            name: "discord", platform: "discord", token: Secret("Bot a.b.c"),
            options: ["api_base": "ftp://x", "shards": "-1"])
        let error = try #require(#expect(throws: ChannelSettingsError.self) { _ = try DiscordSettings(settings) })
        #expect(error.all.map(\.key) == ["token", "api_base", "shards"])
    }
}
