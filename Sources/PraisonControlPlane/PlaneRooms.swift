import Logging
import PraisonCore

/// What every part of the control plane works with.
struct PlaneRooms: Sendable {
    var server: ServerSettings
    var session: SessionSettings
    var hub: any Hub
    /// `nil` keeps sessions in memory only.
    var store: (any ClientSessionStore)?
    var clock: any GatewayClock
    var entropy: any Entropy
    var logger: Logger

    var logLimits: SessionLog.Limits {
        SessionLog.Limits(frames: session.maxMessages, bytes: server.maxBufferedBytes)
    }
}
