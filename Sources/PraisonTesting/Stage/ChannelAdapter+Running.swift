public import PraisonCore
import Testing

extension ChannelAdapter {
    /// Runs the adapter while `body` runs, then stops it and waits for it.
    ///
    /// - Throws: what `body` throws, or what ended the adapter first.
    public func running<Value: Sendable>(
        _ body: @escaping @Sendable (Self) async throws -> Value
    ) async throws -> Value {
        try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask {
                do {
                    try await run()
                } catch is CancellationError {
                    return nil
                }
                if !Task.isCancelled { Issue.record("the adapter ended by itself") }
                return nil
            }
            group.addTask { try await body(self) }
            defer { group.cancelAll() }
            while let result = try await group.next() {
                if let value = result {
                    group.cancelAll()
                    try await group.waitForAll()
                    return value
                }
            }
            throw CancellationError()
        }
    }
}
