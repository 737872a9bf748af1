import PraisonCore
import Testing

@testable import PraisonConfig

@Suite struct `a plain agents file` {
    private func load(_ text: String) -> LoadedConfiguration {
        ConfigurationLoader.make().load(agentsFile: ConfigurationFile(name: "agents.yaml", bytes: Array(text.utf8)))
    }

    @Test(arguments: [
        "agents: {a: {instructions: x}, b: {system_prompt: y}}",
        "roles: {a: {instructions: x}, b: {instructions: y}}",
        "agents: [{name: a, instructions: x}, {name: b, instructions: y}]",
        "[{name: a, instructions: x}, {name: b, instructions: y}]",
    ])
    func `may have any of its shapes`(text: String) throws {
        let loaded = load(text)
        let agents = try #require(loaded.configuration, "\(loaded.problems)").agents
        #expect(agents.map(\.name) == ["a", "b"])
        #expect(agents.map(\.instructions) == ["x", "y"])
        #expect(loaded.configuration?.channels == [])
    }

    @Test func `may say who an agent is, and its model as a block`() throws {
        let agents = try #require(
            load(
                """
                roles:
                  researcher:
                    role: Researcher
                    goal: Find things out
                    backstory: Always curious
                    llm: {model: groq/llama-3.3-70b-versatile, temperature: 0.2}
                """
            ).configuration
        ).agents
        #expect(
            agents == [
                AgentSettings(
                    name: "researcher", model: "groq/llama-3.3-70b-versatile", temperature: 0.2, role: "Researcher",
                    goal: "Find things out", backstory: "Always curious")
            ])
    }

    @Test func `may be written for another program, whose keys are named`() {
        let loaded = load("framework: crewai\ntopic: robots\nroles:\n  a: {role: r, tasks: {t: {description: d}}}\n")
        #expect(loaded.problems == [])
        #expect(
            loaded.notices.map(\.description) == [
                "agents.yaml:1:1: framework: not offered: the gateway does not know this key",
                "agents.yaml:2:1: topic: not offered: the gateway does not know this key",
                "agents.yaml:4:16: roles.a.tasks: not offered: the gateway does not know this key",
            ])
    }

    @Test func `joins gateway.yaml, and goes before it`() throws {
        let loaded = ConfigurationLoader.make().load(
            """
            agents: {a: {instructions: old}, b: {}}
            provider: {model: m1}
            channels: {telegram: {token: "1:x", routing: {default: c}}}
            """, agents: "agents: [{name: a, instructions: new}, {name: c}]\nprovider: {model: m2}")
        let configuration = try #require(loaded.configuration, "\(loaded.problems)")
        #expect(configuration.agents.map(\.name) == ["b", "a", "c"])
        #expect(configuration.agents.map(\.instructions) == ["", "new", ""])
        #expect(configuration.agents.allSatisfy { $0.model == "m2" })
    }

    @Test func `is named in its problems`() {
        #expect(
            load("agents: [{instructions: x}, {name: b, temperature: 9}]").problems.map(\.description) == [
                "agents.yaml:1:10: agents[0]: an agent in a list needs a name: write name: and how it is called",
                "agents.yaml:1:52: agents.b.temperature: expected a number from 0 to 2, found 9",
            ])
        #expect(
            load("").problems.map(\.description) == [
                "agents.yaml:1:1: agents: missing; write at least one agent: a name, and instructions: under it"
            ])
    }
}
