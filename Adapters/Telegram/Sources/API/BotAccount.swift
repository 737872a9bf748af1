import PraisonCore
import Synchronization

/// Who this bot is, as soon as Telegram has told.
///
/// A lock rather than an actor: webhook deliveries read it on their way and must not wait for anybody.
final class BotAccount: Sendable {
    struct Identity: Hashable, Sendable {
        var id: SenderID
        var username: String?
    }

    private let state: Mutex<Identity?> = Mutex(nil)

    var identity: Identity? {
        get { state.withLock { $0 } }
        set { state.withLock { $0 = newValue } }
    }
}
