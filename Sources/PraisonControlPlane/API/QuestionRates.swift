import PraisonCore
import Synchronization

/// `message_rate` for programs that ask without a connection: per token, or per address where there are none.
final class QuestionRates: Sendable {
    /// Askers remembered at once; more, and all start afresh.
    private static let capacity = 10_000

    private let allowances = Mutex<[String: RateAllowance]>([:])
    private let server: ServerSettings

    init(_ server: ServerSettings) { self.server = server }

    /// - Returns: `nil` when a question may come, else how long it has to wait.
    func take(_ asker: String, at now: Duration) -> Duration? {
        guard server.messageRate > 0 else { return nil }
        return allowances.withLock { allowances in
            if allowances.count >= Self.capacity, allowances[asker] == nil { allowances = [:] }
            return allowances[asker, default: RateAllowance(server, now: now)].take(at: now)
        }
    }
}
