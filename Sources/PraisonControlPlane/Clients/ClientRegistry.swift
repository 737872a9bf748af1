import PraisonCore
import Synchronization

/// The clients connected now.
final class ClientRegistry: Sendable {
    private let clients = Mutex<[String: Client]>([:])
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    /// - Returns: `false` when there are as many as there may be.
    func add(_ client: Client) -> Bool {
        clients.withLock { clients in
            guard clients.count < limit else { return false }
            clients[client.id] = client
            return true
        }
    }

    func remove(_ client: Client) {
        clients.withLock { $0[client.id] = nil }
    }

    var count: Int { clients.withLock { $0.count } }

    var all: [Client] { clients.withLock { Array($0.values) } }

    func client(_ id: String) -> Client? { clients.withLock { $0[id] } }
}
