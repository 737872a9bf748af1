import Synchronization

/// The agents of a gateway: those of this process, and those that come and go because they run elsewhere.
///
/// Made before the agents are, so that they can be told of each other.
public final class AgentDirectory: Colleagues {
    /// Agents that may wait for each other in one turn, and times one turn may be handed over.
    public static let maximumDepth = 4
    /// Bytes of a question.
    static let maximumQuestion = 64 << 10

    /// One agent turning to another.
    public struct Exchange: Hashable, Sendable {
        public enum Kind: String, Hashable, Sendable {
            case ask, answer
            case handOver = "hand_over"
        }

        public var kind: Kind
        public var from: AgentName
        public var to: AgentName
        public var text: String
        public var conversation: Conversation
    }

    private struct State {
        var agents: [AgentName: any Agent] = [:]
        /// In the order in which they came.
        var descriptions: [AgentDescription] = []
        var successors: [String: [AgentName]] = [:]
        var listener: (@Sendable (Exchange) -> Void)?
    }

    private let state = Mutex(State())

    public init() {}

    /// Adds an agent, in place of one of the same name.
    public func add(_ agent: any Agent, _ description: AgentDescription) {
        state.withLock { state in
            state.agents[description.name] = agent
            if let known = state.descriptions.firstIndex(where: { $0.name == description.name }) {
                state.descriptions[known] = description
            } else {
                state.descriptions.append(description)
            }
        }
    }

    public func remove(_ name: AgentName) {
        let removed = state.withLock { state in
            state.descriptions.removeAll { $0.name == name }
            return state.agents.removeValue(forKey: name)
        }
        _ = removed
    }

    /// Takes an agent off the list. Whoever knows its name still finds it, until it is removed.
    public func unlist(_ name: AgentName) {
        state.withLock { state in state.descriptions.removeAll { $0.name == name } }
    }

    public func agent(_ name: AgentName) -> (any Agent)? { state.withLock { $0.agents[name] } }

    public var descriptions: [AgentDescription] { state.withLock { $0.descriptions } }

    /// Tells `listener` whenever one agent turns to another; in place of an earlier listener.
    public func onExchange(_ listener: @escaping @Sendable (Exchange) -> Void) {
        state.withLock { $0.listener = listener }
    }

    // MARK: Colleagues

    public func colleagues(of asker: AgentName, during turn: Turn) -> [AgentDescription] {
        descriptions.filter { $0.name != asker && !turn.askedBy.contains($0.name) }
    }

    public func ask(
        _ name: AgentName, _ question: String, by asker: AgentName, during turn: Turn
    ) async throws -> Reply {
        let agent = try colleague(name, of: asker, during: turn)
        guard !question.allSatisfy(\.isWhitespace) else { throw ToolError("the question is empty") }
        guard question.utf8.count <= Self.maximumQuestion else {
            throw ToolError("the question is longer than \(Self.maximumQuestion) bytes; ask in fewer words")
        }
        tell(Exchange(kind: .ask, from: asker, to: name, text: question, conversation: turn.conversation))
        let inner = Turn(
            id: "\(turn.id)/\(name)", history: [], input: [ChatMessage(.user, question)],
            conversation: turn.conversation, sender: turn.sender, trust: turn.trust, allowedTools: turn.allowedTools,
            deniedTools: turn.deniedTools, askedBy: turn.askedBy + [asker], isWatched: false)
        defer { _ = takeSuccessor(of: inner) }
        do {
            let reply = try await agent.reply(to: inner) { _ in }
            tell(Exchange(kind: .answer, from: name, to: asker, text: reply.text, conversation: turn.conversation))
            return reply
        } catch let error as AgentError {
            throw ToolError("\(name) could not answer: \(error.wordsForColleagues)")
        }
    }

    public func handOver(_ turn: Turn, to name: AgentName, by asker: AgentName) throws(ToolError) {
        _ = try colleague(name, of: asker, during: turn)
        guard turn.askedBy.isEmpty else {
            throw ToolError("you were asked by \(turn.askedBy.last ?? asker); answer yourself, or ask \(name)")
        }
        let isTooOften = state.withLock { state in
            let before = state.successors[turn.id] ?? []
            if before.count >= Self.maximumDepth || before.contains(name) { return true }
            state.successors[turn.id] = before + [name]
            return false
        }
        if isTooOften { throw ToolError("this question has been handed on often enough; answer it yourself") }
        tell(Exchange(kind: .handOver, from: asker, to: name, text: "", conversation: turn.conversation))
    }

    /// Who is to answer `turn` now that `agent` has come to its end; `nil` when it has not handed over.
    public func successor(of agent: AgentName, in turn: Turn) -> AgentName? {
        guard let last = state.withLock({ $0.successors[turn.id]?.last }), last != agent else { return nil }
        return last
    }

    /// Forgets who took over; to be called at the end of each turn.
    @discardableResult
    public func takeSuccessor(of turn: Turn) -> AgentName? {
        state.withLock { $0.successors.removeValue(forKey: turn.id)?.last }
    }

    private func colleague(
        _ name: AgentName, of asker: AgentName, during turn: Turn
    ) throws(ToolError) -> any Agent {
        guard name != asker else { throw ToolError("you are \(name) yourself") }
        guard !turn.askedBy.contains(name) else {
            throw ToolError("\(name) waits for your answer already, so it can't give you one")
        }
        guard turn.askedBy.count < Self.maximumDepth else {
            throw ToolError("\(turn.askedBy.count) agents wait for each other already; answer with what you know")
        }
        guard let agent = agent(name) else {
            let known = colleagues(of: asker, during: turn).prefix(50).map(\.name.rawValue).joined(separator: ", ")
            throw ToolError("there is no agent \(name.rawValue.prefix(64)); there are: \(known)")
        }
        return agent
    }

    private func tell(_ exchange: Exchange) {
        let listener = state.withLock { $0.listener }
        listener?(exchange)
    }
}
