/// A stretch of a message's text with a meaning of its own.
public struct TextEntity: Hashable, Sendable, Codable {
    public enum Kind: String, Hashable, Sendable, Codable {
        case mention, hashtag, command, url, email, phone
        case bold, italic, underline, strikethrough, spoiler, quote, code, pre, link
        case emoji, other
    }

    public var kind: Kind
    /// Offset from the start of the text, in UTF-16 code units.
    public var offset: Int
    /// In UTF-16 code units.
    public var length: Int
    /// Where a link leads, a code block's language, or the identifier of the person mentioned.
    public var value: String?

    public init(kind: Kind, offset: Int, length: Int, value: String? = nil) {
        self.kind = kind
        self.offset = offset
        self.length = length
        self.value = value
    }
}
