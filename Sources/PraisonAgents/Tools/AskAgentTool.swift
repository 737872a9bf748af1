import PraisonCore

/// Puts a question to another agent of the gateway and gives its answer.
struct AskAgentTool: Tool {
    let name: AgentName
    let colleagues: any Colleagues

    var timeLimit: Duration { .seconds(300) }

    var definition: ModelRequest.Tool {
        let others = colleagues.others(than: name)
        return ModelRequest.Tool(
            name: "ask_agent",
            description: "Asks another agent and gives its answer. There are \(others.introduction)",
            parameters: [
                "type": "object",
                "properties": [
                    "agent": ["type": "string", "enum": .array(others.map { .string($0.name.rawValue) })],
                    "question": [
                        "type": "string", "description": "all it needs to know; it has not read this conversation",
                    ],
                ],
                "required": ["agent", "question"],
            ])
    }

    func run(_ arguments: JSONDocument, for turn: Turn) async throws -> String {
        guard let question = arguments["question"]?.string?.trimmed, !question.isEmpty else {
            throw ToolError("question is missing")
        }
        let wanted = AgentName(arguments["agent"]?.string ?? "")
        // It has the rights of whoever asks, and no more, and remembers nothing of it.
        return try await colleagues.ask(wanted, question, by: name, during: turn).text
    }
}

/// Lets another agent go on with the conversation, until it hands back.
struct HandOverTool: Tool {
    static let name = "hand_over"

    let agent: AgentName
    let colleagues: any Colleagues

    var definition: ModelRequest.Tool {
        let others = colleagues.others(than: agent)
        return ModelRequest.Tool(
            name: Self.name,
            description:
                "Hands this conversation over to another agent, which answers right after you and from then on. "
                + "There are \(others.introduction)",
            parameters: [
                "type": "object",
                "properties": ["agent": ["type": "string", "enum": .array(others.map { .string($0.name.rawValue) })]],
                "required": ["agent"],
            ])
    }

    func run(_ arguments: JSONDocument, for turn: Turn) async throws -> String {
        let wanted = AgentName(arguments["agent"]?.string ?? "")
        try await colleagues.handOver(turn, to: wanted, by: agent)
        return "\(wanted) answers as soon as you have ended. Say a word about it, or nothing."
    }
}

extension Colleagues {
    fileprivate func others(than name: AgentName) -> [AgentDescription] { descriptions.filter { $0.name != name } }
}

extension [AgentDescription] {
    fileprivate var introduction: String {
        map { "\($0.name)\($0.summary.map { ": \($0)" } ?? "")" }.joined(separator: "; ")
    }
}

/// The agents made together, who know of one another once all are made, and of those of a gateway elsewhere.
struct AgentCircle: Sendable {
    /// With those that come and go because they run elsewhere.
    let directory = AgentDirectory()
    /// Whom they turn to: those of the directory, or a gateway's where they serve one elsewhere.
    let colleagues: any Colleagues

    /// - Parameter colleagues: `nil` for those of the directory.
    init(_ colleagues: (any Colleagues)? = nil) { self.colleagues = colleagues ?? directory }

    func fill(_ agents: [(agent: any Agent, description: AgentDescription)]) {
        for (agent, description) in agents { directory.add(agent, description) }
    }
}
