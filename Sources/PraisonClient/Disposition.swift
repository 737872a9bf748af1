import PraisonCore

/// What a client does after it lost its connection or was not let in.
enum Disposition: Hashable, Sendable {
    case retry(reason: String, floor: Duration?)
    /// Try again without the session, which is somebody else's or another agent's.
    case startAfresh(reason: String)
    /// Trying again changes nothing until a person has done something.
    case stop(GatewayClientError)

    var reason: String {
        switch self {
        case .retry(let reason, _), .startAfresh(let reason): reason
        case .stop(let error): "\(error)"
        }
    }

    /// After the gateway's `hello_error`.
    init(_ error: ServerMessage.HelloError, isResuming: Bool) {
        switch error.code {
        case "auth_unauthorized" where isResuming && error.next == "start_new_session":
            self = .startAfresh(reason: error.message)
        case "auth_required", "auth_unauthorized", "protocol_unsupported", "pairing_required", "agent_not_found",
            "origin_not_allowed", "configuration_error", "invalid_request":
            self = .stop(.refused(code: error.code, message: error.message, nextStep: error.nextStep))
        default: self = .retry(reason: error.message, floor: error.retryAfter)
        }
    }

    /// After a connection that had been open.
    init(closedWith code: WebSocketCloseCode?) {
        switch code?.rawValue {
        case 4001: self = .stop(.closed(code: 4001, reason: "the gateway's token was changed"))
        case 4003: self = .stop(.closed(code: 4003, reason: "the gateway refused the token or origin"))
        case 4028: self = .stop(.closed(code: 4028, reason: "too many frames this token is not allowed to send"))
        case 4008, 4029: self = .retry(reason: "too many connections from here", floor: .seconds(60))
        case 1013: self = .retry(reason: "this client read too slowly", floor: nil)
        case 1001, 1012: self = .retry(reason: "the gateway restarts", floor: nil)
        case 4002: self = .retry(reason: "the gateway heard nothing from this client", floor: nil)
        case let code?: self = .retry(reason: "the gateway closed the connection (\(code))", floor: nil)
        case nil: self = .retry(reason: "the connection was lost", floor: nil)
        }
    }

    /// After a connection that could not be opened.
    init(_ error: any Error) {
        switch error {
        case WebSocketConnectError.invalidURL(let url):
            self = .stop(.unreachable("\(url) is not a WebSocket address; one looks like ws://127.0.0.1:8765/ws"))
        case WebSocketConnectError.refused(let status, _) where status == 401 || status == 403:
            self = .stop(.refused(code: "auth_required", message: "the server answered \(status)", nextStep: nil))
        case WebSocketConnectError.refused(let status, _) where (400..<500).contains(status) && status != 429:
            self = .stop(.unreachable("the server answered \(status) instead of a WebSocket; is it a gateway's /ws?"))
        case WebSocketConnectError.refused(let status, _):
            self = .retry(reason: "the server answered \(status)", floor: nil)
        case WebSocketConnectError.transport(let error): self = .retry(reason: error.detail, floor: nil)
        case WebSocketConnectError.invalidHandshake(let reason): self = .retry(reason: reason, floor: nil)
        default: self = .retry(reason: "\(error)", floor: nil)
        }
    }
}

/// Why a client gave up, or did not take a message.
public enum GatewayClientError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The gateway did not let the client in; `nextStep` is its advice in one word.
    case refused(code: String, message: String, nextStep: String?)
    case closed(code: UInt16, reason: String)
    case unreachable(String)
    /// So many messages wait for a connection already.
    case outboxFull(limit: Int)
    /// The gateway takes no message this long.
    case messageTooLarge(bytes: Int, limit: Int)
    /// The turn was stopped, so there is no reply.
    case aborted
    /// The session is gone, and the reply with it.
    case sessionLost
    /// The reply came while the client was away, and the gateway does not keep it any more.
    case replyLost
    /// The client ended before the reply came.
    case ended

    public var description: String {
        switch self {
        case .refused(let code, let message, let step):
            "the gateway refused: \(message) (\(code)\(step.map { ", " + $0 } ?? ""))"
        case .closed(let code, let reason): "\(reason) (close code \(code))"
        case .unreachable(let reason): reason
        case .outboxFull(let limit): "\(limit) messages wait for a connection already"
        case .messageTooLarge(let bytes, let limit): "a message of \(bytes) bytes; the gateway takes \(limit)"
        case .aborted: "the turn was stopped"
        case .sessionLost: "the session was lost before the reply came"
        case .replyLost: "the reply came while this client was away, and is not kept any more; please ask again"
        case .ended: "the client ended before the reply came"
        }
    }
}
