/// Why a call to a platform failed, with a case for each thing that happens next.
public enum ChannelError: Error, Hashable, Sendable {
    /// Wait exactly this long, then try again; nothing was done.
    case rateLimited(retryAfter: Duration)
    /// The platform is in trouble or out of reach and did nothing; try again with growing pauses.
    case unavailable(reason: String)
    /// The call may have been carried out; ask before repeating it, or mark the repeat.
    case ambiguous(reason: String)
    /// The token is refused: stop the channel until somebody mends the configuration.
    case unauthorized(reason: String)
    /// The platform will never do this here (blocked, no rights, chat gone): give up on this target.
    case rejected(reason: String)
    /// We asked for something impossible (too long, bad markup): our mistake, repeating won't help.
    case malformed(reason: String)
    /// The conversation has a new identifier; try again there.
    case moved(to: Conversation.ID)
}

extension ChannelError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .rateLimited(let wait): "rate limited, told to wait \(wait.inWords)"
        case .unavailable(let reason): "unavailable: \(reason)"
        case .ambiguous(let reason): "outcome unknown: \(reason)"
        case .unauthorized(let reason): "unauthorized: \(reason)"
        case .rejected(let reason): "rejected: \(reason)"
        case .malformed(let reason): "malformed request: \(reason)"
        case .moved(let id): "conversation moved to \(id)"
        }
    }
}
