import Dispatch
import Synchronization

/// Runs what happens in a scenario one step after the other, and moves a ``VirtualClock`` to the next sleeper's moment
/// whenever nobody can take a step.
///
/// Whether a task is at work or waits can't be seen from outside; time that moves after "a while" without news runs away
/// from the work on a loaded machine, and looks like timeouts and losses that never were. An executor knows. A day goes
/// by as fast as its work is done, and in the same order each time.
///
/// Sockets, threads of others and tasks outside the tree (`Task {}`) are no part of this.
public final class VirtualTime: TaskExecutor {
    private let clock: VirtualClock
    private let queue = DispatchQueue(label: "virtual time")
    /// Steps that can be taken.
    private let ready = Mutex(0)

    public init(of clock: VirtualClock) { self.clock = clock }

    /// Runs `body` and its child tasks; time passes until it returns.
    public func run<Value: Sendable, Failure: Error>(
        _ body: @Sendable () async throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        try await withTaskExecutorPreference(self, operation: body)
    }

    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        ready.withLock { $0 += 1 }
        queue.async { [self] in
            job.runSynchronously(on: asUnownedTaskExecutor())
            let isIdle = ready.withLock { ready in
                ready -= 1
                return ready == 0
            }
            if isIdle { clock.advanceIfAnybodySleeps() }
        }
    }
}
