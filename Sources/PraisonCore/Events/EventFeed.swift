import Synchronization

/// Tells everybody who listens what happens, as it happens.
///
/// Nobody is waited for: a listener that falls behind loses the oldest events it has not read. What must not be lost is
/// in the journal.
public final class EventFeed: Sendable {
    private struct State {
        var nextID = 0
        var listeners: [Int: AsyncStream<GatewayEvent>.Continuation] = [:]
    }

    private let state = Mutex(State())

    public init() {}

    /// Whether anybody listens; spares the making of events for nobody.
    public var isHeard: Bool { state.withLock { !$0.listeners.isEmpty } }

    /// Hands the event to all who listen now. Cheap, and never waits.
    public func publish(_ event: GatewayEvent) {
        // Under the lock, so that everybody gets events in the same order.
        state.withLock { state in
            for listener in state.listeners.values { listener.yield(event) }
        }
    }

    /// Events from now on, until the iteration ends or its task is cancelled.
    ///
    /// - Parameter limit: events kept for a listener that falls behind.
    public func subscribe(buffering limit: Int = 1024) -> AsyncStream<GatewayEvent> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: GatewayEvent.self, bufferingPolicy: .bufferingNewest(limit))
        let id = state.withLock { state in
            state.nextID += 1
            state.listeners[state.nextID] = continuation
            return state.nextID
        }
        continuation.onTermination = { [weak self] _ in self?.forget(id) }
        return stream
    }

    private func forget(_ id: Int) {
        // The continuation is destroyed outside the lock: that may end another stream, which comes back here.
        let forgotten = state.withLock { $0.listeners.removeValue(forKey: id) }
        _ = forgotten
    }
}
