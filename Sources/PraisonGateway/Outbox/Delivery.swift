import PraisonCore

/// A row of the outbox on its way, with what is known of its attempts in this process.
struct Delivery: Queueable {
    /// Put before a message that may have arrived already, on platforms that can't tell.
    static let repeatMark = "(this may be a repeat) "
    /// Times one message follows its conversation to a new place.
    static let maximumMoves = 3

    var row: OutboxRow
    /// Whether it goes without markup, because the platform refused it with.
    var isPlain = false
    var moves = 0

    init(_ row: OutboxRow) { self.row = row }

    var id: Int64 { row.id }
    var size: Int { row.message.size }
    var lane: LaneKey { LaneKey(conversation: row.message.conversation) }

    /// The message as it goes out now.
    var message: OutboundMessage {
        var message = row.message
        if isPlain { message.format = .plain }
        return message
    }

    /// Says that the next message may be a repeat, where there is no room to say so in it.
    var separateMark: OutboundMessage {
        OutboundMessage(
            key: row.message.key + "/mark", conversation: row.message.conversation, text: Self.repeatMark)
    }

    /// Whether sending this a second time is never seen: an edit that is made twice, or a platform that knows the key.
    func isHarmlessToRepeat(by adapter: any ChannelAdapter) -> Bool {
        if type(of: adapter).capabilities.repeatsAreInvisible { return true }
        return row.message.replaces != nil && adapter is any EditsMessages
    }
}

extension OutboundMessage {
    /// Bytes it takes in memory, roughly.
    var size: Int {
        files.reduce(1000 + text.utf8.count) { size, file in
            if case .bytes(let bytes) = file.source { size + bytes.count } else { size + 200 }
        }
    }
}
