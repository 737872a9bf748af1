extension ConfigurationSchema {
    /// A block under `agents:`.
    static let agent = SettingBlock(
        [
            Setting("name", .text, "what people call it; the key is what routing calls it"),
            Setting("description", .text, "one line for those who choose an agent"),
            Setting("instructions", .text, default: "\"\"", "what the model is told first", aliases: ["system_prompt"]),
            Setting("role", .text, "who it is, part of what the model is told"),
            Setting("goal", .text, "what it wants, part of what the model is told"),
            Setting("backstory", .text, "where it comes from, part of what the model is told"),
            Setting(
                "remote", .boolean, default: "false",
                "it runs in another process, which registers here under this name"),
            Setting(
                "model", .text, "the language model; provider.model when it is not set, \"auto\" counts as not set",
                aliases: ["llm"]),
            Setting(
                "provider", .text,
                "who serves the model, where neither its name nor base_url says so: openai, anthropic, ollama, …"),
            Setting(
                "fallback", .names,
                "models to ask, in this order, when the model has no answer; provider.fallback when it is not set"),
            Setting(
                "temperature", .number(0...2), "how freely the model chooses its words; the model's own when not set"),
            Setting(
                "context_window", .integer(512...100_000_000), unit: "tokens",
                "how much its model takes in and gives out at once; what is known of the model when it is not set"),
            Setting(
                "max_tokens", .integer(1...10_000_000), unit: "tokens",
                "how long one answer may be; what is known of the model when it is not set"),
            Setting("base_url", .url, "another endpoint that speaks the same protocol (Ollama, vLLM, a proxy)"),
            Setting("api_key", .secret, "the key for this agent's endpoint"),
            Setting("tools", .names, default: "[]", "tools it may use, by name"),
            Setting("tool_choice", .identifier, default: "auto", "auto, none, required or the name of a tool"),
            Setting(
                "memory", .switchOrBlock(SettingBlock([], unknownKeys: .ignored)), default: "false",
                "remember facts about people and conversations beyond the session"),
            Setting(
                "knowledge", .switchOrNames, default: "false",
                "text files and folders it may look things up in; true for the folder knowledge beside this file"),
            Setting("web_search", .boolean, default: "false", "give it the tool search_web"),
            Setting(
                "web_search_provider", .choice(["searxng", "brave", "tavily", "duckduckgo"]),
                "with what it searches; what the environment has an address or a key for, when it is not set"),
            Setting(
                "reflection", .boolean, default: "false", "let the model look over each answer once before it is sent"),
            Setting("allow_delegation", .boolean, default: "false", "ask the other agents, by the tool ask_agent"),
            Setting(
                "auto_approve", .boolean, default: "false",
                "use tools without asking, also those with approval: that would need somebody's yes"),
            Setting("durable", .boolean, default: "true", "take up its turns again after a crash"),
        ])

    static let provider = SettingBlock([
        Setting("model", .text, "the model of agents that name none"),
        Setting("fallback", .names, "the models that agents without a fallback of their own fall back to"),
    ])

    static let guardrails = SettingBlock([
        Setting(
            "registry",
            .map(
                .block(
                    SettingBlock([
                        Setting("description", .text, "what an answer must keep to; the model is told"),
                        Setting(
                            "agent_name", .text, default: "\"\"", "the agent it binds; empty for all",
                            aliases: ["agent"]),
                        Setting(
                            "on", .choices(["input", "output"]), default: "[input, output]",
                            "what is checked: messages, answers or both"),
                        Setting(
                            "policy", .choice(["refuse", "redact", "retry"]), default: "refuse",
                            "what becomes of a text that breaks the rule"),
                        Setting("patterns", .list(.identifier), "regular expressions that must not match"),
                        Setting("blocked_words", .names, "words that must not occur"),
                        Setting(
                            "max_length", .integer(1...1_000_000), unit: "characters", "how long a text may be"),
                        Setting(
                            "pii", .choices(["email", "phone", "card", "iban", "ip"]),
                            "personal data that must not occur"),
                        Setting("allowed_links", .names, "the only hosts links may lead to; none for no links at all"),
                        Setting(
                            "model", .text,
                            "the model that judges by the description; auto for the agent's own; none when not set"),
                        Setting(
                            "message", .text, "what is said instead, in place of a sentence in the person's language"),
                    ]))), "rules by name")
    ])

    /// A block under `schedules:`, in both shapes that are in use.
    static let schedule = SettingBlock([
        Setting("enabled", .boolean, default: "true", "false leaves it out"),
        Setting("agent", .text, "which agent is asked", aliases: ["agent_id"]),
        Setting("prompt", .text, "what it is asked", aliases: ["message"]),
        Setting("schedule", .identifier, "cron:EXPR, at:TIME, hourly, daily, weekly, 30m, every day at 9am, …"),
        Setting("cron", .text, "minute hour day month weekday"),
        Setting("every", .identifier, "30m, 6 hours, or a number of seconds"),
        Setting("at", .identifier, "one point in time, ISO 8601"),
        Setting(
            "tz", .text, "the zone of these times, such as Europe/Berlin; the machine's when not set",
            aliases: ["timezone"]),
        Setting(
            "deliver",
            .block(
                SettingBlock([
                    Setting("channel", .text, "the channel that speaks"),
                    Setting("channel_id", .identifier, "the chat it speaks in"),
                    Setting("thread_id", .identifier, "the thread in that chat"),
                    Setting(
                        "continuable", .boolean, default: "true", "whether answers to it go on the same conversation"),
                ])), "where the answer goes"),
        Setting("channel", .text, "same as deliver.channel"),
        Setting("channel_id", .identifier, "same as deliver.channel_id"),
        Setting("thread_id", .identifier, "same as deliver.thread_id"),
        Setting("pre_run", .anything, "what is done first"),
    ])
}
