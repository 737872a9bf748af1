/// Who is asked on a channel when a tool needs somebody's word.
public struct ApprovalSettings: Hashable, Sendable {
    /// Whether people are asked in their chats; else on the control plane alone.
    public var asksInChat: Bool
    /// People who may answer besides the owner and the administrators, written `7`, or `CHANNEL/7`.
    public var approvers: Set<String>
    /// Whether everybody may answer for themselves; else only those who are trusted.
    public var everybodyForThemselves: Bool

    public init(asksInChat: Bool = true, approvers: Set<String> = [], everybodyForThemselves: Bool = false) {
        self.asksInChat = asksInChat
        self.approvers = approvers
        self.everybodyForThemselves = everybodyForThemselves
    }
}
