public import PraisonCore
import Synchronization

/// What is known of every channel right now: its adapter, whether it may work, how it fares, and when it last heard
/// something. Whoever runs a part of the channel watches `changes()`.
public final class ChannelBoard: Sendable {
    /// Whether a channel hears and speaks.
    public struct Standing: Hashable, Sendable {
        public enum State: Hashable, Sendable {
            case on
            /// Switched off in the configuration, or by an operator.
            case off
            /// Waits until somebody mends the cause.
            case parked
        }

        public var state: State
        /// Rises whenever the adapter is to start anew.
        public var starts = 0
        /// Rises whenever the channel got through again, so that what failed before may succeed now.
        public var recoveries = 0
    }

    private struct Place {
        var platform: Platform
        var adapter: (any ChannelAdapter)?
        var health: ChannelHealth
        var standing: Standing
        var lastInboundAt: Timestamp?
    }

    private struct State {
        var places: [ChannelName: Place] = [:]
        var order: [ChannelName] = []
        var watchers: [AsyncStream<Void>.Continuation] = []

        func tellWatchers() {
            for watcher in watchers { watcher.yield() }
        }
    }

    private let state = Mutex(State())
    private let feed: EventFeed
    private let clock: any GatewayClock
    private let entropy: any Entropy

    init(feed: EventFeed, clock: any GatewayClock, entropy: any Entropy) {
        self.feed = feed
        self.clock = clock
        self.entropy = entropy
    }

    func add(_ name: ChannelName, platform: Platform, adapter: (any ChannelAdapter)?, health: ChannelHealth) {
        let standing: Standing.State =
            switch health {
            case .off: .off
            case .failed: .parked
            case .starting, .receiving, .degraded: .on
            }
        state.withLock { state in
            if state.places[name] == nil { state.order.append(name) }
            state.places[name] = Place(
                platform: platform, adapter: adapter, health: health, standing: Standing(state: standing))
            state.tellWatchers()
        }
    }

    // MARK: Asking

    public func adapter(of name: ChannelName) -> (any ChannelAdapter)? {
        state.withLock { $0.places[name]?.adapter }
    }

    public func health(of name: ChannelName) -> ChannelHealth? {
        state.withLock { $0.places[name]?.health }
    }

    func standing(of name: ChannelName) -> Standing? {
        state.withLock { $0.places[name]?.standing }
    }

    var standings: [ChannelName: Standing] {
        state.withLock { $0.places.mapValues(\.standing) }
    }

    /// The adapter, where the channel may speak.
    func speaker(of name: ChannelName) -> (any ChannelAdapter)? {
        state.withLock { $0.places[name].flatMap { $0.standing.state == .on ? $0.adapter : nil } }
    }

    /// A word at once, and whenever the standing of a channel has changed since the last one.
    func changes() -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        state.withLock { $0.watchers.append(continuation) }
        continuation.yield()
        return stream
    }

    public var channels: [GatewayStatus.Channel] {
        state.withLock { state in
            state.order.compactMap { name in
                state.places[name].map {
                    GatewayStatus.Channel(
                        name: name, platform: $0.platform, health: $0.health, lastInboundAt: $0.lastInboundAt)
                }
            }
        }
    }

    // MARK: Telling

    /// Takes an adapter's word about itself. A channel that is off or parked stays so, whatever its adapter says while
    /// it ends.
    ///
    /// - Returns: the health before, where it is a different one, so that changes can be logged once.
    @discardableResult
    public func report(_ health: ChannelHealth, of name: ChannelName) -> ChannelHealth? {
        let previous = state.withLock { state -> ChannelHealth? in
            guard let place = state.places[name], place.standing.state == .on, place.health != health else {
                return nil
            }
            state.places[name]?.health = health
            if health == .receiving, place.health.word == "degraded" {
                state.places[name]?.standing.recoveries += 1
                state.tellWatchers()
            }
            return place.health
        }
        if let previous { publish(health, after: previous, of: name) }
        return previous
    }

    func heard(_ name: ChannelName, at now: Timestamp) {
        state.withLock { $0.places[name]?.lastInboundAt = now }
    }

    /// Switches a channel on, which also starts an adapter anew that runs already, or off, or parks it.
    func set(_ standing: Standing.State, _ health: ChannelHealth, of name: ChannelName) {
        let previous = state.withLock { state -> ChannelHealth? in
            guard let place = state.places[name] else { return nil }
            state.places[name]?.standing.state = standing
            if standing == .on { state.places[name]?.standing.starts += 1 }
            state.places[name]?.health = health
            state.tellWatchers()
            return place.health
        }
        if let previous, previous != health { publish(health, after: previous, of: name) }
    }

    func install(_ adapter: any ChannelAdapter, as name: ChannelName) {
        state.withLock { $0.places[name]?.adapter = adapter }
    }

    /// A channel that comes, goes or fails is an event like any other.
    private func publish(_ health: ChannelHealth, after previous: ChannelHealth, of name: ChannelName) {
        let type: EventType
        switch health {
        case .receiving: type = .connect
        case .degraded, .failed: type = .error
        case .off: type = .disconnect
        case .starting: return
        }
        guard feed.isHeard else { return }
        var fields: [String: JSONValue] = ["channel": .string(name.rawValue), "health": .string(health.word)]
        fields["reason"] = health.reason.map(JSONValue.string)
        feed.publish(
            GatewayEvent(
                type: type, payload: .fields(fields), id: EventID("channel/\(entropy.uuid())"), timestamp: clock.now,
                source: name.rawValue))
    }
}
