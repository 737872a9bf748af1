import Synchronization

/// A bounded queue between the connection and whoever reads its events: when it is full the connection waits, and so
/// does the gateway. As long as nobody reads, the oldest events make room instead.
final class EventQueue<Element: Sendable>: Sendable {
    private typealias Taker = CheckedContinuation<Void, Never>

    private struct State {
        var elements: [Element] = []
        var isFinished = false
        var hasReader = false
        var takers: [Int: Taker] = [:]
        var nextID = 0
    }

    private let state = Mutex(State())
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    /// Waits while the queue is full; then nothing is added if the task was cancelled or the queue is finished.
    func send(_ element: Element) async {
        await wait { $0.elements.count < self.limit || $0.isFinished || !$0.hasReader }
        wakeAll { state in
            if state.elements.count >= limit { state.elements.removeFirst() }
            if !state.isFinished, !Task.isCancelled { state.elements.append(element) }
        }
    }

    /// The next element; `nil` at the end, or when the task was cancelled.
    func next() async -> Element? {
        await wait { !$0.elements.isEmpty || $0.isFinished }
        return wakeAll { $0.elements.isEmpty ? nil : $0.elements.removeFirst() }
    }

    func addReader() { state.withLock { $0.hasReader = true } }

    func finish() { wakeAll { $0.isFinished = true } }

    /// Returns when `isReady`, or when the task is cancelled.
    private func wait(until isReady: @Sendable (borrowing State) -> Bool) async {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        while !Task.isCancelled, !state.withLock({ isReady($0) }) {
            await withTaskCancellationHandler {
                await withCheckedContinuation { (taker: Taker) in
                    let isReady = state.withLock { state in
                        // Cancelled or not is asked under the lock that the handler takes as well.
                        if isReady(state) || Task.isCancelled { return true }
                        state.takers[id] = taker
                        return false
                    }
                    if isReady { taker.resume() }
                }
            } onCancel: {
                state.withLock { $0.takers.removeValue(forKey: id) }?.resume()
            }
        }
    }

    @discardableResult
    private func wakeAll<Value: Sendable>(_ change: (inout State) -> Value) -> Value {
        let (value, takers) = state.withLock { state in
            let value = change(&state)
            defer { state.takers = [:] }
            return (value, Array(state.takers.values))
        }
        for taker in takers { taker.resume() }
        return value
    }
}
