import PraisonCore

/// How one kind of server is asked and how its answers are read: everything that differs between providers' protocols
/// and nothing about connections, retries and errors, which ``WireProvider`` knows for all of them.
protocol ModelWire: Sendable {
    var framing: AnswerReader.Framing { get }

    /// Whole URLs to ask at, in the order to try them.
    func urls(at endpoint: ServerEndpoint, model: String, streams: Bool) -> [String]

    /// What proves who asks, and what the protocol wants said besides.
    func headers(for account: WireProvider.Account) -> HTTPHeaders

    func body(of request: ModelRequest, model: String, dialect: RequestDialect) -> JSONValue

    /// Whether files that are no text may be sent along. A server that turns out not to know them is not sent them again.
    func takesFiles(at account: WireProvider.Account) -> Bool

    /// Something that puts one answer together.
    func makeAssembler() -> any AnswerAssembler
}

extension ModelWire {
    func takesFiles(at account: WireProvider.Account) -> Bool { true }
}

/// Puts one answer together from its chunks.
protocol AnswerAssembler {
    /// Takes one chunk and returns what is new in it. A whole (not streamed) answer is a single chunk.
    mutating func take(_ chunk: JSONDocument) throws(ModelError) -> [ModelEvent]

    /// What was held back; to be asked for once, before ``response(model:makeID:)``.
    mutating func flush() -> [ModelEvent]

    /// The error a chunk brings, alone or beside a part of the answer; `nil` when there is none.
    func failure(in chunk: JSONDocument) -> JSONDocument?

    /// Whether anything was answered at all.
    var hasAnswer: Bool { get }

    /// Whether the model said why it stopped: from here on an ended connection is an ended answer.
    var isFinished: Bool { get }

    /// Whether the protocol promises that nothing more comes.
    var isDone: Bool { get }

    /// - Parameter makeID: names tool calls that came without a name of their own.
    func response(model: String, makeID: () -> String) -> ModelResponse
}

extension AnswerAssembler {
    mutating func flush() -> [ModelEvent] { [] }
    var isDone: Bool { false }

    func failure(in chunk: JSONDocument) -> JSONDocument? {
        guard let error = chunk["error"] else { return nil }
        return error.kind == .object || error.kind == .string && error.string?.isEmpty == false ? error : nil
    }
}

/// The text of an answer, held to a size no honest answer reaches.
struct AnswerText {
    /// Bytes of text, reasoning and refusal together.
    static let maximumSize = 8 << 20

    private(set) var text = ""
    private(set) var reasoning = ""
    private(set) var refusal = ""

    /// Keeps `event`'s words; tool calls are somebody else's.
    mutating func take(_ event: ModelEvent) throws(ModelError) {
        switch event {
        case .text(let more): text += more
        case .reasoning(let more): reasoning += more
        case .refusal(let more): refusal += more
        case .toolCall: return
        }
        guard text.utf8.count + reasoning.utf8.count + refusal.utf8.count <= Self.maximumSize else {
            throw ModelError(.transient, detail: "the model's answer has no end", isRetryable: false)
        }
    }
}
