import Foundation
import PraisonConfig
import PraisonCore
import Testing

@testable import praisonai

@Suite struct `a check of gateway.yaml` {
    private func problems(_ yaml: String, _ environment: [String: String] = [:]) throws -> [String] {
        try withFolder { folder in
            let file = folder.appending(path: "gateway.yaml")
            try Data(yaml.utf8).write(to: file)
            let source = ConfigurationSource(file: file.path(), environment: environment)
            let problems = try ConfigurationCheck(source).report.problems
            // A channel that can't run keeps nothing else from starting; whatever does is told along with it.
            do throws(CommandFailure) { _ = try source.loadWithoutProblems() } catch {
                #expect(error.problems == problems)
            }
            return problems.map { "\($0.place) \($0.path)" }
        }
    }

    @Test func `tells what adapters, patterns and addresses are refused for along with misspelled keys`() throws {
        let found = try problems(
            """
            agents: {a: {instructions: hi, temprature: 1}}
            gateway:
              trusted_proxies: [nonsense, 10.0.0.0/8]
              ssl_cert: /nowhere/cert.pem
              ssl_key: /nowhere/key.pem
            guardrails: {registry: {x: {description: "", patterns: ["(unclosed"]}}}
            channels:
              telegram: {token: nonsense, routing: {default: a}}
              tg2:
                platform: telegram
                token: "123456:ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghi"
                mode: webhook
              tg3:
                platform: telegram
                token: "123457:ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghi"
                mode: webhook
                webhook_url: "http://example.org/hook"
                webhook_secret: "bad secret!"
              discord: {token: nonsense, shards: -1}
            """)
        #expect(
            found == [
                "1:32 agents.a.temprature", "3:20 gateway.trusted_proxies", "4:13 gateway.ssl_cert",
                "5:12 gateway.ssl_key", "6:28 guardrails.registry.x", "8:21 channels.telegram.token",
                "10:5 channels.tg2.webhook_url", "17:18 channels.tg3.webhook_url", "18:21 channels.tg3.webhook_secret",
                "19:20 channels.discord.token", "19:38 channels.discord.shards",
            ])
    }

    @Test func `finds what no gateway starts without: rules that can be read`() throws {
        try withFolder { folder in
            let file = folder.appending(path: "gateway.yaml")
            let yaml = """
                agents: {a: {instructions: hi}}
                guardrails: {registry: {x: {description: "", patterns: ["(unclosed"]}}}
                """
            try Data(yaml.utf8).write(to: file)
            let source = ConfigurationSource(file: file.path(), environment: [:])
            let failure = #expect(throws: CommandFailure.self) { try source.loadWithoutProblems() }
            #expect(failure?.status == .configuration)
            #expect(failure?.problems.map(\.path) == ["guardrails.registry.x"])
        }
    }

    @Test func `leaves unsaid what follows from another mistake`() throws {
        let found = try problems(
            """
            agents: {a: {temprature: 1}}
            channels:
              telegram: {mode: webhook, webhook_url: 5, routing: {default: a}}
              vip: {platform: telegram, token: [x], routing: {default: a}}
              discord: {token: "a.b.c", shards: [1], api_base: nonsense}
            """)
        #expect(
            found == [
                "1:14 agents.a.temprature", "3:3 channels.telegram.token", "3:42 channels.telegram.webhook_url",
                "4:36 channels.vip.token", "5:37 channels.discord.shards", "5:52 channels.discord.api_base",
            ])
    }

    @Test func `looks at what is there of a channel that waits for a variable, and not for what is missing`() throws {
        let found = try problems(
            """
            agents: {a: {}}
            channels:
              telegram: {token: "${TOKEN}", mode: webhook, webhook_url: "${URL}", webhook_secret: "bad secret!"}
              discord: {token: "${TOKEN}", shards: -1}
              vip: {platform: telegram, token: nonsense, enabled: false}
            """)
        #expect(found == ["3:87 channels.telegram.webhook_secret", "4:40 channels.discord.shards"])
    }

    @Test func `looks at what could be read of a file that is no YAML`() throws {
        let found = try problems(
            """
            agents:
              a: {instructions: "never closed}
            channels:
              telegram: {token: nonsense, routing: {default: a}}
              vip: {platform: telegram, routing: {default: b}}
            """)
        #expect(found.contains("4:21 channels.telegram.token"))
        #expect(!found.contains { $0.contains("channels.vip") })
    }

    @Test func `knows every tool there is, and no other`() throws {
        let found = try problems(
            """
            agents:
              a: {tools: [search_web, get_weather, ask_agent, hand_over, send_message, remember, serch_web]}
            """)
        #expect(found == ["2:86 agents.a.tools"])
    }

    @Test func `lets an agent do without a tool when that is asked for`() throws {
        try withFolder { folder in
            let file = folder.appending(path: "gateway.yaml")
            try Data("agents: {a: {tools: [serch_web]}}".utf8).write(to: file)
            let source = ConfigurationSource(
                file: file.path(), environment: [:], commandLine: CommandLineValues(allowsUnknownTools: true))
            let notices = try source.loadWithoutProblems().1.notices.map(\.description)
            #expect(notices.contains { $0.contains(":1:22: agents.a.tools: there is no tool \"serch_web\"") })
        }
    }

    @Test func `tells as JSON of a file that can't be read`() throws {
        let source = ConfigurationSource(file: "/nowhere/gateway.yaml", environment: [:])
        let failure = try #require(#expect(throws: CommandFailure.self) { try ConfigurationCheck(source) })
        let json = CheckReport(file: source.name, problems: failure.problems).json
        #expect(json["ok"] == false)
        #expect(json["file"] == "/nowhere/gateway.yaml")
        #expect(json["problems"]?[0]?["message"] == "no such file")
        #expect(json["problems"]?[0]?["line"] == .null)
    }
}
