import PraisonCore
import Synchronization

/// The health of a channel from that of its shards: it hears only when all of them do.
final class ShardHealth: Sendable {
    private struct State {
        var count = 1
        var hearing: Set<Int> = []
    }

    private let report: @Sendable (ChannelHealth) -> Void
    private let state = Mutex(State())

    init(report: @escaping @Sendable (ChannelHealth) -> Void) { self.report = report }

    func begin(shards: Int) { state.withLock { $0 = State(count: shards) } }

    func hears(_ shard: Int) {
        let isWhole = state.withLock { state in
            state.hearing.insert(shard)
            return state.hearing.count >= state.count
        }
        if isWhole { report(.receiving) }
    }

    func fails(_ shard: Int, _ reason: String) {
        let count = state.withLock { state in
            state.hearing.remove(shard)
            return state.count
        }
        report(.degraded(reason: count > 1 ? "shard \(shard) of \(count): \(reason)" : reason))
    }
}
