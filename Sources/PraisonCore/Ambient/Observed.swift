import Synchronization

/// A value that is waited on, instead of being asked for again and again.
public final class Observed<Value: Sendable>: Sendable {
    private struct Watcher {
        let condition: @Sendable (Value) -> Bool
        let continuation: CheckedContinuation<Void, Never>
    }

    private struct State {
        var value: Value
        var watchers: [Int: Watcher] = [:]
        /// Those who no longer wait, before they have begun to.
        var cancelled: Set<Int> = []
        var nextWatcher = 0
    }

    private let state: Mutex<State>

    public init(_ value: Value) { state = Mutex(State(value: value)) }

    public var value: Value { state.withLock { $0.value } }

    /// Changes the value and wakes those who have waited for what it is now.
    @discardableResult
    public func change<Result: Sendable>(_ body: (inout Value) -> Result) -> Result {
        let (result, due) = state.withLock { state in
            let result = body(&state.value)
            let due = state.watchers.filter { $0.value.condition(state.value) }
            for id in due.keys { state.watchers[id] = nil }
            return (result, due.values.map(\.continuation))
        }
        for continuation in due { continuation.resume() }
        return result
    }

    /// Returns once `condition` holds, or when the waiting task is cancelled.
    ///
    /// - Parameter condition: only looks at the value; it is asked at every change, while nobody else can change it.
    /// - Returns: the value at that moment or later.
    @discardableResult
    public func wait(until condition: @escaping @Sendable (Value) -> Bool) async -> Value {
        let id = state.withLock { state in
            state.nextWatcher += 1
            return state.nextWatcher
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    if state.cancelled.contains(id) || condition(state.value) { return true }
                    state.watchers[id] = Watcher(condition: condition, continuation: continuation)
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            let watcher = state.withLock { state in
                state.cancelled.insert(id)
                return state.watchers.removeValue(forKey: id)
            }
            watcher?.continuation.resume()
        }
        return state.withLock { state in
            state.cancelled.remove(id)
            return state.value
        }
    }
}
