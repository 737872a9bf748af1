extension ConfigurationSchema {
    static let laterOnChannels = [
        Setting(
            "outbound_resilience",
            .block(
                SettingBlock([
                    Setting("enabled", .boolean, default: "true", "try again"),
                    Setting(
                        "initial_ms", .number(100...600_000), default: "1000", unit: "milliseconds",
                        "before the second try"),
                    Setting(
                        "max_ms", .number(100...3_600_000), default: "10000", unit: "milliseconds",
                        "between two tries, at most"),
                    Setting("factor", .number(1...10), default: "1.5", "how much longer each wait is"),
                    Setting("max_attempts", .integer(1...10), default: "3", unit: "tries", "before it is set aside"),
                    Setting("jitter", .number(0...1), default: "0.25", "the part of a wait that is random"),
                    Setting(
                        "dlq_path", .text, "where undelivered replies go"),
                ])), "trying again to send"),
        Setting(
            "commands",
            .block(
                SettingBlock([
                    Setting("expose", .names, default: "[]", "commands shown in the platform's menu"),
                    Setting(
                        "allow_shell", .boolean, default: "false", "commands that run programs"),
                ])), "commands in chats"),
        Setting(
            "stt",
            .switchOrBlock(
                SettingBlock(
                    [
                        Setting("enabled", .boolean, default: "true", "write down voice messages"),
                        Setting("model", .text, "with what; whisper-1 when not set"),
                        Setting("language", .text, "spoken in it, such as de; found out when not set"),
                        Setting(
                            "base_url", .url,
                            "an endpoint that has /audio/transcriptions; OPENAI_BASE_URL or OpenAI's when not set"),
                        Setting("api_key", .secret, "the key for it; OPENAI_API_KEY when not set"),
                    ],
                    unknownKeys: .ignored)), default: "true", "writing down voice messages"),
        Setting(
            "voice",
            .block(
                SettingBlock(
                    [
                        Setting("mode", .identifier, default: "off", "when replies are spoken"),
                        Setting(
                            "max_chars", .integer(1...100_000), default: "4000", unit: "characters", "of a spoken reply"
                        ),
                        Setting("model", .text, "with what"),
                        Setting("voice", .text, "whose voice"),
                        Setting("base_url", .url, "where"),
                        Setting("api_key", .secret, "the key for it"),
                    ],
                    unknownKeys: .ignored)), "speaking replies", aliases: ["tts"]),
        Setting("home_channel", .identifier, "the chat for what belongs to no conversation"),
        Setting("aliases", .map(.identifier), "names for chats"),
        Setting("allow_silence", .boolean, default: "false", "let the agent choose not to answer"),
        Setting("silence_token", .text, default: "NO_REPLY", "the word by which it does"),
        Setting(
            "bot_loop_protection", .switchOrBlock(SettingBlock([], unknownKeys: .ignored)), default: "true",
            "stop two bots that answer each other"),
        Setting(
            "approval_mode", .choice(["channel", "gateway", "http", "webhook"]), default: "channel",
            "where a tool that needs a yes asks for it: in the chat, or on the control plane alone (gateway, http)"),
        Setting(
            "approvers", .names, default: "[]",
            "who may say that yes besides the owner, administrators and trusted people for themselves: 7, CHANNEL/7, or "
                + "sender for everybody who asks"),
    ]

    static let replacedOnChannels = [
        Setting(
            "delivery",
            .block(
                SettingBlock([
                    Setting("durable", .boolean, default: "true", "keep messages until they are answered"),
                    Setting("store", .text, "where they are kept"),
                ])), "keeping messages until they are answered"),
        Setting(
            "allow_shell", .boolean, default: "false", "commands that run programs"),
        Setting(
            "auto_approve_shell", .boolean, default: "false", "run programs without asking"),
    ]
}
