/// A command people may give on a channel, for platforms that show a list of them.
public struct ChannelCommand: Hashable, Sendable {
    /// Lower case, without the slash.
    public var name: String
    /// One line for people.
    public var summary: String
    /// Whether something may be written behind it.
    public var takesArguments: Bool

    public init(name: String, summary: String, takesArguments: Bool = false) {
        self.name = name
        self.summary = summary
        self.takesArguments = takesArguments
    }
}
