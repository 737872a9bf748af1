import PraisonCore

/// One file on its way up: its bytes, or an address Telegram fetches it from.
struct Upload: Sendable {
    /// The kinds that may stand together in an album.
    enum Album: Hashable { case visual, audio, document }

    private enum Content {
        case bytes([UInt8])
        case url(String)
    }

    private let content: Content
    private let name: String
    private let mimeType: String?
    /// The call that sends it, and the name of its parameter in that call.
    private(set) var method: String
    private(set) var field: String
    private(set) var album: Album?

    init(_ file: OutboundMessage.File) throws(ChannelError) {
        name = file.name.isEmpty ? "file" : file.name
        mimeType = file.mimeType
        if case .url(let url) = file.source {
            content = .url(url)
        } else {
            content = .bytes(try file.content(limit: FileSender.uploadLimit))
        }
        var size = 0
        if case .bytes(let bytes) = content { size = bytes.count }
        switch file.kind {
        case .image where size <= FileSender.photoLimit: (method, field, album) = ("sendPhoto", "photo", .visual)
        case .video: (method, field, album) = ("sendVideo", "video", .visual)
        case .audio: (method, field, album) = ("sendAudio", "audio", .audio)
        case .voice: (method, field, album) = ("sendVoice", "voice", nil)
        case .animation: (method, field, album) = ("sendAnimation", "animation", nil)
        case .sticker: (method, field, album) = ("sendSticker", "sticker", nil)
        default: (method, field, album) = ("sendDocument", "document", .document)
        }
    }

    /// The same without being looked into: for pictures Telegram cannot show.
    var asDocument: Upload {
        var document = self
        (document.method, document.field, document.album) = ("sendDocument", "document", .document)
        return document
    }

    var url: String? { if case .url(let url) = content { url } else { nil } }

    func add(to form: inout MultipartForm, as field: String) {
        switch content {
        case .bytes(let bytes): form.add(field, fileName: name, mimeType: mimeType, content: bytes)
        case .url(let url): form.add(field, .string(url))
        }
    }
}
