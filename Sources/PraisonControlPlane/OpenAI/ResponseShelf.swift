import PraisonCore
import Synchronization

/// The last responses, for whoever wants to see one again, and those under way, to be looked at and cancelled. In memory
/// only.
final class ResponseShelf: Sendable {
    private static let capacity = 1000
    private static let byteLimit = 16 << 20

    private struct Key: Hashable {
        var owner: String
        var id: ResponseID
    }

    /// A response that is not finished.
    struct Running: Sendable {
        var call: AgentCall
        var object: ResponseObject
        /// Keeps the turn going where nobody waits for it.
        fileprivate var open: OpenCall?
    }

    private struct State {
        var running: [Key: Running] = [:]
        var responses: [Key: [UInt8]] = [:]
        var order: [Key] = []
        var bytes = 0
    }

    private let state = Mutex(State())

    /// Notes a response under way; once it has ended it is kept, unless its request did not want that or its caller has
    /// hung up.
    ///
    /// - Parameter inBackground: whether nobody waits for it.
    func begin(_ object: ResponseObject, _ open: OpenCall, of owner: String, inBackground: Bool) {
        let key = Key(owner: owner, id: object.id)
        state.withLock {
            $0.running[key] = Running(call: open.call, object: object, open: inBackground ? open : nil)
        }
        open.call.whenOver(dropsParts: inBackground) { message in
            if let message, object.isStored { self.keep(object.ended(message), key) }
            // The call may go with it, which wants to know nothing of us then.
            let ended = self.state.withLock { $0.running.removeValue(forKey: key) }
            _ = ended
        }
    }

    func running(_ id: ResponseID, of owner: String) -> Running? {
        state.withLock { $0.running[Key(owner: owner, id: id)] }
    }

    func response(_ id: ResponseID, of owner: String) -> [UInt8]? {
        state.withLock { $0.responses[Key(owner: owner, id: id)] }
    }

    private func keep(_ response: JSONValue, _ key: Key) {
        let text = response.bytes()
        guard text.count <= Self.byteLimit else { return }
        state.withLock { state in
            guard state.responses.updateValue(text, forKey: key) == nil else { return }
            state.order.append(key)
            state.bytes += text.count
            while state.order.count > Self.capacity || state.bytes > Self.byteLimit {
                state.bytes -= state.responses.removeValue(forKey: state.order.removeFirst())?.count ?? 0
            }
        }
    }
}
