/// A gateway's agents, as they see each other.
///
/// A tool that lets a model ask another agent is made with one of these and the name of the agent it belongs to.
public protocol Colleagues: Sendable {
    /// The gateway's agents, as far as they are known here; whoever asks may be one of them.
    var descriptions: [AgentDescription] { get }

    /// Whom `asker` may ask during `turn`: everybody but itself and those that wait for its answer.
    func colleagues(of asker: AgentName, during turn: Turn) -> [AgentDescription]

    /// Asks another agent, and waits for its answer. The question has to stand by itself: the other agent is shown
    /// nothing of the conversation.
    ///
    /// - Throws: ``ToolError``, in words for a model: no such agent, agents that ask each other in a circle or too deep, a
    ///   colleague that failed. `CancellationError` when the turn is stopped.
    func ask(_ agent: AgentName, _ question: String, by asker: AgentName, during turn: Turn) async throws -> Reply

    /// Lets another agent give the answer to `turn` in place of `asker`, once that has come to its end, and to what is said
    /// in the conversation from then on, until it hands back. It is shown the whole conversation, and what it says comes
    /// after what has been said already.
    ///
    /// - Throws: ``ToolError``, as ``ask(_:_:by:during:)`` does.
    func handOver(_ turn: Turn, to agent: AgentName, by asker: AgentName) async throws
}
