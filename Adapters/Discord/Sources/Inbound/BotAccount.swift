import PraisonCore
import Synchronization

/// Who this bot is, as READY told, kept across restarts: a resumed session does not tell again.
final class BotAccount: Sendable {
    struct Identity: Hashable, Sendable {
        var id: SenderID
        var username: String?
        /// Commands and answers to interactions are the application's.
        var application: String

        init(id: SenderID, username: String?, application: String) {
            self.id = id
            self.username = username
            self.application = application
        }

        init?(ready: JSONDocument) {
            guard let id = ready["user"]?["id"]?.string else { return nil }
            self.init(
                id: SenderID(id), username: ready["user"]?["username"]?.string,
                application: ready["application"]?["id"]?.string ?? id)
        }

        init?(_ text: String) {
            guard let document = try? JSONDocument(parsing: text), let id = document["id"]?.string else { return nil }
            self.init(
                id: SenderID(id), username: document["username"]?.string,
                application: document["application"]?.string ?? id)
        }

        var text: String {
            JSONValue.object([
                "id": .string(id.rawValue), "username": JSONValue(username), "application": .string(application),
            ]).text()
        }
    }

    private let state: Mutex<Identity?> = Mutex(nil)

    var identity: Identity? {
        get { state.withLock { $0 } }
        set { state.withLock { $0 = newValue } }
    }
}
