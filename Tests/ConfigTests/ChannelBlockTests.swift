import PraisonConfig
import PraisonCore
import Testing

@Suite struct `a channel's block` {
    private func channel(_ lines: String) throws -> ChannelSettings {
        let loaded = ConfigurationLoader.make().load(
            """
            agents:
              helper: {}
            channels:
              telegram:
                token: "1:a"
                routing: {default: helper}
            \(lines.split(separator: "\n").map { "    \($0)" }.joined(separator: "\n"))

            """)
        #expect(loaded.problems == [])
        return try #require(loaded.configuration?.channels.first)
    }

    @Test func `is told when a binding asks for what the platform tells of nobody`() {
        let plain = PlatformDescription(platform: "plain", tellsMemberships: false)
        let yaml = """
            agents: {helper: {}}
            channels:
              plain:
                token: "1:a"
                bindings:
                  - {agent: helper, role: moderator}
                  - {agent: helper, peer: "7"}
                routing: {default: helper}

            """
        let loaded = ConfigurationLoader(platforms: [plain], readFile: { _ in [] })
            .load(yaml: Array(yaml.utf8), file: "gateway.yaml")
        #expect(
            loaded.notices.map(\.description) == [
                "gateway.yaml:6:31: channels.plain.bindings[0].role: plain does not tell this of anybody, so the "
                    + "binding never holds"
            ])
    }

    @Test func `is told when a binding allows or denies a tool that there is not`() {
        let loaded = ConfigurationLoader.make().load(
            """
            agents: {helper: {}, far: {remote: true}}
            mcp_servers: {files: {url: "http://127.0.0.1:9/mcp"}}
            channels:
              telegram:
                token: "1:a"
                bindings:
                  - {agent: helper, peer: "7", allow_tools: [calculator, files_read], deny_tools: [files, serch_web]}
                  - {agent: helper, peer: "8", allow_tools: [nothing_of_the_kind]}
                  - {agent: far, peer: "9", deny_tools: [its_own]}
                routing: {default: helper}

            """)
        #expect(loaded.problems == [])
        #expect(
            loaded.notices.map(\.description) == [
                "gateway.yaml:7:95: channels.telegram.bindings[0].deny_tools: there is no tool \"serch_web\", so nothing "
                    + "is denied by it; did you mean search_web?",
                "gateway.yaml:8:50: channels.telegram.bindings[1].allow_tools: there is no tool "
                    + "\"nothing_of_the_kind\", so nothing is allowed by it",
            ])
    }

    @Test func `says how a reply is shown while it grows`() throws {
        let channel = try channel(
            """
            streaming:
              mode: draft
              min_interval: 2
              max_interval: 20
              min_delta: 60
              placeholder: one moment
              progress_prefix: "~ "
              flood_backoff_factor: 3
              disable_progressive_edits_after: 5
            """)
        #expect(
            channel.streaming
                == StreamingSettings(
                    mode: .draft, minInterval: .seconds(2), maxInterval: .seconds(20), minDelta: 60,
                    placeholder: "one moment", progressPrefix: "~ ", floodBackoff: 3, maximumFailures: 5))
    }

    @Test func `lets the agent say nothing only where that is allowed`() throws {
        #expect(try channel("allow_silence: true").silenceToken == "NO_REPLY")
        #expect(try channel("allow_silence: true\nsilence_token: PASS").silenceToken == "PASS")
        #expect(try channel("silence_token: PASS").silenceToken == nil)
    }
}
