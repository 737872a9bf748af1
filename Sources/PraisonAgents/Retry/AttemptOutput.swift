import PraisonCore
import Synchronization

/// What one attempt to get an answer has said: told at once where it is watched, so that the question can't be asked
/// again behind somebody's back; else only when the answer is complete.
final class AttemptOutput: Sendable {
    private struct State {
        var isShown = false
        var held: [ModelEvent] = []
    }

    private let state = Mutex(State())
    private let isWatched: Bool
    private let emit: @Sendable (ModelEvent) async throws -> Void

    init(of request: ModelRequest, _ emit: @escaping @Sendable (ModelEvent) async throws -> Void) {
        isWatched = request.isWatched
        self.emit = emit
    }

    /// Whether somebody may have read part of the answer.
    var isShown: Bool { state.withLock { $0.isShown } }

    func take(_ event: ModelEvent) async throws {
        guard isWatched else { return state.withLock { $0.held.append(event) } }
        if event.isVisible { state.withLock { $0.isShown = true } }
        try await emit(event)
    }

    /// Tells what was held back, now that the answer is complete.
    func release() async throws {
        let held = state.withLock { state in
            defer { state.held = [] }
            return state.held
        }
        for event in held { try await emit(event) }
    }
}
