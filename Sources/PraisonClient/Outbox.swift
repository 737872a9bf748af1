/// A client's messages that the gateway has not acknowledged yet, in order. Each has a name, so that one sent twice is
/// answered once.
struct Outbox: Sendable {
    struct Entry: Hashable, Sendable {
        var requestID: String
        var text: String
    }

    let limit: Int
    private(set) var entries: [Entry] = []

    init(limit: Int) { self.limit = limit }

    /// - Returns: `false` when it is full.
    mutating func add(_ entry: Entry) -> Bool {
        guard entries.count < limit else { return false }
        entries.append(entry)
        return true
    }

    /// - Returns: the message, if it was waiting.
    @discardableResult
    mutating func acknowledge(_ requestID: String) -> Entry? {
        guard let index = entries.firstIndex(where: { $0.requestID == requestID }) else { return nil }
        return entries.remove(at: index)
    }

    func entry(_ requestID: String) -> Entry? { entries.first { $0.requestID == requestID } }
}
