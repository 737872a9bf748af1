import PraisonCore

/// Lets somebody outside a piece of work stop it. May be given once; later calls change nothing.
final class StopSignal: Sendable {
    private let given = Observed(false)

    var isStopped: Bool { given.value }

    func stop() { given.change { $0 = true } }

    /// Returns when the signal is given, or when the waiting task is cancelled.
    func wait() async { await given.wait { $0 } }

    /// Runs `work` and cancels it when the signal is given; what it throws then is up to it.
    func stopping<Value: Sendable>(_ work: @escaping @Sendable () async throws -> Value) async throws -> Value {
        try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { try await work() }
            group.addTask {
                await self.wait()
                return nil
            }
            while let result = try await group.next() {
                group.cancelAll()
                if let result { return result }
            }
            throw CancellationError()
        }
    }
}
