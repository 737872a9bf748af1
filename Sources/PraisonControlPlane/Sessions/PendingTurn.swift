import PraisonCore

/// A message that was taken and has no final answer yet.
struct PendingTurn: Sendable {
    /// The client that sent it.
    var client: String?
    var content = ""
    var hasStreamed = false
    /// The frame that acknowledged it.
    var acceptedAt: Int64?
}

/// How a client's message is named in the journal, so that the same message sent again is the same event.
struct MessageName: Hashable, Sendable {
    var session: String
    var requestID: String?

    /// `gateway/SESSION/r:REQUEST`, or with a fresh identifier where the client gave none.
    func eventID(_ entropy: any Entropy) -> EventID {
        EventID("gateway/\(session)/" + (requestID.map { "r:\($0)" } ?? "u:\(entropy.uuid())"))
    }

    /// The client's own name for the message that became `event`.
    static func requestID(of event: EventID, in session: String) -> String? {
        let prefix = "gateway/\(session)/r:"
        return event.rawValue.hasPrefix(prefix) ? String(event.rawValue.dropFirst(prefix.count)) : nil
    }
}
