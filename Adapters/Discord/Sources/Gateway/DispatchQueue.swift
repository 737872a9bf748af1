import Synchronization

/// Dispatches between the connection, which never waits for the journal, and the journal, which takes as many at once as
/// there are. Bounded in number and bytes; whoever adds waits for room.
final class DispatchQueue: Sendable {
    private typealias Waiter = CheckedContinuation<Void, Never>

    private enum Side: Hashable { case taker, adder }

    private struct State {
        var waiting: [GatewayPayload.Dispatch] = []
        var bytes = 0
        var isFinished = false
        var waiters: [Side: Waiter] = [:]

        var isFull: Bool { waiting.count >= DispatchQueue.capacity || bytes >= DispatchQueue.byteCapacity }
    }

    static let capacity = 1_000
    static let byteCapacity = 8 << 20

    private let state = Mutex(State())

    /// Whether adding has to wait.
    var isFull: Bool { state.withLock { $0.isFull } }

    /// Adds one, whether or not there is room.
    func add(_ dispatch: GatewayPayload.Dispatch) {
        state.withLock { state in
            state.waiting.append(dispatch)
            state.bytes += dispatch.size
            return state.waiters.removeValue(forKey: .taker)
        }?.resume()
    }

    /// Returns once there is room, or nothing is taken any more, or the task is cancelled. For one task at a time.
    func room() async {
        await wait(.adder) { !$0.isFull || $0.isFinished }
    }

    /// All that wait, at least one; `nil` once finished and empty. For one task at a time.
    func take() async -> [GatewayPayload.Dispatch]? {
        await wait(.taker) { !$0.waiting.isEmpty || $0.isFinished }
        let (taken, adder) = state.withLock { state in
            let taken = state.waiting
            (state.waiting, state.bytes) = ([], 0)
            return (taken, state.waiters.removeValue(forKey: .adder))
        }
        adder?.resume()
        return taken.isEmpty ? nil : taken
    }

    /// Nothing will be added any more.
    func finish() {
        let waiters = state.withLock { state in
            state.isFinished = true
            defer { state.waiters = [:] }
            return Array(state.waiters.values)
        }
        for waiter in waiters { waiter.resume() }
    }

    private func wait(_ side: Side, until isReady: @Sendable (borrowing State) -> Bool) async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { (waiter: Waiter) in
                let isReady = state.withLock { state in
                    if isReady(state) || Task.isCancelled { return true }
                    state.waiters[side] = waiter
                    return false
                }
                if isReady { waiter.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: side) }?.resume()
        }
    }
}
