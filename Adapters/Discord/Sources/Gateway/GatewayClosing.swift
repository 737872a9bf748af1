import PraisonCore

/// What a connection's end means for the next one.
///
/// Source: https://docs.discord.com/developers/topics/opcodes-and-status-codes#gateway-gateway-close-event-codes
enum GatewayClosing: Hashable, Sendable {
    /// The session goes on.
    case resume
    /// The session is gone.
    case identify
    /// The bot has grown, or was told the wrong number of shards.
    case shardAgain
    /// Nothing changes until somebody mends the cause.
    case fatal(Cause)

    enum Cause: Int, Hashable, Sendable {
        case authenticationFailed = 4004
        case invalidVersion = 4012
        case invalidIntents = 4013
        case disallowedIntents = 4014
    }

    /// Used by us when a session is to be kept: 1000 and 1001 would end it.
    static let keepingSession: WebSocketCloseCode = 4000

    /// - Parameter code: `nil` when the connection ended without a close frame.
    init(code: UInt16?) {
        switch code {
        case 4003, 4005, 4007, 4009: self = .identify
        case 4010, 4011: self = .shardAgain
        default: self = code.flatMap { Cause(rawValue: Int($0)) }.map { .fatal($0) } ?? .resume
        }
    }
}
