extension ConfigurationSchema {
    /// The newest `config_version` this program reads.
    static let newestVersion = 1

    static let rootSettings: [Setting] = sections + laterSections + olderShapes

    private static let sections = [
        Setting(
            "config_version", .integer(1...1_000_000), default: "1",
            "the version of this file's shape; a newer one is refused"),
        Setting("gateway", .block(gateway), "where the gateway listens, and its limits"),
        Setting("agents", .map(.block(agent)), "agents by name"),
        Setting("provider", .block(provider), "the model of agents that name none"),
        Setting("channels", .map(.channel), "connections to chat platforms by name"),
        Setting("access_groups", .map(.names), "people by group, written group:NAME in lists of users"),
        Setting(
            "auto_enable_from_env", .boolean, default: "true",
            "a platform whose token is in the environment gets a channel though none is written here"),
    ]

    private static let laterSections = [
        Setting("schedules", .map(.block(schedule)), "what agents do by themselves, by name"),
        Setting("guardrails", .block(guardrails), "rules that answers must keep to"),
        Setting("spending", .block(spending), "what may be spent on models"),
        Setting("hooks", .list(.block(hook)), "what to call when something happens"),
        Setting("tools", .map(.block(tool)), "tools of one's own, and limits for those there are, by name"),
        Setting("mcp_servers", .map(.block(mcpServer)), "servers that lend tools, by name"),
        Setting("rooms", .map(.anything), "conversations between several agents, by name"),
        Setting(
            "identity", .map(.names), "which accounts, written CHANNEL/ID, are one person, by a name for them"),
        Setting("lifecycle", .anything, "start and stop on demand"),
        Setting(
            "daemon",
            .block(
                SettingBlock([
                    Setting("enabled", .boolean, default: "false", "run as a service of the machine"),
                    Setting(
                        "restart", .choice(["always", "on_failure", "never"]), default: "always", "after it ended"),
                ])), "running as a service"),
    ]

    /// Shapes of files for a single bot. ``OlderShapes`` rewrites them before anything is checked.
    private static let olderShapes = [
        Setting("agent", .block(agent), "older shape: one agent, named by its name"),
        Setting("platform", .text, "older shape: the platform of the only channel"),
        Setting("token", .secret, "older shape: the token of the only channel"),
        Setting("app_token", .secret, "older shape: the second token of the only channel"),
        Setting(
            "unknown_user_policy", .choice(["deny", "allow", "pair"]), "older shape: strangers on the only channel"),
        Setting("owner_user_id", .identifier, "older shape: the owner of the only channel"),
        Setting("platforms", .map(.channel), "older shape: channels by platform"),
        Setting(
            "routing",
            .block(
                SettingBlock([
                    Setting("default", .text, "the agent of everything else"),
                    Setting("rules", .map(.text), "agents by kind of conversation: dm, group, channel"),
                ])), "older shape: the routing of channels that have none"),
    ]
}
