import PraisonCore

/// What a client sends: one JSON object per text message.
///
/// The frames are those of the PraisonAI gateway's protocol version 1, so that clients written for it work here.
enum ClientFrame: Hashable, Sendable {
    case hello(Hello)
    /// The older way in.
    case join(Join)
    case message(Message)
    case abort(AbortScope, requestID: String? = nil)
    case serverReply(requestID: String, value: String)
    case broadcast(data: [String: JSONValue], target: String?)
    case ping
    case pong
    case leave
    /// What a process says that serves agents.
    case agent(AgentFrame)

    struct Hello: Hashable, Sendable {
        var agent: String?
        var versions: ClosedRange<Int>
        var capabilities: Set<String>
        var resume: Resume
        /// Whether the conversation so far is wanted as one frame.
        var wantsSnapshot: Bool
    }

    struct Join: Hashable, Sendable {
        var agent: String?
        var versions: ClosedRange<Int>
        var resume: Resume
    }

    /// What a client that comes back says about the session it had.
    struct Resume: Hashable, Sendable {
        var sessionID: String?
        /// The last frame it has; `nil` when it does not say.
        var since: Int64?
        var key: String?
    }

    struct Message: Hashable, Sendable {
        var content: String
        /// The client's own name for the message, under which it may send it again.
        var requestID: String?
        /// Members it had that nobody looks at; the client is told.
        var ignored: [String] = []
    }

    enum AbortScope: String, Hashable, Sendable {
        /// The turn that runs.
        case turn
        /// That, and what waits behind it.
        case session
    }

    /// The client's own name for what it asks for, which the answer bears as well.
    var requestID: String? {
        switch self {
        case .message(let message): message.requestID
        case .abort(_, let requestID): requestID
        default: nil
        }
    }

    /// What a client must be allowed to do to send this frame; `nil` for what anybody may send.
    var requiredScope: ClientScope? {
        switch self {
        // What an answer takes depends on the question; see ServerRequests.
        case .hello, .join, .leave, .serverReply: .read
        case .message, .abort, .broadcast: .write
        // Whoever answers for an agent reads what people say to it.
        case .agent(.register): .admin
        case .ping, .pong, .agent: nil
        }
    }
}

/// Why a frame is not carried out, and what the client is told.
struct FrameRefusal: Error, Hashable, Sendable {
    enum Code: String, Hashable, Sendable {
        case invalidJSON = "invalid_json"
        case invalidFrame = "invalid_frame"
        case unknownType = "unknown_type"
        case emptyMessage = "empty_message"
        case invalidHello = "invalid_protocol_hello"
        case versionUnsupported = "version_unsupported"
        /// Not in the reference, which knows no agents from elsewhere.
        case agentNotRegistered = "agent_not_registered"
    }

    /// `nil` where the reference sends none.
    var code: Code?
    var message: String
    /// The refused frame's type, where it is one with answers of its own.
    var type: String?
    /// The client's own name for the refused message.
    var requestID: String?
}
