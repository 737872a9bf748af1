import Logging
import PraisonCore

/// A model behind a server, whatever protocol it speaks: asks, follows the answer while it comes, and says what a failure
/// means.
struct WireProvider: ModelProvider {
    /// Where and as whom to ask.
    struct Account: Sendable {
        var endpoint: ServerEndpoint
        /// `nil` for servers that ask for none.
        var key: Secret?

        /// OpenAI's own server, or Azure's rooms of it.
        var isOpenAI: Bool { endpoint.host == "api.openai.com" || isAzure }
        var isAzure: Bool { endpoint.isAzure }
    }

    let name: String
    private let model: String
    private let wire: any ModelWire
    private let account: Account
    private let limits: HTTPLimits
    private let http: any HTTPClient
    private let clock: any GatewayClock
    private let entropy: any Entropy
    private let logger: Logger
    private let habits: ServerHabits

    /// - Parameters:
    ///   - name: `PROVIDER/MODEL`, for people.
    ///   - model: as the server wants it.
    ///   - wire: the protocol the server speaks.
    ///   - limits: `nil` for 10 s to connect, 60 s to the first byte (300 s from a server nearby, which may have to
    ///     load the model first), 90 s between bytes, 600 s for all.
    init(
        name: String, model: String, wire: any ModelWire, account: Account, limits: HTTPLimits? = nil,
        http: any HTTPClient, clock: any GatewayClock, entropy: any Entropy, logger: Logger
    ) {
        self.name = name
        self.model = model
        self.wire = wire
        self.account = account
        let patience: Duration = account.endpoint.isLocal ? .seconds(300) : .seconds(60)
        self.limits =
            limits ?? HTTPLimits(firstByte: patience, idle: .seconds(90), total: .seconds(600), bodySize: 32 << 20)
        self.http = http
        self.clock = clock
        self.entropy = entropy
        self.logger = logger
        habits = ServerHabits(
            RequestDialect(
                model: model, isOpenAI: account.isOpenAI, takesFiles: wire.takesFiles(at: account)))
    }

    func complete(
        _ request: ModelRequest, emit: @escaping @Sendable (ModelEvent) async throws -> Void
    ) async throws -> ModelResponse {
        var path = habits.path
        let urls = wire.urls(at: account.endpoint, model: model, streams: request.streams)
        var notFound: ModelError?
        // A server may refuse a handful of fields one after the other, and one of two paths; then it is enough.
        for _ in 0..<8 {
            let dialect = habits.dialect
            do {
                let response = try await ask(request, dialect, urls[min(path, urls.count - 1)], emit)
                habits.confirm(path: path)
                return response
            } catch let rejection as ServerRejection {
                if let concession = habits.giveWay(to: rejection, of: request, after: dialect) {
                    log(concession, rejection.error)
                } else if rejection.isWrongPath, path + 1 < urls.count {
                    notFound = rejection.error
                    path += 1
                } else {
                    throw rejection.isWrongPath ? notFound ?? rejection.error : rejection.error
                }
            }
        }
        throw ModelError(.invalidRequest, detail: "\(account.endpoint.host) refuses every form of the request")
    }

    /// Tells those who run the gateway what the model goes without from now on.
    private func log(_ concession: RequestDialect.Concession, _ error: ModelError) {
        let metadata: Logger.Metadata = ["model": "\(name)", "error": "\(error.detail)"]
        switch concession {
        case .tools: logger.warning("the model can't use tools and is no longer offered any", metadata: metadata)
        case .images: logger.notice("the model sees no pictures and is no longer sent any", metadata: metadata)
        case .files: logger.notice("the model reads no files and is no longer sent any", metadata: metadata)
        case .field, .known: break
        }
    }

    private func ask(
        _ request: ModelRequest, _ dialect: RequestDialect, _ url: String,
        _ emit: @escaping @Sendable (ModelEvent) async throws -> Void
    ) async throws -> ModelResponse {
        let httpRequest = httpRequest(request, dialect, url)
        do {
            return try await http.withStream(httpRequest) { status, headers, body in
                guard (200..<300).contains(status) else {
                    throw try await ServerRejection(status, headers, body, from: account, now: clock.now)
                }
                return try await read(body, headers, emit)
            }
        } catch let error as HTTPError {
            throw try ModelError(error, from: account.endpoint)
        }
    }

