import Synchronization

/// A reply that somebody waits for; settled once.
final class ReplyWaiter: Sendable {
    private typealias Asker = CheckedContinuation<GatewayClient.Reply, any Error>

    private struct State {
        var result: Result<GatewayClient.Reply, any Error>?
        var asker: Asker?
    }

    private let state = Mutex(State())

    /// For one asker.
    func reply() async throws -> GatewayClient.Reply {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (asker: Asker) in
                let result = state.withLock { state in
                    if state.result == nil { state.asker = asker }
                    return state.result
                }
                if let result { asker.resume(with: result) }
            }
        } onCancel: {
            settle(.failure(CancellationError()))
        }
    }

    func settle(_ result: Result<GatewayClient.Reply, any Error>) {
        let asker = state.withLock { state -> Asker? in
            guard state.result == nil else { return nil }
            state.result = result
            defer { state.asker = nil }
            return state.asker
        }
        asker?.resume(with: result)
    }
}
