import PraisonCore
import Synchronization

/// A model behind the Chat Completions wire: OpenAI's own, or any server that speaks like it.
///
/// Source: https://platform.openai.com/docs/api-reference/chat
struct OpenAIChatProvider: ModelProvider {
    /// Where and as whom to ask.
    struct Account: Sendable {
        var endpoint: ChatEndpoint
        /// `nil` for servers that ask for none.
        var key: Secret?

        /// OpenAI's own server, or Azure's rooms of it.
        var isOpenAI: Bool { endpoint.host == "api.openai.com" || isAzure }
        var isAzure: Bool { endpoint.host.hasSuffix(".azure.com") }
    }

    let name: String
    private let model: String
    private let account: Account
    private let limits: HTTPLimits
    private let http: any HTTPClient
    private let clock: any GatewayClock
    private let entropy: any Entropy
    private let learned: Learned

    /// - Parameters:
    ///   - name: `PROVIDER/MODEL`, for people.
    ///   - model: as the server wants it.
    ///   - limits: `nil` for 10 s to connect, 60 s to the first byte (300 s from a server nearby, which may have to
    ///     load the model first), 90 s between bytes, 600 s for all.
    init(
        name: String, model: String, account: Account, limits: HTTPLimits? = nil, http: any HTTPClient,
        clock: any GatewayClock, entropy: any Entropy
    ) {
        self.name = name
        self.model = model
        self.account = account
        let patience: Duration = account.endpoint.isLocal ? .seconds(300) : .seconds(60)
        self.limits =
            limits ?? HTTPLimits(firstByte: patience, idle: .seconds(90), total: .seconds(600), bodySize: 32 << 20)
        self.http = http
        self.clock = clock
        self.entropy = entropy
        learned = Learned(ChatDialect(model: model, isOpenAI: account.isOpenAI))
    }

    func complete(
        _ request: ModelRequest, emit: @escaping @Sendable (ModelEvent) async throws -> Void
    ) async throws -> ModelResponse {
        var notFound: ModelError?
        // A server may refuse a handful of fields one after the other, and one of two paths; then it is enough.
        for _ in 0..<8 {
            let attempt = learned.attempt
            do {
                let response = try await ask(request, attempt, emit)
                learned.confirm(attempt)
                return response
            } catch let rejection as Rejection {
                let isWrongPath = [404, 405].contains(rejection.status) && !rejection.isAboutModel
                if isWrongPath, notFound == nil, learned.tryOtherPath(than: attempt, of: account.endpoint) {
                    notFound = rejection.error
                } else if let notFound {
                    learned.keepFirstPath()
                    throw isWrongPath ? notFound : rejection.error
                } else if ![400, 422].contains(rejection.status) || rejection.error.kind != .invalidRequest
                    || !learned.giveWay(to: rejection.body, after: attempt)
                {
                    throw rejection.error
                }
            }
        }
        throw notFound ?? ModelError(.invalidRequest, detail: "the server refuses every form of the request")
    }

    private func ask(
        _ request: ModelRequest, _ attempt: Learned.Attempt,
        _ emit: @escaping @Sendable (ModelEvent) async throws -> Void
    ) async throws -> ModelResponse {
        let httpRequest = httpRequest(request, attempt)
        do {
            return try await http.withStream(httpRequest) { status, headers, body in
                guard (200..<300).contains(status) else { throw try await rejection(status, headers, body) }
                return try await read(body, headers, emit)
            }
        } catch let error as HTTPError {
            throw try Self.failure(error, host: account.endpoint.host)
        }
    }

    private func httpRequest(_ request: ModelRequest, _ attempt: Learned.Attempt) -> HTTPRequest {
        var headers: HTTPHeaders = [
            "Content-Type": "application/json", "Accept": "text/event-stream, application/json",
            "User-Agent": "praisonai",
        ]
        if let key = account.key {
            if account.isAzure {
                headers["api-key"] = key.reveal()
            } else {
                headers["Authorization"] = "Bearer \(key.reveal())"
            }
        }
        var limits = limits
        if let timeLimit = request.timeLimit { limits.total = min(timeLimit, limits.total ?? timeLimit) }
        let urls = account.endpoint.urls
        let url = urls.indices.contains(attempt.path) ? urls[attempt.path] : urls.first ?? ""
        let body = ChatRequestBody.make(request, model: model, dialect: attempt.dialect)
        return HTTPRequest(.post, url, headers: headers, body: body.bytes(), limits: limits)
    }

    // MARK: A good answer

    private func read(
        _ body: HTTPBodyStream, _ headers: HTTPHeaders, _ emit: @Sendable (ModelEvent) async throws -> Void
    ) async throws -> ModelResponse {
        var reader = ChatAnswerReader(contentType: headers["content-type"])
        var assembler = ChatChunkAssembler()
        var isDone = false
        while !isDone, let bytes = try await nextBytes(of: body, isFinished: assembler.isFinished) {
            for item in try reader.feed(bytes) where !isDone {
                isDone = try await take(item, into: &assembler, headers, emit)
            }
        }
        if isDone {
            await drain(body)
        } else {
            for item in try reader.finish(key: account.key) {
                isDone = try await take(item, into: &assembler, headers, emit) || isDone
            }
        }
        for event in assembler.flush() { try await emit(event) }
        guard isDone || assembler.isFinished || reader.isWhole && assembler.hasChoices else {
            throw ModelError(.transient, detail: "the answer broke off before it was finished")
        }
        return assembler.response(model: name) { "call_\(entropy.uuid().filter { $0 != "-" }.prefix(24))" }
    }

