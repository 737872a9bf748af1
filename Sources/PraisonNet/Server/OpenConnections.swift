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
    enum Admission: Hashable, Sendable {
        case admitted
        /// There are as many as there may be.
        case full
        /// There are as many strangers from that address as there may be.
        case crowded
    }

    private struct Entry {
        var connection: any OpenConnection
        /// Whose strangers are counted; `nil` where they are not.
        var peer: String?
        /// Whether nothing is under way on it, and nobody was let in.
        var isStranger = true
    }

    private struct State {
        var entries: [ObjectIdentifier: Entry] = [:]
        var strangers: [String: Int] = [:]
        var isStopping = false
        var cut: Scheduled<Void>?

        mutating func count(_ change: Int, of peer: String) {
            let count = strangers[peer, default: 0] + change
            strangers[peer] = count > 0 ? count : nil
        }
    }

    private let limit: Int
    private let strangerLimit: Int
    private let state = Mutex(State())

    /// - Parameter strangersPerPeer: 0 for no limit.
    init(limit: Int, strangersPerPeer: Int = 0) {
        self.limit = limit
        strangerLimit = strangersPerPeer
    }

    /// - Parameter peer: the address whose strangers are counted, where they are.
    func add(_ connection: any OpenConnection, from peer: String?) -> Admission {
        let peer = strangerLimit > 0 ? peer : nil
        return state.withLock { state in
            if let peer, state.strangers[peer, default: 0] >= strangerLimit { return .crowded }
            guard !state.isStopping, state.entries.count < limit else { return .full }
            state.entries[ObjectIdentifier(connection.channel)] = Entry(connection: connection, peer: peer)
            if let peer { state.count(1, of: peer) }
            return .admitted
        }
    }

    /// Notes whether nothing is under way on a connection, and nobody was let in.
    func note(_ channel: any Channel, isStranger: Bool) {
        state.withLock { state in
            let id = ObjectIdentifier(channel)
            guard let entry = state.entries[id], entry.isStranger != isStranger else { return }
            state.entries[id]?.isStranger = isStranger
            if let peer = entry.peer { state.count(isStranger ? 1 : -1, of: peer) }
        }
    }

    /// From now on `connection` is what its channel is about.
    func replace(by connection: any OpenConnection) {
        let isStopping = state.withLock { state in
            state.entries[ObjectIdentifier(connection.channel)]?.connection = connection
            return state.isStopping
        }
        if isStopping { connection.stop() }
    }

    func remove(_ channel: any Channel) {
        state.withLock { state in
            let entry = state.entries.removeValue(forKey: ObjectIdentifier(channel))
            if let entry, entry.isStranger, let peer = entry.peer { state.count(-1, of: peer) }
        }
    }

    /// Lets every connection finish what it is at, and cuts those that have not after `grace`.
    func stop(cuttingAfter grace: Duration, on loop: any EventLoop, _ alsoCut: @escaping @Sendable () -> Void) {
        let cut = loop.scheduleTask(in: TimeAmount(grace)) {
            alsoCut()
            for connection in self.connections { connection.channel.close(promise: nil) }
        }
        let connections = state.withLock { state in
            state.isStopping = true
            state.cut = cut
            return state.entries.values.map(\.connection)
        }
        for connection in connections { connection.stop() }
    }

    private var connections: [any OpenConnection] { state.withLock { $0.entries.values.map(\.connection) } }

    /// Nothing is left to cut.
    func finish() {
        state.withLock { $0.cut }?.cancel()
    }
}
