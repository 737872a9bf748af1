import Synchronization

/// What has happened since the start, for `/metrics` and `/health`.
final class PlaneCounters: Sendable {
    /// A number that only grows.
    final class Counter: Sendable {
        private let count = Atomic<Int>(0)
        func add() { count.add(1, ordering: .relaxed) }
        var value: Int { count.load(ordering: .relaxed) }
    }

    let connections = Counter()
    let refusedConnections = Counter()
    let reapedConnections = Counter()
    let failedTurns = Counter()
}
