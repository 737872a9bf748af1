import Logging
import PraisonCore

/// What one agent remembers beyond a conversation: of the person who speaks, wherever they write from, and of the
/// conversation.
struct PersonalMemory: Sendable {
    /// Facts a model is shown with a question.
    static let maximumShown = 12
    /// Characters of one fact.
    static let maximumFact = 500

    let agent: AgentName
    let store: any FactStore
    let identities: Identities
    let clock: any GatewayClock
    let logger: Logger

    private func subjects(_ turn: Turn) -> [String] {
        identities.subjects(of: agent, sender: turn.sender.id, in: turn.conversation)
    }

    /// What is known that may matter to the question, for the model to read: what shares words with it, and the newest.
    /// `nil` where nothing is, or the store is in trouble: an answer without memories is better than none.
    func context(for turn: Turn) async -> String? {
        do {
            let query = turn.input.map(\.text).joined(separator: " ")
            let subjects = subjects(turn)
            var facts = try await store.facts(about: subjects, matching: query, limit: Self.maximumShown)
            for fact in try await store.facts(about: subjects, matching: nil, limit: Self.maximumShown)
            where facts.count < Self.maximumShown && !facts.contains(fact) {
                facts.append(fact)
            }
            guard !facts.isEmpty else { return nil }
            return "What you remember from earlier:\n"
                + Fence.wrap(facts.map { "- \($0.text)" }.joined(separator: "\n"), in: "memory")
        } catch {
            logger.warning("memories can't be read", metadata: ["agent": "\(agent)", "error": "\(error)"])
            return nil
        }
    }

    var tools: [any Tool] { [RememberTool(memory: self), RecallTool(memory: self)] }

    fileprivate func remember(_ text: String, ofPerson: Bool, _ turn: Turn) async throws {
        let subjects = subjects(turn)
        guard let subject = ofPerson ? subjects.first : subjects.last else { return }
        _ = try await store.remember(text, about: subject, at: clock.now)
    }

    fileprivate func facts(matching query: String?, _ turn: Turn) async throws -> [Fact] {
        try await store.facts(about: subjects(turn), matching: query, limit: Self.maximumShown)
    }
}

/// Lets a model keep something for later conversations.
private struct RememberTool: Tool {
    let memory: PersonalMemory

    var definition: ModelRequest.Tool {
        ModelRequest.Tool(
            name: "remember",
            description:
                "Keeps a fact for later conversations, such as a name or a wish. Only what people want you to know; no secrets.",
            parameters: [
                "type": "object",
                "properties": [
                    "fact": ["type": "string", "description": "one sentence that can be understood by itself"],
                    "about": [
                        "type": "string", "enum": ["person", "conversation"],
                        "description": "whom it concerns: the person who speaks (the default) or all who are here",
                    ],
                ],
                "required": ["fact"],
            ])
    }

    func run(_ arguments: JSONDocument, for turn: Turn) async throws -> String {
        guard let fact = arguments["fact"]?.string?.trimmed, !fact.isEmpty else { throw ToolError("fact is missing") }
        guard fact.count <= PersonalMemory.maximumFact else {
            throw ToolError("a fact has at most \(PersonalMemory.maximumFact) characters; say it shorter")
        }
        let line = fact.split(whereSeparator: \.isNewline).joined(separator: " ")
        try await memory.remember(line, ofPerson: arguments["about"]?.string != "conversation", turn)
        return "kept"
    }
}

/// Lets a model look for what it has kept.
private struct RecallTool: Tool {
    let memory: PersonalMemory

    var definition: ModelRequest.Tool {
        ModelRequest.Tool(
            name: "recall", description: "Looks for what was kept in earlier conversations.",
            parameters: [
                "type": "object",
                "properties": ["query": ["type": "string", "description": "words to look for; all when left out"]],
            ])
    }

    func run(_ arguments: JSONDocument, for turn: Turn) async throws -> String {
        let query = arguments["query"]?.string?.trimmed
        let facts = try await memory.facts(matching: query?.isEmpty == true ? nil : query, turn)
        return facts.isEmpty
            ? "Nothing is known." : Fence.wrap(facts.map { "- \($0.text)" }.joined(separator: "\n"), in: "memory")
    }
}
