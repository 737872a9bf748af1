/// An agent's wish to run a tool that needs somebody's word first.
public struct ApprovalRequest: Hashable, Sendable, Identifiable {
    public var id: String
    public var agent: AgentName
    public var tool: String
    /// As the model wrote them: JSON text.
    public var arguments: String
    /// Where the turn runs that needs it.
    public var conversation: Conversation
    /// On whose behalf.
    public var sender: Sender
    /// How far they are trusted.
    public var trust: Routing.Binding.Trust
    /// See ``Turn/id``.
    public var turn: String
    public var askedAt: Timestamp
    /// Without an answer by then it is ``ApprovalDecision/expired``.
    public var expiresAt: Timestamp

    public init(
        id: String, agent: AgentName, tool: String, arguments: String, conversation: Conversation, sender: Sender,
        trust: Routing.Binding.Trust = .untrusted, turn: String, askedAt: Timestamp, expiresAt: Timestamp
    ) {
        self.id = id
        self.agent = agent
        self.tool = tool
        self.arguments = arguments
        self.conversation = conversation
        self.sender = sender
        self.trust = trust
        self.turn = turn
        self.askedAt = askedAt
        self.expiresAt = expiresAt
    }

    /// The arguments for people: on one line, without control characters, cut after 500 characters.
    public var shownArguments: String {
        let line = arguments.map { $0.isNewline || $0 == "\t" ? " " : $0 }
            .filter { !$0.unicodeScalars.contains { $0.properties.generalCategory == .control } }
        return line.count <= 500 ? String(line) : String(line.prefix(500)) + "…"
    }

    /// The question in a sentence, such as `assistant wants to run delete_file with {"path":"a.txt"}`.
    public var words: String { "\(agent) wants to run \(tool) with \(shownArguments)" }
}

/// What came of an ``ApprovalRequest``.
public enum ApprovalDecision: Hashable, Sendable {
    /// - by: who said so, for the record.
    case allowed(by: String)
    /// - reason: in words for the model; `nil` where none was given.
    case denied(by: String, reason: String?)
    /// Nobody answered in time.
    case expired

    public var isAllowed: Bool { if case .allowed = self { true } else { false } }
}

/// Whoever can be asked whether a tool may run.
public protocol Approvals: Sendable {
    /// Asks, and waits for the first answer; at most for `limit`.
    ///
    /// - Throws: `CancellationError` when the turn is stopped; nobody is asked any more then.
    func decision(
        on call: ToolCall, by agent: AgentName, during turn: Turn, within limit: Duration
    ) async throws -> ApprovalDecision
}

/// A place where people see what waits for their word: the chat the turn runs in, the clients of the control plane.
///
/// Answers go to ``ApprovalDesk/resolve(_:_:)``.
public protocol ApprovalPresenter: Sendable {
    /// Shows the request to those who may answer it; nothing when that is not the place for it. Cancelled when it has been
    /// answered elsewhere meanwhile.
    func present(_ request: ApprovalRequest) async

    /// Tells them that there is nothing to answer any more.
    ///
    /// - Parameter decision: `nil` when the turn was stopped.
    func withdraw(_ request: ApprovalRequest, _ decision: ApprovalDecision?) async
}
