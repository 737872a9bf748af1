import NIOCore
import Synchronization

/// A warning about what may happen thousands of times a second: given at once, then once a second at most.
final class RepeatedWarning: Sendable {
    private static let pause = TimeAmount.seconds(1)

    private struct State {
        var count = 0
        var next: NIODeadline?
    }

    private let state = Mutex(State())

    /// - Parameter warn: is told how often it has happened since the last warning, and not called in between.
    func note(at now: NIODeadline = .now(), _ warn: (_ count: Int) -> Void) {
        let count = state.withLock { state -> Int? in
            state.count += 1
            if let next = state.next, now < next { return nil }
            state.next = now + Self.pause
            defer { state.count = 0 }
            return state.count
        }
        if let count { warn(count) }
    }
}
