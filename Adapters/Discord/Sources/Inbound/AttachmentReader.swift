import PraisonCore

/// Reads what comes with a message: files, stickers, a poll.
struct AttachmentReader {
    /// The message itself, also where the files hang on one that it forwards.
    let message: JSONDocument

    func attachments(of body: JSONDocument) -> [Attachment] {
        let isVoice = (body["flags"]?.int ?? 0) & (1 << 13) != 0
        var attachments = (body["attachments"]?.elements ?? []).map { file($0, isVoice: isVoice) }
        for sticker in body["sticker_items"]?.elements ?? [] {
            attachments.append(
                Attachment(
                    kind: .sticker, uniqueReference: sticker["id"]?.string, title: sticker["name"]?.string))
        }
        if let question = body["poll"]?["question"]?["text"]?.string {
            attachments.append(Attachment(kind: .poll, title: question))
        }
        return attachments
    }

    /// Source: https://docs.discord.com/developers/resources/message#attachment-object
    func file(_ file: JSONDocument, isVoice: Bool = false) -> Attachment {
        let type = file["content_type"]?.string.map { String($0.prefix { $0 != ";" }) }
        let id = file["id"]?.string
        return Attachment(
            kind: isVoice ? .voice : Self.kind(of: type),
            reference: id.flatMap { id in
                file["url"]?.string.map { AttachmentReference(message: message, id: id, url: $0).text }
            },
            uniqueReference: id, fileName: file["title"]?.string ?? file["filename"]?.string, mimeType: type,
            size: file["size"]?.int,
            duration: file["duration_secs"]?.double.map { Int(min(max($0, 0), 1e6).rounded()) },
            title: file["description"]?.string)
    }

    private static func kind(of type: String?) -> Attachment.Kind {
        guard let type else { return .document }
        if type == "image/gif" { return .animation }
        switch type.prefix(while: { $0 != "/" }) {
        case "image": return .image
        case "video": return .video
        case "audio": return .audio
        default: return .document
        }
    }
}

/// How to get an attachment's content: by its address as long as that is valid (about a day), then through its message.
struct AttachmentReference: Hashable {
    var channel: String
    var message: String
    var id: String
    var url: String

    init(message: JSONDocument, id: String, url: String) {
        channel = message["channel_id"]?.string ?? ""
        self.message = message["id"]?.string ?? ""
        self.id = id
        self.url = url
    }

    /// `CHANNEL/MESSAGE/ATTACHMENT URL`
    var text: String { "\(channel)/\(message)/\(id) \(url)" }

    init?(_ text: String) {
        let halves = text.split(separator: " ", maxSplits: 1)
        guard halves.count == 2 else { return nil }
        let numbers = halves[0].split(separator: "/", omittingEmptySubsequences: false).map { String($0) }
        guard numbers.count == 3 else { return nil }
        (channel, message, id) = (numbers[0], numbers[1], numbers[2])
        url = String(halves[1])
    }
}
