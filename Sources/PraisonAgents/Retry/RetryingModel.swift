import Logging
import PraisonCore

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
        var attempt = 0
        while true {
            var request = request
            request.timeLimit = deadline - clock.uptime
            let output = AttemptOutput(of: request, emit)
            let response: ModelResponse
            do {
                response = try await model.complete(request, emit: output.take)
            } catch let error as ModelError {
                attempt += 1
                guard !output.isShown,
                    let delay = policy.delay(before: attempt, after: error, jitter: entropy.fraction()),
                    clock.uptime + delay < deadline
                else { throw error }
                logger.notice(
                    "model failed; asking again",
                    metadata: [
                        "model": "\(name)", "error": "\(error)", "attempt": "\(attempt)",
                        "wait": "\(delay.inWords)",
                    ])
                try await clock.sleep(for: delay)
                continue
            }
            try await output.release()
            return response
        }
    }
}
