import PraisonCore

/// Puts a question to another agent of the gateway and gives its answer.
struct AskAgentTool: Tool {
    /// Agents that may ask one another on behalf of one person.
    static let maximumDepth = 3

    let name: AgentName
    let circle: AgentCircle

    var timeLimit: Duration { .seconds(300) }

    var definition: ModelRequest.Tool {
        let others = circle.others(than: name)
        let list = others.map { "\($0.name)\($0.summary.map { ": \($0)" } ?? "")" }.joined(separator: "; ")
        return ModelRequest.Tool(
            name: "ask_agent", description: "Asks another agent and gives its answer. There are \(list)",
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
        guard wanted != name, circle.has(wanted) else {
            let known = circle.others(than: name).map(\.name.rawValue).joined(separator: ", ")
            throw ToolError("there is no other agent \(wanted.rawValue.prefix(64)); there is \(known)")
        }
        guard turn.askedBy.count < Self.maximumDepth, !turn.askedBy.contains(wanted) else {
            throw ToolError("agents have asked one another often enough; answer with what you know")
        }
        // It has the rights of whoever asks, and no more, and remembers nothing of it.
        return try await circle.directory.ask(wanted, question, by: name, during: turn).text
    }
}

/// The agents of a gateway, who know of one another once all are made.
struct AgentCircle: Sendable {
    /// With those that come and go because they run elsewhere.
    let directory = AgentDirectory()

    func fill(_ agents: [(agent: any Agent, description: AgentDescription)]) {
        for (agent, description) in agents { directory.add(agent, description) }
    }

    func has(_ name: AgentName) -> Bool { directory.agent(name) != nil }

    func others(than name: AgentName) -> [AgentDescription] { directory.descriptions.filter { $0.name != name } }
}