    private func httpRequest(_ request: ModelRequest, _ dialect: RequestDialect, _ url: String) -> HTTPRequest {
        var headers: HTTPHeaders = [
            "Content-Type": "application/json", "Accept": wire.framing.accepted, "User-Agent": "praisonai",
        ]
        for field in wire.headers(for: account).fields { headers.append(name: field.name, value: field.value) }
        var limits = limits
        if let timeLimit = request.timeLimit { limits.total = min(timeLimit, limits.total ?? timeLimit) }
        var readable = dialect.sendsImages ? request : request.withoutImages
        if !dialect.sendsFiles { readable = readable.withoutFiles }
        if !dialect.sendsTools { readable = readable.withoutTools }
        readable.tools = readable.tools.map(\.withPlainRoot)
        let body = wire.body(of: readable, model: model, dialect: dialect)
        return HTTPRequest(.post, url, headers: headers, body: body.bytes(), limits: limits)
    }

    // MARK: A good answer

    private func read(
        _ body: HTTPBodyStream, _ headers: HTTPHeaders, _ emit: @Sendable (ModelEvent) async throws -> Void
    ) async throws -> ModelResponse {
        var reader = AnswerReader(wire.framing, contentType: headers["content-type"])
        var assembler = wire.makeAssembler()
        var isDone = false
        while !isDone, let bytes = try await nextBytes(of: body, isFinished: assembler.isFinished) {
            for item in try reader.feed(bytes) where !isDone {
                isDone = try await take(item, into: &assembler, headers, emit)
            }
        }
        if isDone {
            if account.endpoint.isEncrypted { await drain(body) }
        } else {
            for item in try reader.finish(key: account.key) {
                isDone = try await take(item, into: &assembler, headers, emit) || isDone
            }
        }
        for event in assembler.flush() { try await emit(event) }
        guard isDone || assembler.isFinished || reader.isWhole && assembler.hasAnswer else {
            throw ModelError(.transient, detail: "the answer broke off before it was finished")
        }
        let response = assembler.response(model: name) { "call_\(entropy.uuid().filter { $0 != "-" }.prefix(24))" }
        return response.withoutStrayThought
    }

    /// The next piece; an ended connection is no loss once the model has said why it stopped.
    private func nextBytes(of body: HTTPBodyStream, isFinished: Bool) async throws -> [UInt8]? {
        var iterator = body.makeAsyncIterator()
        do {
            return try await iterator.next()
        } catch let error as HTTPError {
            let failure = try ModelError(error, from: account.endpoint)
            if isFinished { return nil }
            throw failure
        }
    }

    /// - Returns: whether the stream is over.
    private func take(
        _ item: AnswerReader.Item, into assembler: inout any AnswerAssembler, _ headers: HTTPHeaders,
        _ emit: @Sendable (ModelEvent) async throws -> Void
    ) async throws -> Bool {
        switch item {
        case .done: return true
        case .failure(let document): throw failure(assembler.failure(in: document) ?? document, headers)
        case .chunk(let chunk):
            for event in try assembler.take(chunk) { try await emit(event) }
            if let error = assembler.failure(in: chunk) { throw failure(error, headers) }
            return assembler.isDone
        }
    }

    /// Lets the response come to its end after its last word, so that the connection and its handshake serve again; never
    /// waits long for that.
    private func drain(_ body: HTTPBodyStream) async {
        try? await withTimeout(.milliseconds(250), clock: clock) {
            var rest = 64 << 10
            for try await bytes in body {
                rest -= bytes.count
                if rest <= 0 { return }
            }
        }
    }

    /// An error that came where an answer should be.
    private func failure(_ error: JSONDocument, _ headers: HTTPHeaders) -> ModelError {
        ServerFailure(status: nil, error: error).modelError(key: account.key, headers: headers, now: clock.now)
    }
}
