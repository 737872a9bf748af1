public import PraisonCore
import Synchronization

/// A journal that only remembers what it was given, and can be made to take nothing for a while.
public final class EventRecorder: Sendable {
    public struct Refusal: Error, CustomStringConvertible {
        public var description: String { "the journal takes nothing now" }
    }

    private struct State {
        var events: [GatewayEvent] = []
        var health: [ChannelHealth] = []
        var refusals = 0
        var refused = 0
        var nextWatcher = 0
        var watchers: [Int: (condition: @Sendable (Snapshot) -> Bool, continuation: CheckedContinuation<Void, Never>)] =
            [:]
        var cancelled: Set<Int> = []

        var snapshot: Snapshot { Snapshot(events: events, health: health, refused: refused) }
    }

    /// What was heard so far.
    public struct Snapshot: Sendable {
        public var events: [GatewayEvent]
        public var health: [ChannelHealth]
        /// Events that were given and not taken.
        public var refused: Int

        /// The texts of messages that somebody said.
        public var texts: [String] { messages.map(\.text) }

        public var messages: [InboundMessage] { events.compactMap(\.message).filter { $0.kind == .message } }

        /// The same without repetitions, which have the same identifier.
        public var distinct: Snapshot {
            var seen: Set<EventID> = []
            return Snapshot(events: events.filter { seen.insert($0.id).inserted }, health: health, refused: refused)
        }
    }

    private let state = Mutex(State())

    public init() {}

    public var snapshot: Snapshot { state.withLock { $0.snapshot } }

    /// The next `count` events are given in vain.
    public func refuse(next count: Int) { state.withLock { $0.refusals = count } }

    public func accept(_ events: [GatewayEvent]) throws {
        let isRefused = change { state in
            guard state.refusals > 0 else {
                state.events += events
                return false
            }
            state.refusals -= 1
            state.refused += events.count
            return true
        }
        if isRefused { throw Refusal() }
    }

    public func report(_ health: ChannelHealth) {
        change { state in if state.health.count < 100_000 { state.health.append(health) } }
    }

    private func change<Value>(_ body: (inout State) -> Value) -> Value {
        let (value, woken) = state.withLock { state in
            let value = body(&state)
            let snapshot = state.snapshot
            let due = state.watchers.filter { $0.value.condition(snapshot) }
            for id in due.keys { state.watchers[id] = nil }
            return (value, due.values.map(\.continuation))
        }
        for continuation in woken { continuation.resume() }
        return value
    }

    /// Returns once `condition` holds, or when the waiting task is cancelled.
    public func wait(until condition: @escaping @Sendable (Snapshot) -> Bool) async {
        let id = state.withLock { state in
            state.nextWatcher += 1
            return state.nextWatcher
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isDone = state.withLock { state in
                    if state.cancelled.remove(id) != nil || condition(state.snapshot) { return true }
                    state.watchers[id] = (condition, continuation)
                    return false
                }
                if isDone { continuation.resume() }
            }
        } onCancel: {
            let watcher = state.withLock { state in
                guard let watcher = state.watchers.removeValue(forKey: id) else {
                    state.cancelled.insert(id)
                    return CheckedContinuation<Void, Never>?.none
                }
                return watcher.continuation
            }
            watcher?.resume()
        }
    }
}

/// Cursors that last as long as the test.
public final class MemoryCursors: CursorStore {
    private let values = Mutex<[String: String]>([:])

    public init() {}

    public func cursor(_ key: String) async throws -> String? { values.withLock { $0[key] } }

    public func save(_ value: String?, for key: String) async throws { values.withLock { $0[key] = value } }

    public var all: [String: String] { values.withLock { $0 } }
}
