/// Says something in a conversation in which nobody asked.
public protocol MessageSender: Sendable {
    /// Commits the message to the outbox, which delivers it, split where it is too long.
    ///
    /// - Parameter key: the same for the same message: sent twice under one key, it is said once.
    /// - Throws: ``MessageSenderError``, or an error of the store's.
    func send(_ text: String, to conversation: Conversation, key: String) async throws
}

/// Why a message can't be sent, in words for whoever wants it sent.
public struct MessageSenderError: Error, Hashable, Sendable, CustomStringConvertible {
    public var description: String
    public init(_ description: String) { self.description = description }
}