    /// The next piece; an ended connection is no loss once the model has said why it stopped.
    private func nextBytes(of body: HTTPBodyStream, isFinished: Bool) async throws -> [UInt8]? {
        var iterator = body.makeAsyncIterator()
        do {
            return try await iterator.next()
        } catch let error as HTTPError {
            let failure = try Self.failure(error, host: account.endpoint.host)
            if isFinished { return nil }
            throw failure
        }
    }

    /// - Returns: whether the stream is over.
    private func take(
        _ item: ChatAnswerReader.Item, into assembler: inout ChatChunkAssembler, _ headers: HTTPHeaders,
        _ emit: @Sendable (ModelEvent) async throws -> Void
    ) async throws -> Bool {
        switch item {
        case .done: return true
        case .failure(let document): throw failure(ChatFailure.error(in: document) ?? document, headers)
        case .chunk(let chunk):
            for event in try assembler.take(chunk) { try await emit(event) }
            if let error = ChatFailure.error(in: chunk) { throw failure(error, headers) }
            return false
        }
    }

    /// Lets the connection come to its end after `[DONE]`, so that it can serve again; never waits long for that.
    private func drain(_ body: HTTPBodyStream) async {
        try? await withTimeout(.milliseconds(250), clock: clock) {
            var rest = 64 << 10
            for try await bytes in body {
                rest -= bytes.count
                if rest <= 0 { return }
            }
        }
    }

    // MARK: Failures

    /// A status that is not 2xx.
    private struct Rejection: Error {
        var error: ModelError
        var status: Int
        var body: String
        var isAboutModel: Bool
    }

    private func rejection(_ status: Int, _ headers: HTTPHeaders, _ body: HTTPBodyStream) async throws -> Rejection {
        var bytes: [UInt8] = []
        // A body that can't be read changes nothing about the status; 64 KiB are more than any error needs.
        do {
            for try await chunk in body where bytes.count < 64 << 10 { bytes += chunk }
        } catch {
            try Task.checkCancellation()
        }
        let failure = ChatFailure(status: status, body: bytes)
        var error = failure.modelError(key: account.key, headers: headers, now: clock.now)
        if (300..<400).contains(status) {
            error = ModelError(
                .invalidRequest, detail: "HTTP \(status): the server points elsewhere; put the new address in base_url",
                status: status)
        }
        error.detail += " from \(account.endpoint.host)"
        let isAboutModel = failure.code == "model_not_found" || failure.message.lowercased().contains("model")
        return Rejection(
            error: error, status: status, body: String(decoding: bytes, as: UTF8.self), isAboutModel: isAboutModel)
    }

    private func failure(_ error: JSONDocument, _ headers: HTTPHeaders) -> ModelError {
        ChatFailure(status: nil, error: error).modelError(key: account.key, headers: headers, now: clock.now)
    }

    private static func failure(_ error: HTTPError, host: String) throws -> ModelError {
        let detail = "\(host): \(error.detail)"
        return switch error.reason {
        case .cancelled: throw CancellationError()
        case .invalidURL, .tls: ModelError(.invalidRequest, detail: detail)
        case .firstByteTimeout, .idleTimeout: ModelError(.idleTimeout, detail: detail)
        case .totalTimeout: ModelError(.idleTimeout, detail: detail, isRetryable: false)
        case .bodyTooLarge: ModelError(.transient, detail: detail, isRetryable: false)
        case .couldNotResolve, .couldNotConnect, .connectTimeout, .closed, .other:
            ModelError(.transient, detail: detail)
        }
    }
}

/// What one server has taught us: the fields it refuses, and which of two paths is its own. Shared by all turns.
private final class Learned: Sendable {
    struct Attempt: Hashable {
        var dialect: ChatDialect
        var path = 0
    }

    private let state: Mutex<Attempt>

    init(_ dialect: ChatDialect) { state = Mutex(Attempt(dialect: dialect)) }

    var attempt: Attempt { state.withLock { $0 } }

    func confirm(_ attempt: Attempt) { state.withLock { $0.path = attempt.path } }

    func tryOtherPath(than attempt: Attempt, of endpoint: ChatEndpoint) -> Bool {
        guard attempt.path == 0, endpoint.urls.count > 1 else { return false }
        state.withLock { $0.path = 1 }
        return true
    }

    func keepFirstPath() { state.withLock { $0.path = 0 } }

    /// - Returns: whether asking again makes sense; another turn may have learned the same meanwhile.
    func giveWay(to refusal: String, after attempt: Attempt) -> Bool {
        state.withLock { state in
            state.dialect != attempt.dialect || state.dialect.giveWay(to: refusal)
        }
    }
}
