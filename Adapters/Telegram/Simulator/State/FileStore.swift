import PraisonCore

/// Files sent by people and bots, each under a `file_id`; the oldest go when there are too many bytes.
struct FileStore {
    struct File: Hashable, Sendable {
        var id: String
        var uniqueID: String
        var kind: Attachment.Kind
        var name: String
        var mimeType: String?
        var path: String
        /// Bytes; kept apart from the content, which may be gone.
        var size: Int

        /// A `PhotoSize`, `Document`, `Video`, … object without what only one of them has.
        var json: [String: JSONValue] {
            ["file_id": .string(id), "file_unique_id": .string(uniqueID), "file_size": JSONValue(size)]
        }
    }

    /// Bytes kept.
    static let capacity = 128 << 20
    /// Files remembered.
    private static let maximumCount = 10_000

    private var files: [String: File] = [:]
    private var contents: [String: [UInt8]] = [:]
    private var order: [String] = []
    private var bytes = 0
    private var count = 0

    mutating func add(_ kind: Attachment.Kind, name: String, mimeType: String?, content: [UInt8]) -> File {
        count += 1
        let dot = name.lastIndex(of: ".")
        let ending = dot.map { String(name[$0...]) } ?? Self.ending(of: kind)
        let file = File(
            id: "\(Self.prefix(of: kind))IAAxkBAAI\(count)Y", uniqueID: "AgAD\(count)", kind: kind, name: name,
            mimeType: mimeType ?? Self.mimeType(of: kind), path: "\(Self.folder(of: kind))/file_\(count)\(ending)",
            size: content.count)
        files[file.id] = file
        contents[file.path] = content
        order.append(file.id)
        bytes += content.count
        while bytes > Self.capacity || order.count > Self.maximumCount, order.count > 1 { removeOldest() }
        return file
    }

    func file(_ id: String) -> File? { files[id] }

    func content(at path: String) -> [UInt8]? { contents[path] }

    private mutating func removeOldest() {
        guard let file = files.removeValue(forKey: order.removeFirst()) else { return }
        bytes -= contents.removeValue(forKey: file.path)?.count ?? 0
    }

    // MARK: How the Bot API names things

    private static func folder(of kind: Attachment.Kind) -> String {
        switch kind {
        case .image: "photos"
        case .video: "videos"
        case .audio: "music"
        case .voice: "voice"
        case .sticker: "stickers"
        case .animation: "animations"
        default: "documents"
        }
    }

    private static func prefix(of kind: Attachment.Kind) -> String {
        switch kind {
        case .image: "AgAC"
        case .voice: "AwAC"
        case .video: "BAAC"
        case .audio: "CQAC"
        case .animation: "CgAC"
        case .sticker: "CAAC"
        default: "BQAC"
        }
    }

    private static func ending(of kind: Attachment.Kind) -> String {
        switch kind {
        case .image: ".jpg"
        case .video, .animation: ".mp4"
        case .voice: ".oga"
        case .audio: ".mp3"
        case .sticker: ".webp"
        default: ""
        }
    }

    /// The type of an upload: told from its name, else from its kind, and only then what the part of the form says,
    /// where libraries put `application/octet-stream`.
    static func mimeType(of upload: BotCall.Upload, as kind: Attachment.Kind) -> String {
        let ending = upload.name.lowercased().split(separator: ".").dropFirst().last.map(String.init) ?? ""
        return types[ending] ?? mimeType(of: kind) ?? upload.mimeType ?? "application/octet-stream"
    }

    private static let types = [
        "mp3": "audio/mpeg", "m4a": "audio/mp4", "flac": "audio/flac", "wav": "audio/x-wav", "ogg": "audio/ogg",
        "oga": "audio/ogg", "opus": "audio/ogg", "mp4": "video/mp4", "mov": "video/quicktime", "webm": "video/webm",
        "mkv": "video/x-matroska", "jpg": "image/jpeg", "jpeg": "image/jpeg", "png": "image/png", "gif": "image/gif",
        "webp": "image/webp", "pdf": "application/pdf", "txt": "text/plain", "csv": "text/csv", "html": "text/html",
        "md": "text/markdown", "json": "application/json", "xml": "application/xml", "zip": "application/zip",
    ]

    private static func mimeType(of kind: Attachment.Kind) -> String? {
        switch kind {
        case .image: "image/jpeg"
        case .video, .animation: "video/mp4"
        case .voice: "audio/ogg"
        case .audio: "audio/mpeg"
        case .sticker: "image/webp"
        default: nil
        }
    }
}
