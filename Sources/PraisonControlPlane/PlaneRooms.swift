import Logging
import PraisonCore

/// What every part of the control plane works with. A class, because every client, session and task holds it.
final class PlaneRooms: Sendable {
    let server: ServerSettings
    let session: SessionSettings
    let hub: any Hub
    /// `nil` keeps sessions in memory only.
    let store: (any ClientSessionStore)?
    let clock: any GatewayClock
    let entropy: any Entropy
    let logger: Logger

    init(
        server: ServerSettings, session: SessionSettings, hub: any Hub, store: (any ClientSessionStore)?,
        clock: any GatewayClock, entropy: any Entropy, logger: Logger
    ) {
        self.server = server
        self.session = session
        self.hub = hub
        self.store = store
        self.clock = clock
        self.entropy = entropy
        self.logger = logger
    }

    var logLimits: SessionLog.Limits {
        SessionLog.Limits(messages: session.maxMessages, bytes: server.maxBufferedBytes)
    }
}
