extension ConfigurationSchema {
    /// The keys every block under `channels:` may have.
    static let channelSettings: [Setting] = connection + access + conversation + laterOnChannels + replacedOnChannels

    /// Keys that are common by name, yet act only where the platform declares them among its own.
    static let keysOfSomePlatforms: Set<String> = ["app_token", "mode", "webhook_url", "webhook_port", "verify_token"]

    private static let connection = [
        Setting("platform", .text, "what it speaks; the channel's own name when it is not set"),
        Setting("enabled", .boolean, default: "true", "false leaves it off"),
        Setting("token", .secret, "the bot's token"),
        Setting("app_token", .secret, "the second token, where the platform has two"),
        Setting(
            "mode", .identifier, default: "poll", "how messages arrive, where the platform leaves a choice"),
        Setting("webhook_url", .url, "where the platform reaches this gateway from outside"),
        Setting("webhook_port", .integer(1...65535), default: "8080", "port the webhook is served on"),
        Setting("verify_token", .secret, "what the platform shows when it checks the webhook"),
        Setting("routing", .block(routing), "which agent answers where", aliases: ["routes"]),
        Setting(
            "bindings", .list(.block(binding)), default: "[]",
            "exceptions to routing: the highest priority first, then the most specific, which is the one with peer, else "
                + "thread_id, channel_id, role, parent_channel_id, guild_id, account, chat_type"),
    ]

    private static let routing = SettingBlock([
        Setting("dm", .text, "the agent of private chats"),
        Setting("group", .text, "the agent of groups"),
        Setting("channel", .text, "the agent of broadcast channels"),
        Setting("default", .text, "the agent of everything else"),
    ])

    private static let binding = SettingBlock(
        [
            Setting("agent", .text, "who answers"),
            Setting("chat_type", .choice(["dm", "group", "channel"]), "in this kind of conversation"),
            Setting("peer", .identifier, "to this person"),
            Setting("role", .identifier, "to people with this role"),
            Setting("channel_id", .identifier, "in this chat"),
            Setting("account", .identifier, "on this account of the bot"),
            Setting("thread_id", .identifier, "in this thread"),
            Setting("guild_id", .identifier, "in this server or workspace"),
            Setting("parent_channel_id", .identifier, "in threads of this chat"),
            Setting("priority", .integer(-1_000_000...1_000_000), default: "0", "the higher goes first"),
            Setting("trust", .choice(["untrusted", "standard", "trusted"]), "how far these people are trusted"),
            Setting("allow_tools", .names, "only these tools, or all of an MCP server's by its name"),
            Setting("deny_tools", .names, default: "[]", "not these tools, or all of an MCP server's by its name"),
            Setting("profile", .text, "a separate set of memories"),
        ])

    private static let access = [
        Setting(
            "group_policy", .choice(["respond_all", "mention_only", "command_only", "observe"]),
            default: "mention_only",
            "what it answers in groups"),
        Setting(
            "unknown_user_policy", .choice(["deny", "allow", "pair"]),
            "strangers; allow while nobody is listed and there is no owner, else deny"),
        Setting("allowed_users", .names, default: "[]", "who may speak to it; group:NAME for an access group"),
        Setting("allowlist", .names, default: "[]", "same, and answered in groups without calling the bot"),
        Setting("blocklist", .names, default: "[]", "who is never answered"),
        Setting("allowed_channels", .names, default: "[]", "the only chats it answers in; all when empty"),
        Setting("owner_user_id", .identifier, "who may do everything and approve strangers"),
        Setting("admin_users", .names, default: "[]", "who may use commands for administrators"),
        Setting("user_allowed_commands", .names, "commands for everybody else; all when it is not set"),
        Setting("allow_bots", .boolean, default: "false", "answer other bots"),
    ]

    private static let conversation = [
        Setting("session", .block(channelSession), "how it remembers"),
        Setting("max_history", .integer(0...100_000), unit: "messages", "same as session.max_history"),
        Setting(
            "busy", .choice(["queue", "interrupt", "merge"]), default: "queue",
            "a message that comes while the one before is being answered"),
        Setting("streaming", .block(streaming), "showing a reply while it grows"),
        Setting(
            "max_inbound_media_bytes", .integer(0...(1 << 30)), default: "20971520", unit: "bytes",
            "largest attachment fetched; 0 for none"),
    ]

    private static let channelSession = SettingBlock([
        Setting(
            "session_scope", .choice(["per_user", "per_chat"]), default: "per_chat",
            "one memory per conversation, or per person in it", aliases: ["scope"]),
        Setting(
            "max_history", .integer(0...100_000), default: "100", unit: "messages", "what the agent sees of the past"),
        Setting("attribution", .text, default: "\"[{sender}] \"", "put before a person's words in a shared memory"),
        Setting("timestamps", .boolean, default: "false", "whether each message tells its time"),
        Setting(
            "reset",
            .block(
                SettingBlock([
                    Setting(
                        "mode", .choice(["none", "idle", "daily", "both"]), default: "none", "when memory starts afresh"
                    ),
                    Setting("idle_minutes", .integer(1...525_600), default: "60", unit: "minutes", "of silence"),
                    Setting("at_hour", .integer(0...23), unit: "hour of the day", "for daily and both"),
                ])), "forgetting"),
        Setting("compaction", .block(compaction), "summing up what is old"),
    ])

    static let compaction = SettingBlock([
        Setting("enabled", .boolean, default: "false", "sum up what is old"),
        Setting(
            "strategy", .choice(["truncate", "sliding", "summarize", "smart", "prune", "llm_summarize"]),
            default: "summarize", "how"),
        Setting(
            "max_messages", .integer(1...100_000), default: "100", unit: "messages", "before it is done"),
        Setting(
            "max_tokens", .integer(1...100_000_000), unit: "tokens",
            "before it is done, in place of messages"),
        Setting(
            "keep_recent", .integer(0...100_000), default: "10", unit: "messages", "kept word for word"),
    ])

    private static let streaming = SettingBlock(
        [
            Setting(
                "mode", .choice(["off", "draft", "progress", "auto"]), default: "off",
                "off sends the whole reply at once"),
            Setting("min_interval", .number(0.1...60), default: "1.5", unit: "seconds", "between two edits, at least"),
            Setting(
                "min_delta", .integer(1...4000), default: "120", unit: "characters", "more than the last edit showed"),
            Setting(
                "placeholder", .text, default: "\"…\"", "shown until the first words are there",
                aliases: ["placeholder_text"]),
            Setting("progress_prefix", .text, "put before a reply that still grows"),
            Setting(
                "max_interval", .number(0.1...600), default: "30", unit: "seconds", "between two edits, at most"),
            Setting(
                "flood_backoff_factor", .number(1...10), default: "2",
                "how much slower after the platform complains",
                aliases: ["flood_backoff"]),
            Setting(
                "disable_progressive_edits_after", .integer(1...100), default: "3", unit: "failed edits",
                "after which the rest comes at once"),
            Setting("strip_reasoning_tags", .boolean, default: "true", "leave out what the model thinks aloud"),
        ])
}
