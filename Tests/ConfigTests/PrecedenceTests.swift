import PraisonCore
import Testing

@testable import PraisonConfig

@Suite struct `the command line` {
    private func load(
        _ text: String, _ commandLine: CommandLineValues, _ environment: [String: String] = [:]
    ) -> LoadedConfiguration {
        ConfigurationLoader(platforms: Fixtures.platforms, environment: environment, commandLine: commandLine)
            .load(text)
    }

    @Test func `goes before the file, and the file before the environment`() throws {
        let text = "agents: {a: {}}\ngateway: {port: 2, host: localhost}\n"
        let environment = ["GATEWAY_PORT": "3", "GATEWAY_HOST": "::1", "GATEWAY_AUTH_TOKEN": "of-the-environment"]
        let loaded = load(text, CommandLineValues(port: 1), environment)
        let server = try #require(loaded.configuration, "\(loaded.problems)").server
        #expect(server.port == 1)
        #expect(server.host == "localhost")
        #expect(server.authToken == Secret("of-the-environment"))
    }

    @Test func `makes a mistake in the environment harmless`() {
        let loaded = load("agents: {a: {}}", CommandLineValues(port: 1), ["GATEWAY_PORT": "http"])
        #expect(loaded.problems == [])
    }

    @Test(arguments: ["0.0.0.0", "192.168.0.7", "::", "example.org", "127.0.0.1.example.org"])
    func `does not open the gateway to other machines without a token`(host: String) {
        let loaded = load("agents: {a: {}}\n", CommandLineValues(host: host))
        #expect(
            loaded.problems.map(\.description) == [
                "gateway.yaml: gateway.auth_token: missing; \(host) can be reached from other machines, so set a token "
                    + "that clients must show, or host: 127.0.0.1"
            ])
        let guarded = CommandLineValues(host: host, authToken: Secret("4f1c9e0ab2"))
        #expect(load("agents: {a: {}}\n", guarded).problems == [])
        #expect(
            load("agents: {a: {}}\n", CommandLineValues(host: host, authToken: Secret("Change-Me!"))).problems != [])
    }

    @Test(arguments: ["127.0.0.1", "127.1.2.3", "localhost", "LOCALHOST", "::1", "[::1]"])
    func `may open it to this machine`(host: String) {
        #expect(load("agents: {a: {}}\n", CommandLineValues(host: host)).problems == [])
    }

    @Test func `closes what the file opens`() {
        let text = "agents: {a: {}}\ngateway: {host: 0.0.0.0}\n"
        #expect(load(text, CommandLineValues()).problems.count == 1)
        #expect(load(text, CommandLineValues(host: "127.0.0.1")).problems == [])
    }
}

@Suite struct `an older file` {
    @Test func `for one bot becomes one agent and one channel`() throws {
        let loaded = ConfigurationLoader.make(["BOT": "1:x"]).load(
            """
            agent: {name: helper, instructions: help}
            platform: telegram
            token: ${BOT}
            unknown_user_policy: pair
            owner_user_id: 5
            routing: {default: helper, rules: {group: helper}}
            """)
        let configuration = try #require(loaded.configuration, "\(loaded.problems)")
        let channel = try #require(configuration.channels.first)
        #expect(configuration.agents.map(\.name) == ["helper"])
        #expect(channel.name == "telegram" && channel.token == Secret("1:x") && channel.offReason == nil)
        #expect(channel.access.owner == "5" && channel.access.unknownUserPolicy == .pair)
        #expect(channel.routing == Routing(byScope: [.group: "helper"], fallback: "helper"))
    }

    @Test func `by platform becomes channels`() throws {
        let loaded = ConfigurationLoader.make().load(
            "agents: {a: {}}\nplatforms: {telegram: {token: \"1:x\", routes: {dm: a}}}\n")
        let channel = try #require(loaded.configuration?.channels.first, "\(loaded.problems)")
        #expect(channel.routing == Routing(byScope: [.dm: "a"], fallback: "a"))
    }
}

