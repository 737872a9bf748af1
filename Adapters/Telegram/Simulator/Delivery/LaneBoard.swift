import Synchronization

/// Who is delivering what: each lane is served by one task, each bot's webhook by so many at once.
final class LaneBoard: Sendable {
    private struct State {
        var served: Set<WebhookLane> = []
        /// Served lanes at which something new came.
        var stirred: Set<WebhookLane> = []
        var connections: [Int64: Int] = [:]
        var waiting: [Int64: [CheckedContinuation<Void, Never>]] = [:]
    }

    private let state = Mutex(State())

    /// - Returns: whether the caller is to serve the lane; else somebody does, and will look again.
    func begin(_ lane: WebhookLane) -> Bool {
        state.withLock { state in
            guard state.served.insert(lane).inserted else {
                state.stirred.insert(lane)
                return false
            }
            return true
        }
    }

    /// - Returns: whether something came meanwhile, and the lane is to be served once more.
    func end(_ lane: WebhookLane) -> Bool {
        state.withLock { state in
            if state.stirred.remove(lane) != nil { return true }
            state.served.remove(lane)
            return false
        }
    }

    /// Waits until fewer than `limit` deliveries to the bot's webhook are under way, and counts as one.
    func connect(_ bot: Int64, limit: Int) async {
        await withCheckedContinuation { continuation in
            let isFree = state.withLock { state in
                guard state.connections[bot, default: 0] < limit else {
                    state.waiting[bot, default: []].append(continuation)
                    return false
                }
                state.connections[bot, default: 0] += 1
                return true
            }
            if isFree { continuation.resume() }
        }
    }

    func disconnect(_ bot: Int64) {
        let next = state.withLock { state in
            guard state.waiting[bot]?.isEmpty == false else {
                state.connections[bot, default: 1] -= 1
                return CheckedContinuation<Void, Never>?.none
            }
            return state.waiting[bot]?.removeFirst()
        }
        next?.resume()
    }
}
