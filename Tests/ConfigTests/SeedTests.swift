import PraisonConfig
import PraisonCore
import Testing

@Suite struct `the documented example` {
    private func load(_ environment: [String: String] = [:]) throws -> LoadedConfiguration {
        ConfigurationLoader.make(environment).load(yaml: try Fixtures.bytes("seed.yaml"), file: "gateway.yaml")
    }

    @Test func `loads without any account or variable`() throws {
        let loaded = try load()
        #expect(loaded.problems.isEmpty)
        let configuration = try #require(loaded.configuration)
        #expect(configuration.agents.map(\.name) == ["support", "sales", "vip-agent"])
        #expect(configuration.channels.map(\.name) == ["telegram", "telegram-vip", "discord", "slack", "whatsapp"])
        #expect(configuration.channels.allSatisfy { $0.offReason != nil })
        #expect(configuration.channels.first?.offReason == "token: environment variable TELEGRAM_BOT_TOKEN is not set")
    }

    @Test func `carries every value of its agents`() throws {
        let agents = try #require(try load().configuration?.agents)
        #expect(
            agents.first
                == AgentSettings(
                    name: "support", instructions: "You are a support agent", model: "gpt-4o-mini", temperature: 0.7,
                    tools: ["search_web"], memory: true))
        #expect(agents.map(\.model) == ["gpt-4o-mini", "claude-3-5-sonnet-20241022", "gpt-4o"])
        #expect(agents.map(\.temperature) == [0.7, 0.3, nil])
    }

    @Test func `routes by the kind of conversation`() throws {
        let channels = try #require(try load().configuration?.channels)
        #expect(
            channels.map(\.routing) == [
                Routing(byScope: [.dm: "support", .group: "sales"], fallback: "support"),
                Routing(fallback: "vip-agent"), Routing(fallback: "support"), Routing(fallback: "support"),
                Routing(fallback: "sales"),
            ])
        #expect(channels.map(\.platform) == ["telegram", "telegram", "discord", "slack", "whatsapp"])
    }

    @Test func `starts the channel whose token is set and no other`() throws {
        let channels = try #require(try load(["VIP_BOT_TOKEN": "123:abc"]).configuration?.channels)
        let running = channels.filter { $0.offReason == nil }
        #expect(running.map(\.name) == ["telegram-vip"])
        #expect(running.first?.token == Secret("123:abc"))
        #expect(running.first?.options["api_base"] == "https://api.telegram.org")
    }
}
