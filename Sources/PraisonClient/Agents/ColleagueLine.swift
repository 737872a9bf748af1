import PraisonCore
import Synchronization

/// The gateway's other agents, as an agent in this process reaches them.
final class ColleagueLine: Colleagues {
    typealias Answer = Result<Reply, ToolError>

    private struct State {
        var connection: (any WebSocketConnection)?
        var colleagues: [AgentDescription] = []
        /// The gateway's names for the turns under way, by ours.
        var turns: [String: String] = [:]
        var questions: [String: Question] = [:]
    }

    /// A question on its way; the answer may be there before anybody waits for it.
    private struct Question {
        var answer: Answer?
        var asker: CheckedContinuation<Answer, Never>?
    }

    private static let lost = ToolError("the connection to the gateway is lost; try again later")

    private let entropy: any Entropy
    private let state = Mutex(State())

    init(entropy: any Entropy) { self.entropy = entropy }

    // MARK: The host's side

    var isOpen: Bool { state.withLock { $0.connection != nil } }

    func open(_ connection: any WebSocketConnection, _ colleagues: [AgentDescription]) {
        state.withLock { state in
            state.connection = connection
            state.colleagues = colleagues
        }
    }

    func close() {
        let questions = state.withLock { state in
            state.connection = nil
            defer { state.questions = [:] }
            return state.questions
        }
        for question in questions.values { question.asker?.resume(returning: .failure(Self.lost)) }
    }

    func begin(_ turn: Turn, _ id: String) { state.withLock { $0.turns[turn.id] = id } }
    func end(_ turn: Turn) { state.withLock { $0.turns[turn.id] = nil } }

    func take(_ answer: Answer, to question: String) {
        let asker = state.withLock { state -> CheckedContinuation<Answer, Never>? in
            guard state.questions[question]?.answer == nil else { return nil }
            state.questions[question]?.answer = answer
            return state.questions[question]?.asker
        }
        asker?.resume(returning: answer)
    }

    // MARK: Colleagues

    var descriptions: [AgentDescription] { state.withLock { $0.colleagues } }

    func colleagues(of asker: AgentName, during turn: Turn) -> [AgentDescription] {
        descriptions.filter { $0.name != asker && !turn.askedBy.contains($0.name) }
    }

    func ask(_ agent: AgentName, _ question: String, by asker: AgentName, during turn: Turn) async throws -> Reply {
        try await request("agent_ask", turn, ["agent": .string(agent.rawValue), "question": .string(question)])
    }

    func handOver(_ turn: Turn, to agent: AgentName, by asker: AgentName) async throws {
        _ = try await request("agent_hand_over", turn, ["agent": .string(agent.rawValue)])
    }

    private func request(_ type: String, _ turn: Turn, _ fields: [String: JSONValue]) async throws -> Reply {
        let id = entropy.uuid()
        let (connection, turnID) = state.withLock { state in
            state.questions[id] = Question()
            return (state.connection, state.turns[turn.id])
        }
        defer { state.withLock { $0.questions[id] = nil } }
        guard let connection, let turnID else { throw Self.lost }
        var object = fields
        object["type"] = .string(type)
        object["turn_id"] = .string(turnID)
        object["request_id"] = .string(id)
        do { try await connection.send(.text(JSONValue.object(object).text())) } catch { throw Self.lost }
        let answer = await answer(to: id)
        try Task.checkCancellation()
        return try answer.get()
    }

    private func answer(to id: String) async -> Answer {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let early = state.withLock { state -> Answer? in
                    guard let question = state.questions[id], !Task.isCancelled else { return .failure(Self.lost) }
                    if let answer = question.answer { return answer }
                    state.questions[id]?.asker = continuation
                    return nil
                }
                if let early { continuation.resume(returning: early) }
            }
        } onCancel: {
            take(.failure(Self.lost), to: id)
        }
    }
}
