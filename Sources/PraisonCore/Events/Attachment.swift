/// A file, place or card that came with a message. Nothing is downloaded until somebody asks.
public struct Attachment: Hashable, Sendable, Codable {
    public enum Kind: String, Hashable, Sendable, Codable {
        case image, video, audio, voice, document, sticker, animation
        case location, contact, poll, dice, story
        /// Something this build does not know; its name is in `title`.
        case other
    }

    public var kind: Kind
    /// What the platform wants to hear when the content is asked for; `nil` where there is nothing to download.
    public var reference: String?
    /// What stays the same when the platform issues a new `reference` for the same content.
    public var uniqueReference: String?
    public var fileName: String?
    public var mimeType: String?
    /// Bytes, where the platform tells.
    public var size: Int?
    /// Seconds, for sound and film.
    public var duration: Int?
    /// A line a person can read: a sticker's emoji, a contact's name, a poll's question, `52.5,13.4`.
    public var title: String?

    public init(
        kind: Kind, reference: String? = nil, uniqueReference: String? = nil, fileName: String? = nil,
        mimeType: String? = nil, size: Int? = nil, duration: Int? = nil, title: String? = nil
    ) {
        self.kind = kind
        self.reference = reference
        self.uniqueReference = uniqueReference
        self.fileName = fileName
        self.mimeType = mimeType
        self.size = size
        self.duration = duration
        self.title = title
    }
}
