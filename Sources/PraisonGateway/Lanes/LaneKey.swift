import PraisonCore

/// Something with a place in the journal that may wait in memory.
protocol Queueable: Sendable {
    /// Its number in the journal; rises with time.
    var id: Int64 { get }
    /// Bytes it takes, roughly.
    var size: Int { get }
}

/// Names a lane: a conversation, or the short way beside it for what overtakes.
struct LaneKey: Hashable, Sendable {
    var conversation: Conversation
    var isExpress = false

    var channel: ChannelName { conversation.channel }

    // The scope says nothing about which conversation it is; without it, hashing is cheaper.
    static func == (left: LaneKey, right: LaneKey) -> Bool {
        left.conversation.id == right.conversation.id && left.conversation.thread == right.conversation.thread
            && left.channel == right.channel && left.isExpress == right.isExpress
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(channel)
        hasher.combine(conversation.id)
        hasher.combine(conversation.thread)
        hasher.combine(isExpress)
    }
}
