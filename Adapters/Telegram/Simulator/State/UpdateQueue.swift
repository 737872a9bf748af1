import PraisonCore

/// A bot's updates that wait to be taken, oldest first.
///
/// Source: https://core.telegram.org/bots/api#getupdates
struct UpdateQueue {
    struct Entry: Sendable {
        var id: Int64
        var kind: String
        var members: [String: JSONValue]
        /// Whose updates keep their order towards a webhook: a chat's or a person's.
        var lane: Int64
        var queuedAt: Timestamp

        var json: JSONValue { .object(members) }
    }

    /// Updates kept; beyond it the oldest go.
    static let capacity = 100_000
    static let lifetime = Duration.seconds(86_400)
    /// How far beyond the newest update an offset may point; further ahead it is from another life and counts as none.
    private static let tolerance: Int64 = 10

    private var entries: [Entry] = []
    /// Entries before this are gone; taken off the array in large steps.
    private var head = 0
    private(set) var nextID: Int64

    init(firstID: Int64) { nextID = firstID }

    var waiting: ArraySlice<Entry> { entries[head...] }
    var count: Int { entries.count - head }

    /// - Parameter id: the number to give it where the update has one already; the next ones count on from there.
    mutating func append(
        _ kind: String, _ members: [String: JSONValue], lane: Int64, at now: Timestamp, id: Int64? = nil
    ) {
        let id = id ?? nextID
        nextID = id &+ 1
        var members = members
        members["update_id"] = JSONValue(id)
        entries.append(Entry(id: id, kind: kind, members: members, lane: lane, queuedAt: now))
        if count > Self.capacity { head += 1 }
        compact()
    }

    /// The updates from `offset` on; everything before is confirmed by that and forgotten.
    ///
    /// - Parameter offset: 0 for the oldest; negative counts from the end.
    mutating func take(from offset: Int64, limit: Int, at now: Timestamp) -> [Entry] {
        expire(at: now)
        if offset < 0 {
            head = max(head, entries.count - Int(clamping: offset.magnitude))
        } else if offset > 0, offset <= nextID + Self.tolerance {
            while head < entries.count, entries[head].id < offset { head += 1 }
        }
        compact()
        return Array(waiting.prefix(limit))
    }

    mutating func expire(at now: Timestamp) {
        while head < entries.count, now - entries[head].queuedAt >= Self.lifetime { head += 1 }
        compact()
    }

    mutating func removeAll() {
        entries = []
        head = 0
    }

    // MARK: Towards a webhook

    func first(in lane: Int64) -> Entry? { waiting.first { $0.lane == lane } }

    /// The first two of a lane change places.
    mutating func swapFirst(in lane: Int64) {
        let places = waiting.indices.filter { entries[$0].lane == lane }.prefix(2)
        if places.count == 2 { entries.swapAt(places[0], places[1]) }
    }

    mutating func remove(id: Int64, lane: Int64) {
        guard let index = waiting.firstIndex(where: { $0.id == id && $0.lane == lane }) else { return }
        if index == head { head += 1 } else { entries.remove(at: index) }
        compact()
    }

    private mutating func compact() {
        guard head > 1024, head > entries.count / 2 else {
            if head == entries.count { removeAll() }
            return
        }
        entries.removeFirst(head)
        head = 0
    }
}
