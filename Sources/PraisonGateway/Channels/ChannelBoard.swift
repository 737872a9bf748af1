public import PraisonCore
import Synchronization

/// What is known of every channel right now: its adapter, its health, and when it last heard something.
public final class ChannelBoard: Sendable {
    private struct Place {
        var platform: Platform
        var adapter: (any ChannelAdapter)?
        var health: ChannelHealth
        var lastInboundAt: Timestamp?
    }

    private let places: Mutex<[ChannelName: Place]> = Mutex([:])
    private let order: Mutex<[ChannelName]> = Mutex([])

    public init() {}

    public func add(_ name: ChannelName, platform: Platform, adapter: (any ChannelAdapter)?, health: ChannelHealth) {
        places.withLock { $0[name] = Place(platform: platform, adapter: adapter, health: health) }
        order.withLock { if !$0.contains(name) { $0.append(name) } }
    }

    public func adapter(of name: ChannelName) -> (any ChannelAdapter)? {
        places.withLock { $0[name]?.adapter }
    }

    public func health(of name: ChannelName) -> ChannelHealth? {
        places.withLock { $0[name]?.health }
    }

    /// - Returns: the health before, where it is a different one, so that changes can be logged once.
    @discardableResult
    public func report(_ health: ChannelHealth, of name: ChannelName) -> ChannelHealth? {
        places.withLock { places in
            guard let previous = places[name]?.health, previous != health else { return nil }
            places[name]?.health = health
            return previous
        }
    }

    public func heard(_ name: ChannelName, at now: Timestamp) {
        places.withLock { $0[name]?.lastInboundAt = now }
    }

    public var channels: [GatewayStatus.Channel] {
        let places = places.withLock { $0 }
        return order.withLock { $0 }.compactMap { name in
            places[name].map {
                GatewayStatus.Channel(
                    name: name, platform: $0.platform, health: $0.health, lastInboundAt: $0.lastInboundAt)
            }
        }
    }
}
