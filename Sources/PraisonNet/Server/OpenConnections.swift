import NIOCore
import Synchronization

/// A connection as the server sees it, whatever is spoken on it.
protocol OpenConnection: AnyObject, Sendable {
    var channel: any Channel { get }
    /// Lets what is under way be the last.
    func stop()
}

/// The connections of a server: how many there may be, and whom to tell when it stops.
final class OpenConnections: Sendable {
    private struct State {
        var connections: [ObjectIdentifier: any OpenConnection] = [:]
        var isStopping = false
        var cut: Scheduled<Void>?
    }

    private let limit: Int
    private let state = Mutex(State())

    init(limit: Int) { self.limit = limit }

    /// - Returns: whether there was room.
    func add(_ connection: any OpenConnection) -> Bool {
        state.withLock { state in
            guard !state.isStopping, state.connections.count < limit else { return false }
            state.connections[ObjectIdentifier(connection.channel)] = connection
            return true
        }
    }

    /// From now on `connection` is what its channel is about.
    func replace(by connection: any OpenConnection) {
        let isStopping = state.withLock { state in
            state.connections[ObjectIdentifier(connection.channel)] = connection
            return state.isStopping
        }
        if isStopping { connection.stop() }
    }

    func remove(_ channel: any Channel) {
        _ = state.withLock { $0.connections.removeValue(forKey: ObjectIdentifier(channel)) }
    }

    /// Lets every connection finish what it is at, and cuts those that have not after `grace`.
    func stop(cuttingAfter grace: Duration, on loop: any EventLoop, _ alsoCut: @escaping @Sendable () -> Void) {
        let cut = loop.scheduleTask(in: TimeAmount(grace)) {
            alsoCut()
            for connection in self.state.withLock({ Array($0.connections.values) }) {
                connection.channel.close(promise: nil)
            }
        }
        let connections = state.withLock { state in
            state.isStopping = true
            state.cut = cut
            return Array(state.connections.values)
        }
        for connection in connections { connection.stop() }
    }

    /// Nothing is left to cut.
    func finish() {
        state.withLock { $0.cut }?.cancel()
    }
}
