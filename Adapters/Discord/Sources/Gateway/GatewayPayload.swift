import PraisonCore

/// One message of the gateway.
///
/// Source: https://docs.discord.com/developers/events/gateway-events#payload-structure
enum GatewayPayload: Sendable {
    case dispatch(Dispatch)
    /// The server asks for a heartbeat at once.
    case heartbeatRequest
    case reconnect
    case invalidSession(isResumable: Bool)
    case hello(interval: Duration)
    case acknowledgement
    /// An opcode nobody knows yet, or one that only clients send.
    case unknown(Int)

    /// Something that happened, with its number in the session.
    struct Dispatch: Sendable {
        var name: String
        var sequence: Int
        var data: JSONDocument
        /// Bytes it came in, for whoever keeps it waiting.
        var size: Int
    }

    /// - Throws: when it is no payload of the gateway.
    init(_ document: JSONDocument) throws(GatewayPayloadError) {
        guard let opcode = document["op"]?.int else { throw GatewayPayloadError(problem: "a payload without op") }
        switch opcode {
        case 0:
            guard let name = document["t"]?.string, let sequence = document["s"]?.int else {
                throw GatewayPayloadError(problem: "a dispatch without t or s")
            }
            self = .dispatch(
                Dispatch(
                    name: name, sequence: sequence, data: document["d"] ?? Self.nothing,
                    size: document.rawBytes.count))
        case 1: self = .heartbeatRequest
        case 7: self = .reconnect
        case 9: self = .invalidSession(isResumable: document["d"]?.bool ?? false)
        case 10:
            guard let interval = document["d"]?["heartbeat_interval"]?.double, interval > 0 else {
                throw GatewayPayloadError(problem: "a hello without heartbeat_interval")
            }
            // Whatever was meant, a beat every millisecond was not, nor one a day.
            self = .hello(interval: .milliseconds(Int(min(max(interval, 1000), 600_000))))
        case 11: self = .acknowledgement
        default: self = .unknown(opcode)
        }
    }

    private static let nothing: JSONDocument = {
        guard let empty = try? JSONDocument(parsing: "{}") else { preconditionFailure("{} is JSON") }
        return empty
    }()
}

struct GatewayPayloadError: Error, Hashable, CustomStringConvertible {
    var problem: String
    var description: String { problem }
}
