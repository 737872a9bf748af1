import PraisonCore

/// How a turn ended, in the words of the wire.
enum Outcome {
    static let ok: JSONValue = ["status": "ok"]

    static func json(_ outcome: TurnOutcome?) -> JSONValue {
        switch outcome?.status {
        case .failed?:
            failure(outcome?.errorKind ?? .internal, outcome?.message, retryAfter: outcome?.retryAfterSeconds)
        case .quarantined?: failure(.internal, nil, retryAfter: nil)
        case .stopped?: ["status": "aborted"]
        case .answered?, .command?, .ignored?, nil: ok
        }
    }

    /// Not taken, because too much waits already.
    static func rejected(_ message: String) -> JSONValue {
        [
            "status": "rejected",
            "error": [
                "code": "overloaded", "retryable": true, "retry_after_seconds": nil, "message": .string(message),
            ],
        ]
    }

    private static func failure(_ kind: AgentError.Kind, _ message: String?, retryAfter: Double?) -> JSONValue {
        [
            "status": "error",
            "error": [
                "code": .string(kind.rawValue), "retryable": .bool(kind.isRetryable),
                "retry_after_seconds": retryAfter.map { JSONValue($0) } ?? .null,
                "message": .string(message ?? words(for: kind)),
            ],
        ]
    }

    static func words(for kind: AgentError.Kind) -> String {
        switch kind {
        case .rateLimit: "The model provider asks us to slow down. Please try again shortly."
        case .overloaded: "The model provider is overloaded. Please try again shortly."
        case .contextOverflow: "The conversation is too long for the model. Start a new one."
        case .auth: "The key of the agent's model is missing, or the provider refused it."
        case .billing: "The model provider's account has run out of credit."
        case .modelNotFound: "The model provider does not know this model."
        case .invalidRequest: "The model provider refused the request."
        case .idleTimeout: "The model did not answer in time."
        case .transient: "The way to the model provider is disturbed. Please try again."
        case .internal: "The agent could not complete this turn."
        }
    }
}
