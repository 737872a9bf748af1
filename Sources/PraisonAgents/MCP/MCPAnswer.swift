import PraisonCore
import Synchronization

/// A place where one answer will be, and somebody who waits for it.
final class MCPAnswer: Sendable {
    private struct State {
        var result: Result<JSONDocument, any Error>?
        var waiter: CheckedContinuation<JSONDocument, any Error>?
    }

    private let state = Mutex(State())

    func succeed(_ answer: JSONDocument) { settle(.success(answer)) }
    func fail(_ error: any Error) { settle(.failure(error)) }

    /// The first result counts.
    private func settle(_ result: Result<JSONDocument, any Error>) {
        let waiter = state.withLock { state -> CheckedContinuation<JSONDocument, any Error>? in
            guard state.result == nil else { return nil }
            state.result = result
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume(with: result)
    }

    /// To be waited for once.
    func value() async throws -> JSONDocument {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let known = state.withLock { state in
                    if state.result == nil { state.waiter = continuation }
                    return state.result
                }
                if let known { continuation.resume(with: known) }
            }
        } onCancel: {
            fail(CancellationError())
        }
    }
}
