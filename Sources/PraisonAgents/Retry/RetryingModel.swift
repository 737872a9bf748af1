import Logging
import PraisonCore
import Synchronization

/// Asks a model again when it fails before anybody has read a word of the answer.
struct RetryingModel: ModelProvider {
    let model: any ModelProvider
    let policy: RetryPolicy
    let clock: any GatewayClock
    let entropy: any Entropy
    let logger: Logger

    var name: String { model.name }

    func complete(
        _ request: ModelRequest, emit: @escaping @Sendable (ModelEvent) async throws -> Void
    ) async throws -> ModelResponse {
        let deadline = clock.uptime + (request.timeLimit ?? policy.timeLimit)
        let shown = Shown()
        var attempt = 0
        while true {
            var request = request
            request.timeLimit = deadline - clock.uptime
            do {
                return try await model.complete(request) { event in
                    if event.isVisible { shown.mark() }
                    try await emit(event)
                }
            } catch let error as ModelError {
                attempt += 1
                guard !shown.value,
                    let delay = policy.delay(before: attempt, after: error, jitter: entropy.fraction()),
                    clock.uptime + delay < deadline
                else { throw error }
                logger.notice(
                    "model failed; asking again",
                    metadata: [
                        "model": "\(name)", "error": "\(error)", "attempt": "\(attempt)",
                        "wait": "\(delay.inSeconds) s",
                    ])
                try await clock.sleep(for: delay)
            }
        }
    }

    private final class Shown: Sendable {
        private let flag = Mutex(false)
        var value: Bool { flag.withLock { $0 } }
        func mark() { flag.withLock { $0 = true } }
    }
}
