import PraisonCore

/// An answer whose status is not 2xx.
struct ServerRejection: Error {
    /// Bytes of its body that are read: more than any error needs.
    private static let maximumBody = 64 << 10

    let error: ModelError
    let body: String
    private let status: Int
    private let isAboutModel: Bool

    /// Reads the body as far as it comes; one that breaks off changes nothing about the status.
    init(
        _ status: Int, _ headers: HTTPHeaders, _ body: HTTPBodyStream, from account: WireProvider.Account,
        now: Timestamp
    ) async throws {
        var bytes: [UInt8] = []
        do {
            for try await chunk in body {
                bytes += chunk.prefix(Self.maximumBody - bytes.count)
                if bytes.count == Self.maximumBody { break }
            }
        } catch {
            try Task.checkCancellation()
        }
        let failure = ServerFailure(status: status, body: bytes)
        var error = failure.modelError(key: account.key, headers: headers, now: now)
        if (300..<400).contains(status) {
            error = ModelError(
                .invalidRequest, detail: "HTTP \(status): the server points elsewhere; put the new address in base_url",
                status: status)
        }
        error.detail = "\(account.endpoint.host): \(error.detail)"
        self.error = error
        self.status = status
        self.body = String(decoding: bytes, as: UTF8.self)
        isAboutModel = failure.code == "model_not_found" || failure.message.lowercased().contains("model")
    }

    /// Whether the server knows nothing at this path, rather than not the model asked for.
    var isWrongPath: Bool { (status == 404 || status == 405) && !isAboutModel }

    /// Whether the request may please when it is written differently.
    var isAboutForm: Bool { (status == 400 || status == 422) && error.kind == .invalidRequest }

    /// Whether the request may please when it holds less. That a model knows no pictures or tools is told with 404 by
    /// OpenRouter and with 500 by llama.cpp.
    var isAboutContent: Bool { isAboutForm || status == 404 || status == 500 && error.kind == .transient }
}

extension ModelError {
    /// A request without a response.
    ///
    /// - Throws: `CancellationError` where it was us who ended it.
    init(_ error: HTTPError, from endpoint: ServerEndpoint) throws {
        let (kind, isRetryable): (AgentError.Kind, Bool) =
            switch error.reason {
            case .cancelled: throw CancellationError()
            case .invalidURL, .invalidRequest, .tls, .forbiddenAddress: (.invalidRequest, false)
            case .firstByteTimeout, .idleTimeout: (.idleTimeout, true)
            case .totalTimeout: (.idleTimeout, false)
            case .bodyTooLarge: (.transient, false)
            case .couldNotResolve, .couldNotConnect, .connectTimeout, .closed, .other: (.transient, true)
            }
        self.init(kind, detail: "\(endpoint.host): \(error.detail)", isRetryable: isRetryable)
    }
}
