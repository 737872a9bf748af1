extension ConfigurationSchema {
    /// A block under `tools:`: a tool of one's own, or limits for one that there is.
    static let tool = SettingBlock(
        [
            Setting("description", .text, "what the model is told that it does"),
            Setting("parameters", .json, "the arguments' JSON schema; none when it is not set"),
            Setting(
                "url", .text,
                "a server to ask; {name} stands for an argument, the others go into the query or a JSON body"
            ),
            Setting("method", .choice(["GET", "POST", "PUT", "PATCH", "DELETE"]), default: "GET", "how it is asked"),
            Setting("headers", .map(.secret), "header fields that are sent along"),
            Setting(
                "command", .list(.identifier),
                "a program and its arguments, without a shell; {name} stands for an argument; see gateway.allow_command_tools"
            ),
            Setting(
                "environment", .map(.secret), "variables the program gets; it gets nothing of the gateway's own"),
            Setting("timeout", .number(0.1...3600), default: "30", unit: "seconds", "how long one run may take"),
            Setting(
                "max_output", .integer(100...1_000_000), default: "16384", unit: "bytes",
                "how much of the answer the model sees"),
        ] + access)

    /// A block under `mcp_servers:`.
    static let mcpServer = SettingBlock(
        [
            Setting("enabled", .boolean, default: "true", "false leaves it out"),
            Setting("command", .text, "a program that speaks MCP on its standard input and output"),
            Setting("args", .list(.identifier), "the program's arguments"),
            Setting(
                "env", .map(.secret), "variables the program gets; it gets nothing of the gateway's own"),
            Setting("url", .url, "or an address that speaks MCP over HTTP"),
            Setting("headers", .map(.secret), "header fields that are sent along"),
            Setting("timeout", .number(1...3600), default: "60", unit: "seconds", "how long one call may take"),
            Setting("tools", .names, "the tools it may lend, by its own names; all when it is not set"),
        ] + access)

    /// What may be spent on models.
    static let spending = SettingBlock([
        Setting(
            "limits",
            .list(
                .block(
                    SettingBlock([
                        Setting("usd", .amount, "the most that may be spent, in US dollars"),
                        Setting(
                            "per", .choice(["all", "agent", "channel", "sender"]),
                            "whose spending is added up: everybody's (all, when it is not set), or each one's by itself"
                        ),
                        Setting("only", .text, "the only one it holds for; CHANNEL/ID for a sender"),
                        Setting("period", .choice(["day", "month"]), default: "day", "in UTC"),
                    ]))), "what may be spent; a call that would pass a limit is not made"),
        Setting(
            "prices",
            .map(
                .block(
                    SettingBlock([
                        Setting("input", .amount, "US dollars for a million tokens"),
                        Setting("cached_input", .amount, "the same for those the provider has seen before"),
                        Setting("output", .amount, "US dollars for a million tokens of answers"),
                    ]))), "prices by a model's name or its beginning, before the built-in ones"),
        Setting("message", .text, "what is said in the chat when a limit is reached"),
    ])

    /// Whose turns may use it.
    private static let access = [
        Setting(
            "trust", .choice(["untrusted", "standard", "trusted"]), default: "untrusted",
            "the least trust of the binding by which a message must have come"),
        Setting("users", .names, "the only people it works for: 7, or CHANNEL/7"),
        Setting(
            "approval", .choice(["never", "untrusted", "standard", "always"]), default: "never",
            "whose uses wait for somebody's yes: nobody's, untrusted people's, also those of standard trust, everybody's"
        ),
        Setting("approval_exempt", .names, default: "[]", "people whose uses never wait: 7, or CHANNEL/7"),
        Setting(
            "approval_timeout", .number(1...86_400), default: "300", unit: "seconds",
            "how long a use waits; then the answer is no"),
    ]
}
