import Dispatch
import Synchronization

/// Runs what happens in a scenario one step after the other, and moves a ``VirtualClock`` to the next sleeper's moment
/// whenever nobody can take a step.
///
/// Whether a task is at work or waits can't be seen from outside; time that moves after "a while" without news runs away
/// from the work on a loaded machine, and looks like timeouts and losses that never were. An executor knows. A day goes
/// by as fast as its work is done, and in the same order each time.
///
/// Sockets and tasks outside the tree (`Task {}`) are no part of this, nor are threads of others except within
/// ``standingStill(_:)``.
public final class VirtualTime: TaskExecutor {
    private struct State {
        /// Steps that can be taken, and work of others that time waits for.
        var ready = 0
        var watcher: Watcher?
    }

    private struct Watcher {
        let condition: @Sendable () -> Bool
        let continuation: CheckedContinuation<Bool, Never>
    }

    private let clock: VirtualClock
    private let queue = DispatchQueue(label: "virtual time")
    private let state = Mutex(State())

    public init(of clock: VirtualClock) { self.clock = clock }

    /// Runs `body` and its child tasks; time passes until it returns.
    public func run<Value: Sendable, Failure: Error>(
        _ body: @Sendable () async throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        try await withTaskExecutorPreference(self, operation: body)
    }

    /// Runs `work`, part of which others do that the executor can't see, such as a database's threads: no time passes
    /// before it returns.
    public func standingStill<Value: Sendable>(_ work: @Sendable () async throws -> Value) async rethrows -> Value {
        state.withLock { $0.ready += 1 }
        defer { endStep() }
        return try await work()
    }

    /// Lets time pass until `condition` holds while nobody can take a step: what had to happen by then has happened. One
    /// task at a time may wait.
    ///
    /// - Returns: `false` when the condition does not hold and nothing can happen any more: nobody waits for time either.
    public func passes(until condition: @escaping @Sendable () -> Bool) async -> Bool {
        await withCheckedContinuation { continuation in
            state.withLock { state in
                precondition(state.watcher == nil, "somebody waits already")
                state.ready += 1
                state.watcher = Watcher(condition: condition, continuation: continuation)
            }
            endStep()
        }
    }

    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        state.withLock { $0.ready += 1 }
        queue.async { [self] in
            job.runSynchronously(on: asUnownedTaskExecutor())
            endStep()
        }
    }

    private func endStep() {
        let (isIdle, watcher) = state.withLock { state in
            state.ready -= 1
            return (state.ready == 0, state.watcher)
        }
        guard isIdle else { return }
        if watcher?.condition() != true, clock.advanceIfAnybodySleeps() != nil { return }
        guard let watcher else { return }
        state.withLock { $0.watcher = nil }
        watcher.continuation.resume(returning: watcher.condition())
    }
}
