/// Kinds of event, spelled on the wire as in the reference.
public enum EventType: String, Hashable, Sendable, Codable, CaseIterable {
    case message
    case connect
    case disconnect
    case error
    case heartbeat
    case broadcast
}

/// Something that happened, said the same way by adapters, agents, clients and the gateway itself.
public struct GatewayEvent: Hashable, Sendable, Codable {
    /// What an event carries: a platform's message, or fields of the sender's own making.
    public enum Payload: Hashable, Sendable {
        case message(InboundMessage)
        case fields([String: JSONValue])
    }

    public var type: EventType
    public var payload: Payload
    /// The unique key under which the journal keeps the event.
    public var id: EventID
    public var timestamp: Timestamp
    /// Who it comes from: a channel, an agent or a client.
    public var source: String
    /// Whom it is for, where it is not for everybody.
    public var target: String?

    public init(
        type: EventType, payload: Payload, id: EventID, timestamp: Timestamp, source: String, target: String? = nil
    ) {
        self.type = type
        self.payload = payload
        self.id = id
        self.timestamp = timestamp
        self.source = source
        self.target = target
    }

    /// An event that carries a platform's message.
    public init(message: InboundMessage, id: EventID, timestamp: Timestamp, target: String? = nil) {
        self.init(
            type: .message, payload: .message(message), id: id, timestamp: timestamp,
            source: message.conversation.channel.rawValue, target: target)
    }

    /// The platform's message, if that is what the event carries.
    public var message: InboundMessage? {
        if case .message(let message) = payload { message } else { nil }
    }

    /// The channel it came by: the message's, else the one that `source` names.
    public var channel: ChannelName { message?.conversation.channel ?? ChannelName(source) }
}

extension GatewayEvent.Payload: Codable {
    private enum CodingKeys: String, CodingKey { case message, fields }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        if let message = try container.decodeIfPresent(InboundMessage.self, forKey: .message) {
            self = .message(message)
        } else {
            self = .fields(try container.decode([String: JSONValue].self, forKey: .fields))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        switch self {
        case .message(let message): try container.encode(message, forKey: .message)
        case .fields(let fields): try container.encode(fields, forKey: .fields)
        }
    }
}
