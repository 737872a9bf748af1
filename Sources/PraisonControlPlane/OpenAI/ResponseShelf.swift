import PraisonCore
import Synchronization

/// The last responses, for whoever wants to see one again; and those under way, to be cancelled. In memory only.
final class ResponseShelf: Sendable {
    private static let capacity = 1000
    private static let byteLimit = 16 << 20

    private struct Key: Hashable {
        var owner: String
        var id: ResponseID
    }

    private struct State {
        var responses: [Key: [UInt8]] = [:]
        var order: [Key] = []
        var bytes = 0
    }

    private let state = Mutex(State())

    func keep(_ response: JSONValue, _ id: ResponseID, of owner: String) {
        let text = response.bytes()
        guard text.count <= Self.byteLimit else { return }
        state.withLock { state in
            let key = Key(owner: owner, id: id)
            guard state.responses.updateValue(text, forKey: key) == nil else { return }
            state.order.append(key)
            state.bytes += text.count
            while state.order.count > Self.capacity || state.bytes > Self.byteLimit {
                state.bytes -= state.responses.removeValue(forKey: state.order.removeFirst())?.count ?? 0
            }
        }
    }

    func response(_ id: ResponseID, of owner: String) -> [UInt8]? {
        state.withLock { $0.responses[Key(owner: owner, id: id)] }
    }
}
