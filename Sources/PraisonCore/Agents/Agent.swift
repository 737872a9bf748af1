/// Answers turns. Knows nothing of platforms, journals and clients.
public protocol Agent: Sendable {
    var name: AgentName { get }

    /// Answers one turn.
    ///
    /// - Parameter emit: takes the reply's parts as they come; it waits while the taker is slow. What it has taken
    ///   adds up to the text returned.
    /// - Throws: ``AgentError``, or `CancellationError` when the turn is stopped; the upstream request is closed then.
    func reply(to turn: Turn, emit: @escaping @Sendable (ReplyPart) async throws -> Void) async throws -> Reply
}

/// One question to an agent, with everything it may know.
public struct Turn: Hashable, Sendable {
    /// Names the turn in logs; the same when it is run again after a crash.
    public var id: String
    /// Earlier messages of the same session, oldest first.
    public var history: [ChatMessage]
    /// What is to be answered: one message, or several that came while the last turn ran.
    public var input: [ChatMessage]
    public var conversation: Conversation
    public var sender: Sender
    public var trust: Routing.Binding.Trust
    /// The tools this turn may use, where a binding narrows the agent's; `nil` for all of them.
    public var allowedTools: [String]?
    public var deniedTools: [String]
    /// The agents that ask on behalf of whom this turn is, the first one first; none where a person asks.
    public var askedBy: [AgentName] = []
    /// Instructions, tools and limits of a program that asks; `nil` where a person does.
    public var caller: CallerContext?
    /// Whether somebody reads the reply while it is written. Where nobody does, a model that breaks off in the middle can
    /// be asked again.
    public var isWatched: Bool

    public init(
        id: String, history: [ChatMessage], input: [ChatMessage], conversation: Conversation, sender: Sender,
        trust: Routing.Binding.Trust = .standard, allowedTools: [String]? = nil, deniedTools: [String] = [],
        caller: CallerContext? = nil, askedBy: [AgentName] = [], isWatched: Bool = true
    ) {
        self.id = id
        self.history = history
        self.input = input
        self.conversation = conversation
        self.sender = sender
        self.trust = trust
        self.allowedTools = allowedTools
        self.deniedTools = deniedTools
        self.caller = caller
        self.askedBy = askedBy
        self.isWatched = isWatched
    }
}

/// One message of a conversation with a language model.
public struct ChatMessage: Hashable, Sendable, Codable {
    public enum Role: String, Hashable, Sendable, Codable { case system, user, assistant, tool }

    public var role: Role
    public var text: String
    public var attachments: [Attachment]
    /// Tools the assistant asked for in this message.
    public var toolCalls: [ToolCall]
    /// For `tool`: which call this answers.
    public var toolCallID: String?
    /// For `tool`: whether the call failed.
    public var isError: Bool?
    public var timestamp: Timestamp?
    /// For `user`: whether somebody else's message is passed on, with all that is attached to it.
    public var isForwarded: Bool?
    /// For `assistant`: what the provider wants to see again, unchanged, when the conversation goes on.
    public var continuation: ModelContinuation?
    /// Pictures to look at; they live as long as the turn and are never stored.
    public var images: [InlineImage] = []
    /// Texts of files that came with the message; they too live as long as the turn.
    public var documents: [InlineDocument] = []
    /// Files that are no text, for models that can read them; they too live as long as the turn.
    public var files: [InlineFile] = []

    private enum CodingKeys: String, CodingKey {
        case role, text, attachments, toolCalls, toolCallID, isError, timestamp, isForwarded, continuation
    }

    public init(
        _ role: Role, _ text: String, attachments: [Attachment] = [], toolCalls: [ToolCall] = [],
        toolCallID: String? = nil, isError: Bool? = nil, timestamp: Timestamp? = nil,
        continuation: ModelContinuation? = nil, images: [InlineImage] = []
    ) {
        self.role = role
        self.text = text
        self.attachments = attachments
        self.toolCalls = toolCalls
        self.toolCallID = toolCallID
        self.isError = isError
        self.timestamp = timestamp
        self.continuation = continuation
        self.images = images
    }
}

/// What a provider sent besides text and tool calls and must get back as it was: signed thoughts, sealed reasoning.
public struct ModelContinuation: Hashable, Sendable, Codable {
    /// Who understands it; to everybody else it is not shown.
    public var provider: String
    public var value: JSONValue

    public init(provider: String, value: JSONValue) {
        self.provider = provider
        self.value = value
    }
}

/// A picture in memory.
public struct InlineImage: Hashable, Sendable {
    /// `image/png`, `image/jpeg`, `image/gif` or `image/webp`.
    public var mimeType: String
    public var bytes: [UInt8]

    public init(mimeType: String, bytes: [UInt8]) {
        self.mimeType = mimeType
        self.bytes = bytes
    }
}

/// A file's text in memory.
public struct InlineDocument: Hashable, Sendable {
    public var name: String
    public var text: String