@Suite struct `a channel` {
    private func channel(_ block: String, _ environment: [String: String] = [:]) throws -> ChannelSettings {
        let loaded = ConfigurationLoader.make(environment).load("agents: {a: {}}\nchannels: {telegram: {\(block)}}\n")
        return try #require(loaded.configuration?.channels.first, "\(loaded.problems)")
    }

    @Test func `has its token from the usual variable when it names none`() throws {
        #expect(try channel("routing: {default: a}", ["TELEGRAM_BOT_TOKEN": "1:x"]).token == Secret("1:x"))
    }

    @Test func `without any block is there when its token is`() throws {
        let environment = ["TELEGRAM_BOT_TOKEN": "1:x"]
        let added = ConfigurationLoader.make(environment).load("agents: {a: {}, b: {}}\n")
        #expect(added.configuration?.channels.map(\.name) == ["telegram"])
        #expect(added.configuration?.channels.first?.routing.fallback == "a")
        let refused = ConfigurationLoader.make(environment).load("agents: {a: {}}\nauto_enable_from_env: false\n")
        #expect(refused.configuration?.channels == [])
    }

    @Test func `has its people from groups of groups`() throws {
        let loaded = ConfigurationLoader.make().load(
            """
            agents: {a: {}}
            access_groups: {all: [1, group:some], some: ["2", 3]}
            channels: {telegram: {token: "1:x", allowed_users: "group:all, 4", blocklist: [5]}}
            """)
        let access = try #require(loaded.configuration?.channels.first, "\(loaded.problems)").access
        #expect(access.allowedUsers == ["1", "2", "3", "4"])
        #expect(access.blocklist == ["5"])
        #expect(access.effectiveUnknownUserPolicy == .deny)
    }

    @Test func `is open to strangers only while nobody is listed`() throws {
        #expect(try channel("token: x").access.effectiveUnknownUserPolicy == .allow)
        #expect(try channel("token: x, owner_user_id: 1").access.effectiveUnknownUserPolicy == .deny)
        #expect(try channel("token: x, unknown_user_policy: pair").access.effectiveUnknownUserPolicy == .pair)
    }

    @Test func `keeps numbers of people as they are written`() throws {
        let access = try channel("token: x, owner_user_id: 007, admin_users: [-100, 99999999999999999999]").access
        #expect(access.owner == "007")
        #expect(access.adminUsers == ["-100", "99999999999999999999"])
    }

    @Test func `resolves its secrets' files from the folder of the file`() throws {
        let loader = ConfigurationLoader(
            platforms: Fixtures.platforms, environment: ["HOME": "/home/me"], folder: "/etc/praisonai"
        ) { path in Array(path.utf8) }
        let loaded = loader.load(
            """
            agents: {a: {}}
            gateway: {ssl_cert: tls/c.pem, ssl_key: /abs/k.pem, session_config: {persist_path: ~/sessions}}
            channels:
              telegram: {token: {source: file, id: token.txt}}
            """)
        let configuration = try #require(loaded.configuration, "\(loaded.problems)")
        #expect(configuration.channels.first?.token == Secret("/etc/praisonai/token.txt"))
        #expect(configuration.server.sslCert == "/etc/praisonai/tls/c.pem")
        #expect(configuration.server.sslKey == "/abs/k.pem")
        #expect(configuration.session.persistPath == "/home/me/sessions")
    }

    @Test func `sums up sessions of clients as it does those of channels`() throws {
        let block = "compaction: {enabled: true, max_tokens: 5000, keep_recent: 3}"
        let configuration = try #require(
            ConfigurationLoader.make([:]).load(
                """
                agents: {a: {}}
                gateway: {session_config: {\(block)}}
                channels: {telegram: {token: x, session: {\(block)}}}
                """
            ).configuration)
        #expect(configuration.session.compaction == CompactionSettings(maxTokens: 5000, keepRecent: 3))
        #expect(configuration.channels.first?.session.compaction == configuration.session.compaction)
    }
}
