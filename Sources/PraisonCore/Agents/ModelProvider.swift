/// A language model behind some wire: one question, one answer, told while it comes.
public protocol ModelProvider: Sendable {
    /// `PROVIDER/MODEL`, for logs, banners and the record of who answered.
    var name: String { get }

    /// Asks the model once.
    ///
    /// - Parameter emit: takes the answer's pieces in order; it waits while the taker is slow.
    /// - Throws: ``ModelError``, what `emit` throws, or `CancellationError` when the task is cancelled; the upstream
    ///   request is closed then.
    func complete(
        _ request: ModelRequest, emit: @escaping @Sendable (ModelEvent) async throws -> Void
    ) async throws -> ModelResponse
}

/// What a model is asked.
public struct ModelRequest: Hashable, Sendable {
    /// A tool the model may ask for.
    public struct Tool: Hashable, Sendable, Codable {
        public var name: String
        public var description: String
        /// The arguments' JSON schema.
        public var parameters: JSONValue

        public init(name: String, description: String, parameters: JSONValue) {
            self.name = name
            self.description = description
            self.parameters = parameters
        }
    }

    /// Whether the model may, must or must not ask for tools.
    public enum ToolChoice: String, Hashable, Sendable, Codable { case automatic, none, required }

    /// System message first, then the conversation, oldest first.
    public var messages: [ChatMessage]
    public var tools: [Tool]
    public var toolChoice: ToolChoice
    /// `nil` for the model's own.
    public var temperature: Double?
    /// Tokens the answer may take. Never left out: some servers go on until their memory is full.
    public var maximumOutputTokens: Int
    /// Whether the answer is wanted piece by piece.
    public var streams: Bool
    /// Whether somebody reads the answer while it is written, see ``Turn/isWatched``.
    public var isWatched: Bool
    /// How long the whole call may take, repeats included; `nil` for the provider's own limit.
    public var timeLimit: Duration?

    public init(
        messages: [ChatMessage], tools: [Tool] = [], toolChoice: ToolChoice = .automatic, temperature: Double? = nil,
        maximumOutputTokens: Int = 4096, streams: Bool = true, isWatched: Bool = true, timeLimit: Duration? = nil
    ) {
        self.messages = messages
        self.tools = tools
        self.toolChoice = toolChoice
        self.temperature = temperature
        self.maximumOutputTokens = maximumOutputTokens
        self.streams = streams
        self.isWatched = isWatched
        self.timeLimit = timeLimit
    }
}

/// A piece of an answer.
public enum ModelEvent: Hashable, Sendable {
    /// More of the answer's text.
    case text(String)
    /// More of what the model thinks aloud; never part of the answer.
    case reasoning(String)
    /// More of the sentence with which the model declines.
    case refusal(String)
    /// More of the tool call at `position`: its id and name as far as they are known, and the next stretch of its
    /// arguments' JSON text.
    case toolCall(position: Int, id: String, name: String, arguments: String)

    /// Whether a person may have read it, so that the question can't be asked again behind their back.
    public var isVisible: Bool {
        switch self {
        case .text(let text), .refusal(let text): !text.isEmpty
        case .reasoning, .toolCall: false
        }
    }
}

/// A model's whole answer.
public struct ModelResponse: Hashable, Sendable {
    /// Why the model stopped.
    public enum FinishReason: Hashable, Sendable {
        case stop
        /// The limit of tokens was reached; a tool call may be incomplete and must not be carried out.
        case length
        /// Tools are to be run, whatever word the server used.
        case toolCalls
        case contentFilter
        /// A word this build does not know.
        case other(String)
    }

    public var text: String
    public var reasoning: String
    public var refusal: String
    /// Their arguments are never empty text; no arguments are `{}`.
    public var toolCalls: [ToolCall]
    public var finish: FinishReason
    /// `nil` where the server does not tell.
    public var usage: TokenUsage?
    /// Who really answered: `PROVIDER/MODEL`.
    public var model: String
    /// What the provider wants to see again when the conversation goes on.
    public var continuation: ModelContinuation?

    public init(
        text: String, reasoning: String = "", refusal: String = "", toolCalls: [ToolCall] = [],
        finish: FinishReason = .stop, usage: TokenUsage? = nil, model: String, continuation: ModelContinuation? = nil
    ) {
        self.text = text
        self.reasoning = reasoning
        self.refusal = refusal
        self.toolCalls = toolCalls
        self.finish = finish
        self.usage = usage
        self.model = model
        self.continuation = continuation
    }
}

/// Why a model has no answer.
public struct ModelError: Error, Hashable, Sendable, CustomStringConvertible {
    public var kind: AgentError.Kind
    /// The true cause, for the log. Holds no secret.
    public var detail: String
    /// Whether the same question may succeed when asked again.
    public var isRetryable: Bool
    /// How long the server wants to be left alone.
    public var retryAfter: Duration?
    /// The HTTP status, where there was one.
    public var status: Int?

    public init(
        _ kind: AgentError.Kind, detail: String, isRetryable: Bool? = nil, retryAfter: Duration? = nil,
        status: Int? = nil
    ) {
        self.kind = kind
        self.detail = detail
        self.isRetryable = isRetryable ?? kind.isRetryable
        self.retryAfter = retryAfter
        self.status = status
    }

    public var description: String { "\(kind.rawValue): \(detail)" }
}

extension AgentError {
    public init(_ error: ModelError) {
        self.init(error.kind, detail: error.detail, retryAfter: error.retryAfter)
    }
}
