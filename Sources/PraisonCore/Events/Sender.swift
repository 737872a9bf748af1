/// Who wrote a message.
public struct Sender: Hashable, Sendable, Codable {
    public var id: SenderID
    /// The short public name (`@ada` without the `@`), if the platform has one and the person set it.
    public var username: String?
    public var displayName: String?
    public var isBot: Bool

    public init(id: SenderID, username: String? = nil, displayName: String? = nil, isBot: Bool = false) {
        self.id = id
        self.username = username
        self.displayName = displayName
        self.isBot = isBot
    }
}
