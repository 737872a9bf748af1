/// What a person types to a control plane to stop what runs. The gateway takes it for an `abort`, so that it must reach it
/// now or never: sent again after a reconnection it would stop whatever runs by then.
public enum StopWord: Hashable, Sendable {
    /// `stop`, `/stop`: the turn that runs.
    case turn
    /// `/cancel`, `/stop all`: that, and what waits behind it.
    case session

    /// - Returns: `nil` for all other words.
    public init?(_ text: String) {
        guard let first = text.firstIndex(where: { !$0.isWhitespace }),
            let last = text.lastIndex(where: { !$0.isWhitespace })
        else { return nil }
        switch text[first...last].lowercased() {
        case "stop", "/stop": self = .turn
        case "/cancel", "/stop all": self = .session
        default: return nil
        }
    }
}
