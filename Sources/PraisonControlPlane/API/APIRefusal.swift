import PraisonCore

/// Why a program's request is not carried out, or came to no answer: enough for the words of every protocol.
struct APIRefusal: Error, Hashable, Sendable {
    var status: Int
    /// A word for programs, such as `model_not_found`.
    var code: String
    /// For people.
    var message: String
    /// The part of the request that is wrong.
    var param: String?
    var retryAfter: Duration?

    static func invalid(_ message: String, param: String? = nil, code: String = "invalid_request") -> Self {
        Self(status: 400, code: code, message: message, param: param)
    }

    /// A failed turn as an HTTP status. Clients try again by themselves after 429 and 5xx.
    init(_ outcome: TurnOutcome?) {
        let kind = outcome?.errorKind ?? .internal
        status =
            switch kind {
            case .rateLimit: 429
            case .overloaded: 503
            case .contextOverflow, .invalidRequest: 400
            case .auth, .billing, .modelNotFound, .transient: 502
            case .idleTimeout: 504
            case .internal: 500
            }
        code = kind == .contextOverflow ? "context_length_exceeded" : kind.rawValue
        message = outcome?.message ?? Outcome.words(for: kind)
        retryAfter = outcome?.retryAfterSeconds.map { .milliseconds(Int($0 * 1000)) }
    }

    init(
        status: Int, code: String, message: String, param: String? = nil, retryAfter: Duration? = nil
    ) {
        self.status = status
        self.code = code
        self.message = message
        self.param = param
        self.retryAfter = retryAfter
    }

    static let overflow = Self(
        status: 503, code: "slow_consumer", message: "The answer was read too slowly, and the rest of it is lost.")
    static let stopped = Self(status: 503, code: "stopped", message: "The turn was stopped.")
}
