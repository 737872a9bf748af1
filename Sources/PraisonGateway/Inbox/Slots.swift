/// A bounded number of places, given out in the order of asking. Lives inside an actor.
struct Slots {
    private let total: Int
    private(set) var taken = 0
    private var waiters: [CheckedContinuation<Void, Never>] = []

    init(_ total: Int) { self.total = total }

    /// Whether a place was free and is taken now.
    mutating func takeIfFree() -> Bool {
        guard taken < total else { return false }
        taken += 1
        return true
    }

    /// Queues for a place; it is taken when the continuation resumes.
    mutating func wait(_ continuation: CheckedContinuation<Void, Never>) { waiters.append(continuation) }

    /// Hands the place to the next in the queue, or frees it.
    mutating func giveBack() {
        if waiters.isEmpty {
            taken -= 1
        } else {
            waiters.removeFirst().resume()
        }
    }
}
