public import PraisonCore
import PraisonSimulation
import Synchronization

/// A journal that only remembers what it was given, and can be made to take nothing for a while.
public final class EventRecorder: Sendable {
    public struct Refusal: Error, CustomStringConvertible {
        public var description: String { "the journal takes nothing now" }
    }

    private struct State: Sendable {
        var events: [GatewayEvent] = []
        var health: [ChannelHealth] = []
        var refusals = 0
        var refused = 0

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

    private let state = Observed(State())

    public init() {}

    public var snapshot: Snapshot { state.value.snapshot }

    /// The next `count` events are given in vain.
    public func refuse(next count: Int) { state.change { $0.refusals = count } }

    public func accept(_ events: [GatewayEvent]) throws {
        let isRefused = state.change { state in
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
        state.change { state in if state.health.count < 100_000 { state.health.append(health) } }
    }

    /// Hands over what was heard so far, and forgets it.
    public func take() -> Snapshot {
        state.change { state in
            defer { (state.events, state.health, state.refused) = ([], [], 0) }
            return state.snapshot
        }
    }

    /// Returns once `condition` holds, or when the waiting task is cancelled.
    public func wait(until condition: @escaping @Sendable (Snapshot) -> Bool) async {
        await state.wait { condition($0.snapshot) }
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
