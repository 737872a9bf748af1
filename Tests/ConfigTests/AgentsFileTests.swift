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

    @Test func `may have every key of the programs it is usually written for`() {
        let root = [
            "framework", "topic", "process", "manager_llm", "tasks", "dependencies", "workflow", "steps", "name",
        ]
        let agent = [
            "verbose", "max_iter", "max_rpm", "max_execution_time", "cache", "step_callback", "function_calling_llm",
            "system_template", "prompt_template", "response_template", "allow_code_execution", "respect_context_window",
            "max_retry_limit", "multimodal", "inject_date", "reasoning", "embedder", "knowledge_sources", "llm_config",
            "planning", "web_fetch", "output", "execution", "caching", "autonomy", "guardrails", "handoffs", "hooks",
            "skills", "approval", "context", "templates", "min_reflect", "max_reflect", "self_reflect", "stream",
        ]
        let text =
            root.map { "\($0): x\n" }.joined() + "roles:\n  a:\n" + agent.map { "    \($0): x\n" }.joined()
        let loaded = load(text)
        #expect(loaded.problems == [])
        #expect(loaded.notices.count == root.count + agent.count)
    }

    @Test func `is told of misspelled keys, as gateway.yaml is`() {
        let loaded = load("rolse:\n  a: {instrutions: hi, temperature: 9}\nprovder: {model: m}\n")
        #expect(
            loaded.problems.map(\.description) == [
                "agents.yaml:1:1: rolse: unknown key; did you mean roles?",
                "agents.yaml:2:7: rolse.a.instrutions: unknown key; did you mean instructions?",
                "agents.yaml:2:37: rolse.a.temperature: expected a number from 0 to 2, found 9",
                "agents.yaml:3:1: provder: unknown key; did you mean provider?",
            ])
        #expect(loaded.notices == [])
    }

    @Test func `may have one agent only, in the older shape`() {
        #expect(load("agent: {name: a, instructions: x}").configuration?.agents.map(\.name) == ["a"])
    }

    @Test func `is told of tools that there are not`() {
        #expect(
            load("agents: {a: {tools: [serch_web, search_web]}}").problems.map(\.description) == [
                "agents.yaml:1:22: agents.a.tools: there is no tool \"serch_web\" (there is calculator, fetch_url, "
                    + "get_weather, recall, search_web); did you mean search_web?"
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
