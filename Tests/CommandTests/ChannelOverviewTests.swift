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

    private static let overviews = seed.map { ChannelOverview($0, agents: ["support", "sales", "vip-agent"]) }

    @Test func `tells name, platform, instance, token, routing and access within 80 columns`() {
        let text = GatewayChannels.text(Self.overviews, width: 80)
        #expect(
            text == """
                NAME          PLATFORM  INSTANCE  TOKEN    ROUTING             ACCESS
                telegram      telegram  default   not set  dm → support,       everybody
                                                           group → sales,      (strangers are
                                                           else support        untrusted), in
                                                                               groups when
                                                                               called
                telegram-vip  telegram  vip       set      all → vip-agent; 1  owner 7, 1 person
                                                           binding             listed; others
                                                                               are ignored, in
                                                                               groups never

                off: telegram: token: environment variable TELEGRAM_BOT_TOKEN is not set
                """)
        #expect(text.split(separator: "\n").allSatisfy { $0.count <= 80 })
    }

    @Test func `never tells a token`() {
        let everything =
            GatewayChannels.text(Self.overviews, width: 200) + JSONValue.array(Self.overviews.map(\.json)).text()
        #expect(!everything.contains("very-secret"))
    }

    @Test func `says so when it is empty`() {
        #expect(GatewayChannels.text([], width: 80).hasPrefix("No channels."))
    }
}
