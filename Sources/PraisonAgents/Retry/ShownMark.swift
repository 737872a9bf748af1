import PraisonCore
import Synchronization

/// Whether a person may have read part of an answer, so that it can't be asked for again behind their back.
final class ShownMark: Sendable {
    private let flag = Mutex(false)

    var isSet: Bool { flag.withLock { $0 } }

    /// `emit`, watched.
    func watching(
        _ emit: @escaping @Sendable (ModelEvent) async throws -> Void
    ) -> @Sendable (ModelEvent) async throws -> Void {
        { event in
            if event.isVisible { self.flag.withLock { $0 = true } }
            try await emit(event)
        }
    }
}
