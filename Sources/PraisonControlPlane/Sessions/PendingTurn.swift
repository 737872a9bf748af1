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

/// Words of a reply that grew while nobody listened: few frames for many, so that a client that comes back is not told
/// them token by token.
struct Unsaid: Sendable {
    /// Bytes of one frame, and of all of them.
    private static let pieceLimit = 16 << 10
    private static let limit = 4 << 20

    let event: EventID
    let agent: AgentName
    private(set) var pieces: [ReplyPart]
    private var size: Int

    /// - Returns: `nil` for what is no words.
    init?(_ part: ReplyPart, answering event: EventID, by agent: AgentName) {
        switch part {
        case .text(let words), .reasoning(let words): size = words.utf8.count
        case .toolCall, .toolResult: return nil
        }
        pieces = [part]
        self.event = event
        self.agent = agent
    }

    /// Whether it is worth saying although the whole reply comes right behind it.
    var isShort: Bool { size <= Self.pieceLimit }

    /// Takes more words.
    ///
    /// - Returns: whether they fit in.
    mutating func add(_ more: Unsaid) -> Bool {
        guard more.event == event, more.agent == agent, size < Self.limit else { return false }
        size += more.size
        for piece in more.pieces {
            if let longer = pieces.last.flatMap({ Self.joined($0, piece) }) {
                pieces[pieces.count - 1] = longer
            } else {
                pieces.append(piece)
            }
        }
        return true
    }

    private static func joined(_ said: ReplyPart, _ more: ReplyPart) -> ReplyPart? {
        switch (said, more) {
        case (.text(let said), .text(let more)) where said.utf8.count < pieceLimit: .text(said + more)
        case (.reasoning(let said), .reasoning(let more)) where said.utf8.count < pieceLimit: .reasoning(said + more)
        default: nil
        }
    }
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
