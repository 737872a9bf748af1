import Logging
import PraisonCore
import Synchronization

/// Asks one model after the other until one answers, as long as nobody has read a word of an answer.
///
/// A model that failed rests a while, so that neither the next step of the turn nor the next person waits for its
/// failure again. When all of them rest, all are asked, in their order.
struct FallbackModel: ModelProvider {
    struct Candidate: Sendable {
        var model: any ModelProvider
        var window: ContextWindow
    }

    /// How long a model that failed is passed over, unless its server says.
    static let rest: Duration = .seconds(30)

    let candidates: [Candidate]
    let clock: any GatewayClock
    let logger: Logger
    private let resting = Resting()

    /// - Parameter candidates: at least one, the first choice first.
    init(_ candidates: [Candidate], clock: any GatewayClock, logger: Logger) {
        self.candidates = candidates
        self.clock = clock
        self.logger = logger
    }

    var name: String { candidates.first?.model.name ?? "none" }

    func complete(
        _ request: ModelRequest, emit: @escaping @Sendable (ModelEvent) async throws -> Void
    ) async throws -> ModelResponse {
        var failures: [(name: String, error: ModelError)] = []
        for index in resting.order(of: candidates.count, at: clock.uptime) {
            let (model, window) = (candidates[index].model, candidates[index].window)
            var fitting = request
            // The request was made for the first; the others may hold less.
            fitting.maximumOutputTokens = min(request.maximumOutputTokens, window.output)
            if index > 0 { fitting.messages = ConversationTrim.fit(request.messages, into: window.input) }
            let output = AttemptOutput(of: request, emit)
            let response: ModelResponse
            do {
                response = try await model.complete(fitting, emit: output.take)
            } catch let error as ModelError {
                guard !output.isShown, error.kind != .contextOverflow else { throw error }
                failures.append((model.name, error))
                if error.isAboutServer {
                    resting.begin(index, until: clock.uptime + Self.rest(after: error))
                }
                logger.notice(
                    "model failed; asking the next one", metadata: ["model": "\(model.name)", "error": "\(error)"])
                continue
            }
            resting.end(index)
            try await output.release()
            return response
        }
        throw Self.failure(failures)
    }

    private static func rest(after error: ModelError) -> Duration {
        min(max(error.retryAfter ?? rest, .seconds(1)), RetryAdvice.longestWait)
    }

    /// What the first choice failed of, and in the log the others too.
    private static func failure(_ failures: [(name: String, error: ModelError)]) -> ModelError {
        guard var error = failures.first?.error else {
            return ModelError(.internal, detail: "there is no model to ask")
        }
        guard failures.count > 1 else { return error }
        error.detail = failures.map { "\($0.name): \($0.error.detail)" }.joined(separator: "; ")
        return error
    }

    /// Which candidates rest, and until when.
    private final class Resting: Sendable {
        private let ends = Mutex<[Int: Duration]>([:])

        func begin(_ index: Int, until end: Duration) { ends.withLock { $0[index] = end } }
        func end(_ index: Int) { ends.withLock { $0[index] = nil } }

        /// Those that rest come last.
        func order(of count: Int, at now: Duration) -> [Int] {
            let ends = ends.withLock { $0 }
            let isResting = { (index: Int) in ends[index].map { $0 > now } ?? false }
            return (0..<count).filter { !isResting($0) } + (0..<count).filter(isResting)
        }
    }
}

extension ModelError {
    /// Whether the next question will most likely fail as well, whatever it is.
    fileprivate var isAboutServer: Bool {
        switch kind {
        case .rateLimit, .overloaded, .auth, .billing, .modelNotFound, .idleTimeout, .transient: true
        case .contextOverflow, .invalidRequest, .internal: false
        }
    }
}
