import Synchronization

/// A `getUpdates` that waits: for an update, or for the end of its patience.
final class PollWaiter: Sendable {
    enum End: Sendable {
        case update
        case timeout
        case conflict(BotRefusal)
    }

    private struct State {
        var end: End?
        var continuation: CheckedContinuation<End, Never>?
    }

    private let state = Mutex(State())

    /// The first call counts.
    func end(_ end: End) {
        let continuation = state.withLock { state in
            guard state.end == nil else { return CheckedContinuation<End, Never>?.none }
            state.end = end
            defer { state.continuation = nil }
            return state.continuation
        }
        continuation?.resume(returning: end)
    }

    /// How it ended; `.timeout` also when the waiting task is cancelled. To be asked once.
    var outcome: End {
        get async {
            await withTaskCancellationHandler {
                await withCheckedContinuation { continuation in
                    let end = state.withLock { state in
                        if state.end == nil { state.continuation = continuation }
                        return state.end
                    }
                    if let end { continuation.resume(returning: end) }
                }
            } onCancel: {
                end(.timeout)
            }
        }
    }
}
