import PraisonCore

/// An agent that can't answer because its model is not set up; says so in the chat and why in the log.
struct UnconfiguredAgent: Agent {
    let name: AgentName
    let error: AgentError

    func reply(to turn: Turn, emit: @escaping @Sendable (ReplyPart) async throws -> Void) async throws -> Reply {
        throw error
    }
}
