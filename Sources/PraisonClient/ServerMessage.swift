import PraisonCore

/// A frame from the gateway, as a client needs it.
enum ServerMessage: Sendable {
    struct HelloError: Hashable, Sendable {
        var code: String
        var message: String
        var nextStep: String?
        /// The older word for the next step.
        var next: String?
        var retryAfter: Duration?
    }

    case welcome(Welcome)
    case refused(HelloError)
    case ping
    case pong
    /// - Parameter sequence: the frame's number; `nil` for frames without one.
    case event(GatewayClient.Event, sequence: Int64?)

    /// What `hello_ok` says.
    struct Welcome: Hashable, Sendable {
        var session: String
        var isResumed: Bool
        var cursor: Int64
        var resumeKey: String?
        var heartbeat: Duration?
        var maxPayload: Int?
        /// The client missed frames that are not kept any more.
        var needsResync: Bool
    }

    /// - Returns: `nil` for what is no frame at all.
    init?(_ text: String) {
        guard let document = try? JSONDocument(parsing: text), let type = document["type"]?.string else { return nil }
        // A replayed frame is the frame itself, in an envelope.
        if type == "replay", let data = document["event"]?["data"], let inner = data["type"]?.string {
            self = Self.message(inner, data)
        } else {
            self = Self.message(type, document)
        }
    }

    private static func message(_ type: String, _ frame: JSONDocument) -> ServerMessage {
        switch type {
        case "ping": return .ping
        case "pong": return .pong
        case "hello_ok": return welcome(frame)
        case "hello_error":
            return .refused(
                HelloError(
                    code: frame["code"]?.string ?? "", message: frame["message"]?.string ?? "refused",
                    nextStep: frame["next_step"]?.string, next: frame["next"]?.string,
                    retryAfter: retryAfter(frame)))
        default: return .event(event(type, frame), sequence: frame["seq"]?.integer ?? frame["cursor"]?.integer)
        }
    }

    private static func retryAfter(_ frame: JSONDocument) -> Duration? {
        frame["retry_after_seconds"]?.double.map { .milliseconds(Int((min(max($0, 0), 3600) * 1000).rounded(.up))) }
    }

    private static func welcome(_ frame: JSONDocument) -> ServerMessage {
        let policy = frame["policy"]
        return .welcome(
            Welcome(
                session: frame["session_id"]?.string ?? "", isResumed: frame["resumed"]?.bool ?? false,
                cursor: frame["cursor"]?.integer ?? 0, resumeKey: frame["resume_key"]?.string,
                heartbeat: policy?["heartbeat_ms"]?.int.map { .milliseconds($0) },
                maxPayload: policy?["max_payload"]?.int, needsResync: frame["resync_required"]?.bool ?? false))
    }

    private static func event(_ type: String, _ frame: JSONDocument) -> GatewayClient.Event {
        let data = frame["data"]
        switch type {
        case "response": return response(frame)
        case "token_stream": return .text(data?["content"]?.string ?? "")
        case "reasoning_stream": return .reasoning(data?["content"]?.string ?? "")
        case "tool_call_stream":
            let call = data?["tool_call"]
            return .toolCall(
                ToolCall(
                    id: call?["id"]?.string ?? "", name: call?["name"]?.string ?? "",
                    arguments: call?["arguments"]?.string ?? ""))
        case "tool_result_stream":
            let call = data?["tool_call"]
            return .toolResult(
                id: call?["id"]?.string ?? "", text: call?["result"]?.scalarText ?? "",
                isError: data?["metadata"]?["is_error"]?.bool ?? false)
        case "retry_stream": return .streamRestarted(reason: data?["metadata"]?["reason"]?.string ?? "")
        case "stream_end": return .streamEnded
        case "status": return .status(frame["message"]?.string ?? "")
        case "aborted", "no_active_turn":
            return .aborted(
                StoppedTurns(
                    turnAborted: frame["turn_aborted"]?.bool ?? false,
                    pendingCancelled: frame["pending_cancelled"]?.int ?? 0,
                    events: (frame["request_ids"]?.elements ?? []).compactMap(\.string).map { EventID($0) }),
                requestID: frame["request_id"]?.string)
        case "error":
            return .problem(
                message: frame["message"]?.string ?? "", code: frame["code"]?.string,
                requestID: frame["request_id"]?.string, retryAfter: retryAfter(frame))
        case "server_request":
            let request = frame["request"]
            let kind = request?["kind"]?.string ?? "input"
            let options = request?["options"]?.elements.compactMap(\.string) ?? []
            return .question(
                GatewayClient.Question(
                    id: request?["request_id"]?.string ?? "", kind: kind, prompt: request?["prompt"]?.string ?? "",
                    options: kind == "approval" ? ["allow", "deny"] : options))
        case "server_request_closed":
            return .questionClosed(
                id: frame["request_id"]?.string ?? "", status: frame["status"]?.string ?? "")
        default:
            guard let kind = EventType(rawValue: type), let data, data.kind == .object else {
                return .other(type: type, frame: frame.value)
            }
            return .gateway(
                GatewayEvent(
                    type: kind, payload: .fields(data.value.object ?? [:]),
                    id: EventID(frame["event_id"]?.string ?? ""),
                    timestamp: Timestamp(seconds: frame["timestamp"]?.double ?? 0),
                    source: frame["source"]?.string ?? "", target: frame["target"]?.string))
        }
    }

    private static func response(_ frame: JSONDocument) -> GatewayClient.Event {
        let request = frame["request_id"]?.string
        switch frame["status"]?.string {
        case "accepted": return .accepted(requestID: request, isQueued: frame["content"]?.string == "Message queued.")
        // Stopped while nobody of ours was there to hear it.
        case "duplicate" where frame["outcome"]?["status"]?.string == "aborted":
            return .reply(GatewayClient.Reply(text: "", requestID: request, status: "aborted"))
        case "duplicate": return .duplicate(requestID: request)
        default:
            let outcome = frame["outcome"]
            let error = outcome?["error"]
            return .reply(
                GatewayClient.Reply(
                    text: frame["content"]?.string ?? "", requestID: request,
                    status: outcome?["status"]?.string ?? "ok", errorCode: error?["code"]?.string,
                    errorMessage: error?["message"]?.string, isRetryable: error?["retryable"]?.bool ?? false))
        }
    }
}
