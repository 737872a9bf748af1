import DequeModule
import PraisonCore

/// Queues by conversation, of which each is served by at most one server at a time: order within, overtaking between.
///
/// Memory holds a window of each lane and of each channel. What lies beyond stays in the journal and is read again when
/// there is room: an item is in memory, or was, unless its number is above its lane's or its channel's horizon.
struct Lanes<Item: Queueable> {
    struct Limits {
        var perLane = 32
        var perLaneBytes = 1 << 20
        var perChannel = 1000
        var perChannelBytes = 16 << 20
    }

    private struct Lane {
        var waiting: Deque<Item> = []
        var bytes = 0
        var isServed = false
        var horizon: Int64?

        /// - Returns: whether it needs a server now.
        mutating func insert(_ item: Item) -> Bool {
            bytes += item.size
            // Nearly always at the end.
            let place = waiting.lastIndex { $0.id < item.id }.map { $0 + 1 } ?? 0
            waiting.insert(item, at: place)
            defer { isServed = true }
            return !isServed
        }

        mutating func update(_ change: (inout Item) -> Bool) -> Bool {
            for index in waiting.indices where change(&waiting[index]) { return true }
            return false
        }
    }

    private struct Channel {
        var count = 0
        var bytes = 0
        var horizon: Int64?
    }

    private let limits: Limits
    private var lanes: [LaneKey: Lane] = [:]
    private var channels: [ChannelName: Channel] = [:]
    private(set) var waitingCount = 0
    /// What is in memory, waiting or being worked on, so that no reading takes it in a second time.
    private var held: Set<Int64> = []
    /// What was finished while a page was being read, and may be in it as unfinished. `nil` while nothing is read.
    private var finishedMeanwhile: Set<Int64>?

    init(_ limits: Limits = Limits()) { self.limits = limits }

    // MARK: Coming in

    /// Whether an item is new here and there is room for it. If there is none, it and what follows it have to wait in
    /// the journal.
    mutating func admits(_ item: Item, to key: LaneKey) -> Bool {
        if held.contains(item.id) || finishedMeanwhile?.contains(item.id) == true { return false }
        let channel = channels[key.channel, default: Channel()]
        if let horizon = channel.horizon, item.id > horizon { return false }
        let lane = lanes[key]
        if let horizon = lane?.horizon, item.id > horizon { return false }
        if let lane, lane.waiting.count >= limits.perLane || lane.bytes >= limits.perLaneBytes {
            lanes[key]?.horizon = item.id - 1
            return false
        }
        if channel.count >= limits.perChannel || channel.bytes >= limits.perChannelBytes {
            channels[key.channel, default: channel].horizon = item.id - 1
            return false
        }
        return true
    }

    /// Queues an item that was admitted, or that overtakes.
    ///
    /// - Returns: whether the lane needs a server now.
    mutating func append(_ item: Item, to key: LaneKey) -> Bool {
        held.insert(item.id)
        waitingCount += 1
        channels[key.channel, default: Channel()].count += 1
        channels[key.channel]?.bytes += item.size
        return lanes[key, default: Lane()].insert(item)
    }

    /// Notes that an admitted item is in hands, though it waits in no lane.
    mutating func hold(_ id: Int64) { held.insert(id) }

    // MARK: Being served

    /// The lane's first item, which stays; or `nil`, upon which the server is free to go.
    mutating func first(in key: LaneKey) -> Item? {
        guard let first = lanes[key]?.waiting.first else {
            leave(key)
            return nil
        }
        return first
    }

    /// Takes the lane's first item out; or `nil`, upon which the server is free to go.
    mutating func next(in key: LaneKey) -> Item? {
        guard let item = lanes[key]?.waiting.popFirst() else {
            leave(key)
            return nil
        }
        left(item, key)
        return item
    }

    /// Takes out the waiting items that `belong`, in order, from anywhere in the lane.
    mutating func take(from key: LaneKey, where belongs: (Item) -> Bool) -> [Item] {
        guard let waiting = lanes[key]?.waiting else { return [] }
        let taken = waiting.filter(belongs)
        guard !taken.isEmpty else { return [] }
        lanes[key]?.waiting.removeAll(where: belongs)
        for item in taken { left(item, key) }
        return Array(taken)
    }

    /// Lets `change` alter the waiting items, from the first on, until it says that it has.
    ///
    /// - Returns: whether it has.
    mutating func update(in key: LaneKey, _ change: (inout Item) -> Bool) -> Bool {
        lanes[key]?.update(change) ?? false
    }

    mutating func replaceFirst(in key: LaneKey, with item: Item) {
        guard lanes[key]?.waiting.first?.id == item.id else { return }
        lanes[key]?.waiting[0] = item
    }

    func waiting(in key: LaneKey) -> Deque<Item> { lanes[key]?.waiting ?? [] }

