import PraisonCore

/// Why a client does not come in, with what it should do about it.
struct HelloError: Error, Hashable, Sendable {
    enum Code: String, Hashable, Sendable {
        case authRequired = "auth_required"
        case authUnauthorized = "auth_unauthorized"
        case protocolUnsupported = "protocol_unsupported"
        case agentNotFound = "agent_not_found"
        case rateLimited = "rate_limited"
        case originNotAllowed = "origin_not_allowed"
        case configurationError = "configuration_error"
        /// Not in the reference; its clients try again after unknown codes, which is right here.
        case sessionInUse = "session_in_use"
        case unavailable
        case invalidRequest = "invalid_request"
    }

    enum NextStep: String, Hashable, Sendable {
        case reauthenticate
        case upgradeClient = "upgrade_client"
        case downgradeClient = "downgrade_client"
        case waitThenRetry = "wait_then_retry"
        case doNotRetry = "do_not_retry"
    }

    var code: Code
    var message: String
    var nextStep: NextStep
    /// The older word for the next step.
    var next: String
    var retryAfter: Duration?

    /// - Parameter next: the older word for the next step, where it is another one.
    init(
        _ code: Code, _ message: String, nextStep: NextStep? = nil, next: String? = nil, retryAfter: Duration? = nil
    ) {
        self.code = code
        self.message = message
        let step = nextStep ?? Self.usualStep(after: code)
        self.nextStep = step
        self.next = next ?? step.rawValue
        self.retryAfter = retryAfter
    }

    private static func usualStep(after code: Code) -> NextStep {
        switch code {
        case .authRequired, .authUnauthorized: .reauthenticate
        case .rateLimited, .sessionInUse, .unavailable: .waitThenRetry
        case .protocolUnsupported: .upgradeClient
        case .agentNotFound, .originNotAllowed, .configurationError, .invalidRequest: .doNotRetry
        }
    }

    var frame: ServerFrame {
        ServerFrame(
            "hello_error",
            [
                "code": .string(code.rawValue), "message": .string(message), "next_step": .string(nextStep.rawValue),
                "next": .string(next),
                "retry_after_seconds": retryAfter.map { JSONValue(Int($0.inSeconds.rounded(.up))) },
            ])
    }

    func refuse(_ connection: any WebSocketConnection, code: WebSocketCloseCode, reason: String) async {
        try? await connection.send(.text(frame.text))
        connection.close(code, reason: reason)
    }
}

extension HelloError {
    init(_ refusal: AccessRefusal) {
        switch refusal {
        case .tokenMissing: self.init(.authRequired, "Authentication required")
        case .tokenWrong: self.init(.authRequired, "Authentication required: this token is not known here")
        case .originNotAllowed(let origin):
            self.init(
                .originNotAllowed, "Origin \(origin.prefix(100)) is not allowed; list it in gateway.allowed_origins")
        case .hostNotAllowed(let host):
            self.init(
                .originNotAllowed,
                "Without a token this gateway answers only to localhost and 127.0.0.1, not to \(host.prefix(100))")
        }
    }

    init(_ refusal: SessionRegistry.Refusal) {
        switch refusal {
        case .resume(.otherAgent):
            self.init(
                .authUnauthorized, "Session does not belong to the requested agent", next: "start_new_session")
        case .resume(.inUse):
            self.init(
                .sessionInUse,
                "Another client is connected to this session; show its resume_key, or wait until it left",
                retryAfter: .seconds(5))
        case .resume:
            self.init(.authUnauthorized, "Session belongs to somebody else", next: "start_new_session")
        case .tooManySessions(let agent, let limit):
            self.init(
                .rateLimited, "\(agent) has \(limit) sessions already (max_sessions_per_agent)",
                retryAfter: .seconds(30))
        case .storeUnavailable:
            self.init(.unavailable, "The session could not be read just now; please try again", retryAfter: .seconds(5))
        }
    }
}
