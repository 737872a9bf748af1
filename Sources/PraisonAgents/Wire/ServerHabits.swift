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
    /// - Returns: whether asking again makes sense; another turn may have learned the same meanwhile.
    func giveWay(to refusal: String, after dialect: RequestDialect) -> Bool {
        state.withLock { state in
            state.dialect != dialect || state.dialect.giveWay(to: refusal)
        }
    }
}
