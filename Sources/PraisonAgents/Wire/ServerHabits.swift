import PraisonCore
import Synchronization

/// What one server has taught us: the fields it refuses, and which of two paths is its own. Shared by all turns.
final class ServerHabits: Sendable {
    private struct State {
        var dialect: RequestDialect
        var path = 0
    }

    private let state: Mutex<State>

    init(_ dialect: RequestDialect) { state = Mutex(State(dialect: dialect)) }

    var dialect: RequestDialect { state.withLock { $0.dialect } }
    /// Which of ``ServerEndpoint/urls`` to ask.
    var path: Int { state.withLock { $0.path } }

    /// Remembers the path that answered.
    func confirm(path: Int) { state.withLock { $0.path = path } }

    /// - Parameter dialect: what the refused request was written in.
    /// - Returns: what the server is not sent from now on; `nil` where asking again makes no sense.
    func giveWay(
        to rejection: ServerRejection, of request: ModelRequest, after dialect: RequestDialect
    ) -> RequestDialect.Concession? {
        guard rejection.isAboutContent else { return nil }
        return state.withLock { state in
            state.dialect != dialect ? .known : state.dialect.giveWay(to: rejection, of: request)
        }
    }
}