    public init(name: String, text: String) {
        self.name = name
        self.text = text
    }
}

/// A file in memory that only a model can read.
public struct InlineFile: Hashable, Sendable {
    public var name: String
    /// `application/pdf`
    public var mimeType: String
    public var bytes: [UInt8]

    public init(name: String, mimeType: String, bytes: [UInt8]) {
        self.name = name
        self.mimeType = mimeType
        self.bytes = bytes
    }
}

/// A language model's wish to have a tool run.
public struct ToolCall: Hashable, Sendable, Codable {
    public var id: String
    public var name: String
    /// The arguments as the model wrote them: JSON text, perhaps broken.
    public var arguments: String

    public init(id: String, name: String, arguments: String) {
        self.id = id
        self.name = name
        self.arguments = arguments
    }
}

/// What an agent says while it works on a turn.
public enum ReplyPart: Hashable, Sendable {
    /// More of the answer.
    case text(String)
    /// More of what the model thinks aloud; not part of the answer.
    case reasoning(String)
    case toolCall(ToolCall)
    case toolResult(id: String, text: String, isError: Bool)
}

/// An agent's answer to a turn.
public struct Reply: Hashable, Sendable {
    public var text: String
    /// The messages to remember besides the input: tool calls, their results and the answer, in order.
    public var messages: [ChatMessage]
    /// Who really answered: `PROVIDER/MODEL`.
    public var model: String?
    public var usage: TokenUsage?
    /// What to remember in place of the input; `nil` for the input itself.
    public var rememberedInput: [ChatMessage]?
    /// What happened on the way and belongs on record: guardrails that stepped in.
    public var notes: [String] = []
    /// Tools of the caller's (``CallerContext/tools``) that it has to run before the answer can go on; then the text may
    /// be empty.
    public var toolCalls: [ToolCall]

    public init(
        text: String, messages: [ChatMessage]? = nil, model: String? = nil, usage: TokenUsage? = nil,
        toolCalls: [ToolCall] = []
    ) {
        self.toolCalls = toolCalls
        self.text = text
        self.messages = messages ?? [ChatMessage(.assistant, text)]
        self.model = model
        self.usage = usage
    }
}

/// Tokens a turn took, as the provider counts them.
public struct TokenUsage: Hashable, Sendable, Codable {
    /// Including cached ones.
    public var input: Int
    public var cachedInput: Int
    /// Including reasoning.
    public var output: Int

    public init(input: Int, cachedInput: Int = 0, output: Int) {
        self.input = input
        self.cachedInput = cachedInput
        self.output = output
    }

    /// What both took; where one is not known, the other.
    public static func sum(_ left: TokenUsage?, _ right: TokenUsage?) -> TokenUsage? {
        guard let left, let right else { return left ?? right }
        return TokenUsage(
            input: left.input + right.input, cachedInput: left.cachedInput + right.cachedInput,
            output: left.output + right.output)
    }
}

/// Why an agent has no answer. The kinds are those of the reference's `outcome.error.code`.
public struct AgentError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Kind: String, Hashable, Sendable, Codable {
        case rateLimit = "rate_limit"
        case overloaded
        case contextOverflow = "context_overflow"
        /// The key is refused or missing.
        case auth
        case billing
        case modelNotFound = "model_not_found"
        case invalidRequest = "invalid_request"
        case idleTimeout = "idle_timeout"
        case transient
        case `internal`

        public var isRetryable: Bool {
            switch self {
            case .rateLimit, .overloaded, .transient, .idleTimeout: true
            default: false
            }
        }
    }

    public var kind: Kind
    /// The true cause, for the log. Holds no secret.
    public var detail: String
    public var retryAfter: Duration?
    /// What the person is told; `nil` for the gateway's own words.
    public var message: String?

    public init(_ kind: Kind, detail: String, retryAfter: Duration? = nil, message: String? = nil) {
        self.kind = kind
        self.detail = detail
        self.retryAfter = retryAfter
        self.message = message
    }

    public var description: String { "\(kind.rawValue): \(detail)" }

    /// The agent runs elsewhere, and no process that serves it is there.
    public static func notConnected(_ agent: AgentName) -> AgentError {
        AgentError(
            .transient, detail: "agent \(agent) runs elsewhere and is not connected",
            message: "Agent \(agent) is not connected at the moment. Please try again later.")
    }

    /// Why an agent gave no answer, for the one that asked it.
    var wordsForColleagues: String {
        if let message { return message }
        return switch kind {
        case .rateLimit, .overloaded: "too much is going on right now; ask again later"
        case .contextOverflow: "the question is too long for it"
        case .auth, .billing, .modelNotFound, .invalidRequest: "it is not set up correctly"
        case .idleTimeout: "it did not answer in time"
        case .transient: "its language model can't be reached at the moment; ask again later"
        case .internal: "something went wrong"
        }
    }
}
