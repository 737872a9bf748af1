import PraisonCore
import Testing

@testable import praisonai

@Suite struct `the table of channels` {
    private static let seed = [
        ChannelSettings(
            name: "telegram", platform: "telegram",
            offReason: "token: environment variable TELEGRAM_BOT_TOKEN is not set",
            routing: Routing(byScope: [.dm: "support", .group: "sales"], fallback: "support")),
        ChannelSettings(
            name: "telegram-vip", platform: "telegram", token: Secret("123456:very-secret"),
            routing: Routing(fallback: "vip-agent", bindings: [Routing.Binding(agent: "sales")]),
            access: AccessSettings(owner: "7", allowedUsers: ["7", "8"], groupPolicy: .observe)),
    ]

    @Test func `tells name, platform, instance, token, routing and access within 80 columns`() {
        let text = GatewayChannels.text(Self.seed.map(ChannelOverview.init), width: 80)
        #expect(
            text == """
                NAME          PLATFORM  INSTANCE  TOKEN    ROUTING             ACCESS
                telegram      telegram  default   not set  dm: support         anyone
                                                           group: sales        groups: mention
                                                           default: support
                telegram-vip  telegram  vip       set      default: vip-agent  2 listed
                                                           1 binding           groups: silent

                off: telegram: token: environment variable TELEGRAM_BOT_TOKEN is not set
                """)
        #expect(text.split(separator: "\n").allSatisfy { $0.count <= 80 })
    }

    @Test func `never tells a token`() {
        let overviews = Self.seed.map(ChannelOverview.init)
        let everything = GatewayChannels.text(overviews, width: 200) + JSONValue.array(overviews.map(\.json)).text()
        #expect(!everything.contains("very-secret"))
    }

    @Test func `says so when it is empty`() {
        #expect(GatewayChannels.text([], width: 80).hasPrefix("No channels."))
    }
}

@Suite struct `who may write` {
    @Test(arguments: [
        (AccessSettings(), "anyone may write, because nobody is listed (allowed_users) and no owner is set"),
        (AccessSettings(unknownUserPolicy: .allow), "anyone may write (unknown_user_policy: allow)"),
        (
            AccessSettings(unknownUserPolicy: .deny),
            "nobody may write (unknown_user_policy: deny, and nobody is listed)"
        ),
        (AccessSettings(owner: "1", allowlist: ["1", "2"]), "only the 2 listed may write"),
        (AccessSettings(unknownUserPolicy: .pair), "strangers get a code to pair with"),
    ])
    func `is said plainly`(access: AccessSettings, words: String) {
        #expect(AccessWords(access).sentence == words + "; in groups it answers when called by name or replied to")
    }
}
