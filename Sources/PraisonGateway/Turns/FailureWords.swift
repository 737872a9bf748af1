import PraisonCore

/// What a person reads when their turn failed. The true cause is in the log.
enum FailureWords {
    static let quarantined =
        "I tried to answer this several times and something broke each time, so I have put it aside. "
        + "Please ask in a different way."

    /// - Parameter mayStartAfresh: whether the person may give `/new`.
    static func text(for error: AgentError, mayStartAfresh: Bool = true) -> String {
        if let message = error.message { return message }
        return switch error.kind {
        case .rateLimit, .overloaded:
            if let wait = error.retryAfter {
                "Too much is going on right now. Please try again in \(Int(wait.inSeconds.rounded(.up))) seconds."
            } else {
                "Too much is going on right now. Please try again in a moment."
            }
        case .contextOverflow:
            "Our conversation has grown too long for me." + (mayStartAfresh ? " Send /new to start afresh." : "")
        case .auth, .billing, .modelNotFound, .invalidRequest:
            "I am not set up correctly, so I can't answer. Whoever runs this bot finds the cause in its log."
        case .idleTimeout: "I got no answer in time. Please try again."
        case .transient: "Something went wrong on the way to my language model. Please try again."
        case .internal: "Something went wrong here. Please try again."
        }
    }
}
