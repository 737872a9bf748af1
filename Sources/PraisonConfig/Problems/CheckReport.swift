public import PraisonCore

/// Everything `praisonai gateway check` has to say, in an order that stays the same: problems and notices by their
/// place, agents and channels as the file has them.
public struct CheckReport: Hashable, Sendable {
    /// What answers for an agent.
    public struct Agent: Hashable, Sendable {
        public var name: AgentName
        /// `PROVIDER/MODEL`, as resolved.
        public var model: String
        /// `false` where it can only say that it is not configured.
        public var isReady: Bool
        /// Why it is not what the file says, or where it is served.
        public var note: String?
        /// Whether the built-in demonstration model answers.
        public var isDemonstration: Bool

        public init(
            name: AgentName, model: String, isReady: Bool, note: String?, isDemonstration: Bool = false
        ) {
            self.isDemonstration = isDemonstration
            self.name = name
            self.model = model
            self.isReady = isReady
            self.note = note
        }
    }

    /// What was checked; `nil` when there is no file.
    public var file: String?
    public var problems: [ConfigurationProblem]
    public var notices: [ConfigurationProblem]
    /// Empty as long as there are problems.
    public var agents: [Agent]
    public var channels: [ChannelSettings]

    /// - Parameter agents: what each agent of the configuration resolved to.
    public init(_ loaded: LoadedConfiguration, file: String?, agents: [Agent]) {
        self.file = file
        problems = loaded.problems
        notices = loaded.notices
        self.agents = loaded.configuration == nil ? [] : agents
        channels = loaded.configuration?.channels ?? []
    }

    /// A configuration that can't be used for anything.
    public init(file: String?, problems: [ConfigurationProblem]) {
        self.file = file
        self.problems = problems
        (notices, agents, channels) = ([], [], [])
    }

    public var isGood: Bool { problems.isEmpty }

    /// The sum of it, in one line.
    public var summary: String {
        let name = file ?? "no gateway.yaml, so one demonstration agent"
        guard problems.isEmpty else { return "\(name): \(counted(problems.count, "problem")) to mend" }
        let on = channels.count { $0.offReason == nil }
        var parts = [counted(agents.count, "agent"), "\(on) of \(counted(channels.count, "channel")) on"]
        for (severity, words) in [
            (ConfigurationProblem.Severity.notYetInEffect, "not yet in effect"), (.notOffered, "not offered"),
        ] {
            let count = notices.count { $0.severity == severity }
            if count > 0 { parts.append("\(counted(count, "key")) \(words)") }
        }
        return "\(name): good: \(parts.joined(separator: ", "))"
    }

    public var json: JSONValue {
        [
            "file": JSONValue(file), "ok": .bool(isGood),
            "problems": .array(problems.map(\.json)), "notices": .array(notices.map(\.json)),
            "agents": .array(
                agents.map {
                    [
                        "name": .string($0.name.rawValue), "model": .string($0.model), "ready": .bool($0.isReady),
                        "note": JSONValue($0.note),
                    ]
                }),
            "channels": .array(
                channels.map {
                    [
                        "name": .string($0.name.rawValue), "platform": .string($0.platform.rawValue),
                        "on": .bool($0.offReason == nil), "reason": JSONValue($0.offReason),
                    ]
                }),
        ]
    }
}

extension ConfigurationProblem {
    /// One element of the JSON report; `line` and `column` are null for what stands in no file.
    public var json: JSONValue {
        [
            "severity": .string(severity.rawValue), "file": .string(file),
            "line": place == .outside ? .null : JSONValue(place.line),
            "column": place == .outside ? .null : JSONValue(place.column),
            "path": .string(path), "message": .string(message), "suggestion": JSONValue(suggestion),
        ]
    }
}
