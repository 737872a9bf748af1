/// At most so many in any stretch of time of a certain length.
struct SlidingCount: Hashable, Sendable {
    let limit: Int
    let window: Duration
    /// Oldest first; never more than `limit`.
    private var moments: [Duration] = []

    init(limit: Int, window: Duration) {
        self.limit = limit
        self.window = window
    }

    /// How many there were in the window that ends now.
    mutating func count(at now: Duration) -> Int {
        moments.removeAll { $0 + window <= now }
        return moments.count
    }

    /// Counts one more, if there may be one.
    mutating func take(at now: Duration) -> Bool {
        guard count(at: now) < limit else { return false }
        moments.append(now)
        return true
    }

    /// Until one more may be counted.
    mutating func wait(at now: Duration) -> Duration {
        guard count(at: now) >= limit, let first = moments.first else { return .zero }
        return first + window - now
    }
}
