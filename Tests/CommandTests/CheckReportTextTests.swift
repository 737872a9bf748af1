import AdapterCatalog
import PraisonConfig
import PraisonCore
import Testing

@testable import praisonai

@Suite struct `what check says to people` {
    private func report(_ agents: [CheckReport.Agent]) -> CheckReport {
        let yaml = """
            agents: {a: {model: gpt-4o},
              longer: {role: helper}}
            rooms: {council: {}}
            channels:
              telegram: {token: "${TOKEN}", routing: {default: a}}
              vip: {platform: telegram, token: x, routing: {default: a}}
            """
        let loaded = ConfigurationLoader(
            platforms: KnownPlatforms.descriptions(of: AdapterCatalog.platforms.map(\.adapter))
        ).load(
            yaml: Array(yaml.utf8), file: "gateway.yaml")
        return CheckReport(loaded, file: "gateway.yaml", agents: agents)
    }

    @Test func `is what became of everything, in tables within the terminal`() {
        let report = report([
            .init(name: "a", model: "openai/gpt-4o", isReady: false, note: "no key"),
            .init(
                name: "longer", model: "offline/demo", isReady: true, note: "a note that needs more than one line here"),
        ])
        #expect(
            report.text(width: 60) == """
                gateway.yaml:3:1: rooms: not yet in effect
                gateway.yaml:5:21: channels.telegram.token: environment variable TOKEN is not set; the channel is off

                AGENT   MODEL
                a       openai/gpt-4o  not ready: no key
                longer  offline/demo   a note that needs more than one line
                                       here

                CHANNEL   PLATFORM
                telegram  telegram  off: token: environment variable TOKEN
                                    is not set
                vip       telegram  on

                gateway.yaml: good: 2 agents, 1 of 2 channels on, 1 key not yet in effect
                """)
    }

    @Test func `is said once where it is the same for all agents`() {
        let agents = ["a", "longer"].map {
            CheckReport.Agent(
                name: AgentName(rawValue: $0), model: "offline/demo", isReady: true, note: "no key is set",
                isDemonstration: true)
        }
        let text = report(agents).text(width: 80)
        #expect(text.ranges(of: "no key is set").count == 1)
        #expect(text.split(separator: "\n").filter { !$0.contains(".yaml:") }.allSatisfy { $0.count <= 80 })
    }
}
