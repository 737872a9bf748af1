import PraisonCore
import Synchronization

/// The signs of life of a connection's other end.
final class Pulse: Sendable {
    static let ping = #"{"type":"ping"}"#
    static let pong = #"{"type":"pong"}"#
    /// Between two pings, until the gateway says what it wants.
    static let usualInterval = Duration.seconds(30)

    private let clock: any GatewayClock
    private let lastHeard: Mutex<Duration>

    init(clock: any GatewayClock) {
        self.clock = clock
        lastHeard = Mutex(clock.uptime)
    }

    func heard() {
        let now = clock.uptime
        lastHeard.withLock { $0 = now }
    }

    /// Pings, and closes a connection that has gone silent: it is dead, whatever the network says.
    func watch(_ connection: any WebSocketConnection, every interval: Duration) async throws {
        while true {
            try await clock.sleep(for: interval)
            if clock.uptime - lastHeard.withLock({ $0 }) > interval * 2 {
                connection.close(.goingAway, reason: "silence")
                return
            }
            try await connection.send(.text(Self.ping))
        }
    }
}
