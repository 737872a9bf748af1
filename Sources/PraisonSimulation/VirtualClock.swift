public import PraisonCore
import Synchronization

/// Time that stands still until somebody advances it.
///
/// Code under test sleeps; the test waits for that with ``nextSleeper(count:)``, then moves time with ``advance(by:)``. No
/// real time passes and nothing yields and hopes.
public final class VirtualClock: GatewayClock {
    private struct Sleeper {
        let id: Int
        let deadline: Duration
        let continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var uptime: Duration = .zero
        var nextID = 0
        var sleepers: [Sleeper] = []
        var cancelled: Set<Int> = []
        /// Those who wait until at least `count` tasks sleep.
        var watchers: [(id: Int, count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let start: Timestamp
    private let state = Mutex(State())

    /// - Parameter start: what the calendar shows at first; 2026-01-01T00:00:00Z unless told otherwise.
    public init(start: Timestamp = Timestamp(microseconds: 1_767_225_600_000_000)) {
        self.start = start
    }

    public var now: Timestamp { start + uptime }
    public var uptime: Duration { state.withLock { $0.uptime } }

    public func sleep(for duration: Duration) async throws {
        try Task.checkCancellation()
        guard duration > .zero else { return }
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        defer { state.withLock { _ = $0.cancelled.remove(id) } }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                enqueue(id: id, duration: duration, continuation)
            }
        } onCancel: {
            cancel(id)
        }
    }

    private func enqueue(id: Int, duration: Duration, _ continuation: CheckedContinuation<Void, any Error>) {
        let (wasCancelled, woken) = state.withLock { state in
            if state.cancelled.remove(id) != nil { return (true, [CheckedContinuation<Void, Never>]()) }
            state.sleepers.append(
                Sleeper(id: id, deadline: state.uptime + duration, continuation: continuation))
            let woken = state.watchers.filter { $0.count <= state.sleepers.count }.map(\.continuation)
            state.watchers.removeAll { $0.count <= state.sleepers.count }
            return (false, woken)
        }
        if wasCancelled { continuation.resume(throwing: CancellationError()) }
        for watcher in woken { watcher.resume() }
    }

    private func cancel(_ id: Int) {
        let sleeper = state.withLock { state in
            guard let index = state.sleepers.firstIndex(where: { $0.id == id }) else {
                state.cancelled.insert(id)
                return Sleeper?.none
            }
            return state.sleepers.remove(at: index)
        }
        sleeper?.continuation.resume(throwing: CancellationError())
    }

    /// Returns once at least `count` tasks sleep on this clock, or when the waiting task is cancelled: a test that waits
    /// in vain ends with its time limit.
    public func nextSleeper(count: Int = 1) async {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        // Cancelled after it was woken, it is no watcher any more, and nobody else would forget it.
        defer { state.withLock { _ = $0.cancelled.remove(id) } }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let ready = state.withLock { state in
                    if state.sleepers.count >= count || state.cancelled.remove(id) != nil { return true }
                    state.watchers.append((id, count, continuation))
                    return false
                }
                if ready { continuation.resume() }
            }
        } onCancel: {
            stopWatching(id)
        }
    }

    private func stopWatching(_ id: Int) {
        let watcher = state.withLock { state in
            guard let index = state.watchers.firstIndex(where: { $0.id == id }) else {
                state.cancelled.insert(id)
                return CheckedContinuation<Void, Never>?.none
            }
            return state.watchers.remove(at: index).continuation
        }
        watcher?.resume()
    }

    /// Moves time and wakes those whose time has come, the earliest first.
    public func advance(by duration: Duration) {
        let due = state.withLock { state in
            state.uptime += duration
            let due = state.sleepers.filter { $0.deadline <= state.uptime }.sorted { $0.deadline < $1.deadline }
            state.sleepers.removeAll { $0.deadline <= state.uptime }
            return due
        }
        for sleeper in due { sleeper.continuation.resume() }
    }

    /// Moves time exactly to the earliest sleeper's moment and wakes it; waits for one if nobody sleeps.
    ///
    /// - Returns: how far time moved.
    @discardableResult
    public func advanceToNextSleeper() async -> Duration {
        await nextSleeper()
        return advanceIfAnybodySleeps() ?? .zero
    }

    /// Moves time exactly to the earliest sleeper's moment and wakes it.
    ///
    /// - Returns: how far time moved; `nil` when nobody sleeps.
    @discardableResult
    public func advanceIfAnybodySleeps() -> Duration? {
        let step = state.withLock { state in state.sleepers.map(\.deadline).min().map { $0 - state.uptime } }
        if let step { advance(by: step) }
        return step
    }

    /// How many tasks sleep now.
    public var sleeperCount: Int { state.withLock { $0.sleepers.count } }

    /// Cancellations that wait for those they are meant for, for tests of what grows.
    var cancelledCount: Int { state.withLock { $0.cancelled.count } }
}
