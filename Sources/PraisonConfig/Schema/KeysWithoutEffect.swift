/// The keys that are known and checked, and act on nothing. Whatever is not listed here is in effect.
enum KeysWithoutEffect {
    /// Keys that a later version acts on. One that starts to act is taken out of this list.
    ///
    /// `*` stands for a freely chosen name; what stands below a key shares its fate.
    static let notYet: Set<String> = [
        // Agents that think
        "channels.*.bindings.profile", "channels.*.voice", "rooms",
        // The control plane
        "gateway.attachments", "gateway.push",
        // Schedules, operation, several machines
        "channels.*.aliases", "channels.*.bot_loop_protection", "channels.*.commands", "channels.*.home_channel",
        "channels.*.outbound_resilience", "daemon",
        "gateway.control", "gateway.forensics", "gateway.health", "gateway.hooks", "gateway.lifecycle",
        "gateway.logging", "gateway.notify_on_undelivered", "gateway.overflow_policy", "gateway.queue_depth",
        "gateway.reload_drain_timeout", "gateway.turn_lock", "gateway.undelivered_template", "gateway.watchdog",
        "hooks", "lifecycle", "schedules",
    ]

    /// Keys that never act here: why, and what does the same.
    static let notOffered: [String: (reason: String, alternative: String?)] = [
        "agents.*.durable": ("every turn is taken up again after a crash", nil),
        "channels.*.allow_shell": ("a chat cannot run programs on this machine", "an MCP server"),
        "channels.*.auto_approve_shell": ("a chat cannot run programs on this machine", "an MCP server"),
        "channels.*.commands.allow_shell": ("a chat cannot run programs on this machine", "an MCP server"),
        "channels.*.delivery": ("every channel is durable and all share the gateway's store", "--store"),
        "channels.*.outbound_resilience.dlq_path": ("undelivered replies stay in the gateway's store", "--store"),
        "channels.*.streaming.strip_reasoning_tags": ("what a model thinks aloud is never part of an answer", nil),
        "gateway.durable_runs": ("every turn is taken up again after a crash", nil),
        "gateway.liveness.interval_ms": ("one key says it", "gateway.heartbeat_interval"),
        "gateway.reliability": ("every message is journalled before it is acknowledged", nil),
        "gateway.session_config.store": ("sessions are kept in the gateway's store", "persist_path"),
    ]

    static func status(of path: String) -> Setting.Status? {
        if let (reason, alternative) = notOffered[path] { return .notOffered(reason: reason, alternative: alternative) }
        return notYet.contains(path) ? .notYetInEffect : nil
    }
}

extension SettingBlock {
    /// The same keys, each with its fate. What stands below a key without effect has none either.
    ///
    /// - Parameter path: the way to this block, with a dot at its end; empty for the root.
    func settled(at path: String, inherited: Setting.Status = .inEffect) -> SettingBlock {
        var copy = self
        copy.settings = settings.map { setting in
            var setting = setting
            let own = KeysWithoutEffect.status(of: path + setting.name)
            setting.status = own ?? inherited
            setting.kind = setting.kind.settled(at: path + setting.name, inherited: setting.status)
            return setting
        }
        return copy
    }
}

extension Setting.Kind {
    fileprivate func settled(at path: String, inherited: Setting.Status) -> Setting.Kind {
        switch self {
        case .block(let block): .block(block.settled(at: path + ".", inherited: inherited))
        case .switchOrBlock(let block): .switchOrBlock(block.settled(at: path + ".", inherited: inherited))
        case .list(let element): .list(element.settled(at: path, inherited: inherited))
        case .map(let element): .map(element.settled(at: path + ".*", inherited: inherited))
        default: self
        }
    }
}