    /// Whether something of the lane waits, as far as that is known without asking the journal.
    func hasWaiting(_ key: LaneKey) -> Bool { lanes[key].map { !$0.waiting.isEmpty || $0.horizon != nil } ?? false }

    func isServed(_ key: LaneKey) -> Bool { lanes[key]?.isServed ?? false }

    /// The lanes of a chat, those of its threads included.
    func keys(of chat: Conversation) -> [LaneKey] {
        lanes.keys.filter { $0.channel == chat.channel && $0.conversation.id == chat.id && !$0.isExpress }
    }

    /// The channel's lanes in which something waits and which nobody serves; they count as served from now on.
    mutating func unserved(of channel: ChannelName) -> [LaneKey] {
        let keys = lanes.filter { $0.key.channel == channel && !$0.value.isServed && !$0.value.waiting.isEmpty }.keys
        for key in keys { lanes[key]?.isServed = true }
        return Array(keys)
    }

    /// The server goes, and another may come.
    mutating func leave(_ key: LaneKey) {
        lanes[key]?.isServed = false
        forgetIfIdle(key)
    }

    /// Items that are settled: they are not in memory any more, and will not be read again.
    mutating func finish(_ ids: some Sequence<Int64>) {
        for id in ids {
            held.remove(id)
            finishedMeanwhile?.insert(id)
        }
    }

    // MARK: Reading what lies beyond

    /// Says that everything of the channel after `number` is in the journal only.
    mutating func leaveInJournal(_ channel: ChannelName, after number: Int64) {
        channels[channel, default: Channel()].horizon = number
    }

    /// Says that of this lane, too, something is in the journal only, where that is so of `other`, which it continues.
    mutating func shareHorizon(of other: LaneKey, with key: LaneKey) {
        guard let horizon = lanes[other]?.horizon else { return }
        lanes[key, default: Lane()].horizon = min(lanes[key]?.horizon ?? .max, horizon)
    }

    /// After which number to read on for a lane that has room again; `nil` where there is nothing to read or no room.
    func start(ofReading key: LaneKey) -> Int64? {
        guard let lane = lanes[key], lane.waiting.count <= limits.perLane / 2 else { return nil }
        return lane.horizon
    }

    func start(ofReading channel: ChannelName) -> Int64? {
        guard let place = channels[channel], place.count <= limits.perChannel / 2 else { return nil }
        return place.horizon
    }

    /// Channels of which something is in the journal only, and for which there is room.
    var readableChannels: [ChannelName] { channels.keys.filter { start(ofReading: $0) != nil } }

    /// Whether something of the lane is in the journal only.
    func isBeyond(_ key: LaneKey) -> Bool {
        lanes[key]?.horizon != nil || channels[key.channel]?.horizon != nil
    }

    /// The last number of the lane that is in memory, or was.
    func horizon(of key: LaneKey) -> Int64 {
        min(lanes[key]?.horizon ?? .max, channels[key.channel]?.horizon ?? .max)
    }

    /// To be called before a page is read, and ``endReading(_:)`` after its items were offered.
    mutating func beginReading() { finishedMeanwhile = [] }

    /// - Parameter reachedEnd: what has nothing in the journal that is not in memory.
    mutating func endReading(reachedEnd: JournalPart?) {
        finishedMeanwhile = nil
        switch reachedEnd {
        case .channel(let channel)?: channels[channel]?.horizon = nil
        case .conversation(let conversation)?: endHorizon(LaneKey(conversation: conversation))
        case .everything?, nil: break
        }
    }

    enum Reading { case taken, skipped, full }

    /// Whether an item that was read is to be queued, or left alone, or whether there is no room for more.
    mutating func offer(_ item: Item, to key: LaneKey, readFrom part: JournalPart) -> Reading {
        if case .conversation = part {
            if let horizon = channels[key.channel]?.horizon, item.id > horizon {
                // The rest of the lane comes with the channel's pages.
                endHorizon(key)
                return .full
            }
            lanes[key, default: Lane()].horizon = item.id
        } else {
            channels[key.channel, default: Channel()].horizon = item.id
        }
        if admits(item, to: key) { return .taken }
        // Turned away for want of room, the horizon has come back before it.
        let horizon =
            if case .conversation = part { self.horizon(of: key) } else { channels[key.channel]?.horizon ?? .max }
        return horizon < item.id ? .full : .skipped
    }

    private mutating func endHorizon(_ key: LaneKey) {
        lanes[key]?.horizon = nil
        forgetIfIdle(key)
    }

    private mutating func left(_ item: Item, _ key: LaneKey) {
        waitingCount -= 1
        lanes[key]?.bytes -= item.size
        channels[key.channel]?.count -= 1
        channels[key.channel]?.bytes -= item.size
    }

    private mutating func forgetIfIdle(_ key: LaneKey) {
        guard let lane = lanes[key], lane.waiting.isEmpty, !lane.isServed, lane.horizon == nil else { return }
        lanes[key] = nil
    }
}
