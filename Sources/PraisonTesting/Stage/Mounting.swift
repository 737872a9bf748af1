/// How adapter and simulator meet.
public enum Mounting: String, CaseIterable, Sendable, CustomStringConvertible {
    /// In one process, on a clock that only moves when nobody has anything else to do.
    case inMemory = "in memory"
    /// Over real connections, in real time.
    case overSockets = "over sockets"

    public var description: String { rawValue }
}
