import Logging
import PraisonCore

/// Fetches what came with a message, as far as a language model can look at it: pictures, PDFs, and files that are text.
struct MediaFetch: Sendable {
    /// Pictures and files of one turn; the first ones count.
    static let maximumCount = 8
    /// Bytes of a file's text.
    static let maximumText = 128 << 10
    /// Bytes of all PDFs of one turn. As text in Base64 they must fit into the smallest request that providers take, 20 MB
    /// at https://ai.google.dev/gemini-api/docs/document-processing.
    static let maximumFiles = 14 << 20
    /// For one file.
    static let timeLimit: Duration = .seconds(30)

    let adapter: (any ChannelAdapter)?
    /// Bytes of one file.
    let limit: Int
    var speech = SpeechSettings()
    /// Writes down what is said; `nil` where nobody can.
    var transcriber: (any Transcriber)?
    /// How the conversation tells who speaks, which nothing that is said may pass for.
    var attribution: Attribution?
    let clock: any GatewayClock
    let logger: Logger

    /// What is wanted of an attachment.
    private enum Use { case picture, text, pdf, words, nothing }

    /// The messages with their pictures and texts. Of what can't be shown to a model it is told why, lest it make up what
    /// is in it.
    ///
    /// - Throws: `CancellationError`
    func filled(_ messages: [ChatMessage]) async throws -> [ChatMessage] {
        var messages = messages
        var room = Self.maximumCount
        var bytesOfFiles = 0
        for index in messages.indices {
            var notes: [String] = []
            var left = 0
            for attachment in messages[index].attachments {
                guard let use = use(of: attachment) else { continue }
                guard room > 0 else {
                    left += 1
                    continue
                }
                guard use != .nothing else {
                    let reason =
                        attachment.kind == .document
                        ? "it is neither text, a PDF nor a picture (PNG, JPEG, GIF, WebP)" : "videos are not looked at"
                    notes.append(Self.note(on: attachment, reason))
                    continue
                }
                guard use != .words || transcriber != nil && speech.isOn else {
                    notes.append(Self.note(on: attachment, ""))
                    continue
                }
                let limit = use == .pdf ? min(limit, Self.maximumFiles - bytesOfFiles) : limit
                guard attachment.size ?? 0 <= limit else {
                    notes.append(Self.note(on: attachment, "it is larger than \(limit) bytes"))
                    continue
                }
                room -= 1
                guard let bytes = try await bytes(of: attachment, limit) else {
                    notes.append(Self.note(on: attachment, "it could not be fetched"))
                    continue
                }
                if use == .words {
                    if let words = try await words(in: attachment, bytes) {
                        let text = messages[index].text
                        messages[index].text = text.isEmpty ? words : "\(text)\n\(words)"
                    } else {
                        notes.append(Self.note(on: attachment, ""))
                    }
                } else if let type = Self.imageType(of: bytes) {
                    messages[index].images.append(InlineImage(mimeType: type, bytes: bytes))
                } else if Self.isPDF(bytes) {
                    bytesOfFiles += bytes.count
                    let name = Self.name(attachment)
                    messages[index].files.append(
                        InlineFile(
                            name: name.isEmpty ? "document.pdf" : name, mimeType: "application/pdf", bytes: bytes))
                } else if use == .text {
                    if let document = Self.document(attachment, bytes) {
                        messages[index].documents.append(document)
                    } else {
                        notes.append(Self.note(on: attachment, "it is no text"))
                    }
                } else {
                    let expected = use == .pdf ? "PDF" : "picture of a known kind (PNG, JPEG, GIF, WebP)"
                    notes.append(Self.note(on: attachment, "it is no \(expected)"))
                }
            }
            if left > 0 {
                notes.append("[\(counted(left, "more attachment")) not looked at: there are too many at once]")
            }
            messages[index].add(notes)
        }
        return messages
    }

    /// `nil` for what a line in the message says all of, such as a place, and for what is not looked at anyway.
    private func use(of attachment: Attachment) -> Use? {
        switch attachment.kind {
        case .voice, .audio: .words
        case .image: .picture
        case .document where Self.isText(attachment): .text
        case .document where Self.isPDF(attachment): .pdf
        case .document: Self.imageType(attachment) == nil ? .nothing : .picture
        case .sticker: Self.imageType(attachment) == nil ? nil : .picture
        case .video, .animation: .nothing
        case .location, .contact, .poll, .dice, .story, .other: nil
        }
    }

    /// `nil` where the platform has nothing to fetch, or does not hand it out.
    private func bytes(of attachment: Attachment, _ limit: Int) async throws -> [UInt8]? {
        guard let adapter = adapter as? any DownloadsMedia, attachment.reference != nil else { return nil }
        do {
            return try await withTimeout(Self.timeLimit, clock: clock) {
                try await adapter.download(attachment, limit: limit)
            }
        } catch {
            try Task.checkCancellation()
            logger.notice(
                "an attachment can't be fetched",
                metadata: ["kind": "\(attachment.kind.rawValue)", "error": "\(error)"])
            return nil
        }
    }

    /// What is said in a recording; `nil` where nobody can tell.
    private func words(in attachment: Attachment, _ bytes: [UInt8]) async throws -> String? {
        guard let transcriber else { return nil }
        let type = attachment.mimeType ?? "audio/ogg"
        let ending = ["audio/mpeg": "mp3", "audio/mp4": "m4a", "audio/wav": "wav", "audio/webm": "webm"][type] ?? "ogg"
        do {
            let text = try await transcriber.text(
                of: Recording(bytes: bytes, fileName: attachment.fileName ?? "voice.\(ending)", mimeType: type),
                by: speech)
            return text.isEmpty ? nil : Fence.escaped(attribution?.escaped(text) ?? text)
        } catch {
            try Task.checkCancellation()
            logger.notice("a voice message can't be written down", metadata: ["error": "\(error)"])
            return nil
        }
    }

    private static func isPDF(_ attachment: Attachment) -> Bool {
        attachment.kind == .document
            && (attachment.mimeType?.lowercased() == "application/pdf"
                || attachment.fileName?.lowercased().hasSuffix(".pdf") == true)
    }

    /// What the bytes are; readers let something stand before the mark.
    static func isPDF(_ bytes: [UInt8]) -> Bool { bytes.prefix(1024).firstRange(of: Array("%PDF-".utf8)) != nil }

    /// Said to the model of what it would expect to see.
    private static func note(on attachment: Attachment, _ reason: String) -> String {
        switch attachment.kind {
        case .voice: return "(a voice message that could not be written down)"
        case .audio: return "(a recording that could not be written down)"
        default:
            let name = name(attachment)
            let kind =
                switch attachment.kind {
                case .document: "file"
                case .image: "picture"
                case .video, .animation: "video"
                default: "sticker"
                }
            return "[the \(kind)\(name.isEmpty ? "" : " \(name)") can't be read: \(reason)]"
        }
    }

    /// The file's name, without what could pass for words of ours.
    private static func name(_ attachment: Attachment) -> String { Fence.label(attachment.fileName ?? "") }

    private static func isText(_ attachment: Attachment) -> Bool {
        guard attachment.kind == .document else { return false }
        let type = attachment.mimeType?.lowercased() ?? ""
        let ending = attachment.fileName?.lowercased().split(separator: ".").last.map(String.init) ?? ""
        return type.hasPrefix("text/")
            || ["application/json", "application/xml", "application/yaml", "application/x-yaml"].contains(type)
            || ["txt", "md", "csv", "json", "yaml", "yml", "log", "xml", "html"].contains(ending)
    }

    private static func imageType(_ attachment: Attachment) -> String? {
        guard attachment.kind == .document || attachment.kind == .sticker else { return nil }
        return attachment.mimeType.flatMap {
            ["image/png", "image/jpeg", "image/gif", "image/webp"].contains($0) ? $0 : nil
        }
    }

    /// What the bytes are, whatever the platform calls them: a wrong type makes providers refuse the whole request.
    static func imageType(of bytes: [UInt8]) -> String? {
        if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47]) { return "image/png" }
        if bytes.starts(with: [0xFF, 0xD8, 0xFF]) { return "image/jpeg" }
        if bytes.starts(with: Array("GIF8".utf8)) { return "image/gif" }
        if bytes.starts(with: Array("RIFF".utf8)), bytes.dropFirst(8).starts(with: Array("WEBP".utf8)) {
            return "image/webp"
        }
        return nil
    }

    /// `nil` for what is no text, whatever its name says.
    private static func document(_ attachment: Attachment, _ bytes: [UInt8]) -> InlineDocument? {
        let isCut = bytes.count > maximumText
        // A character cut in two at the end becomes a replacement character, which is honest enough.
        let text = CharacterEncoding.text(Array(bytes.prefix(maximumText)), isCut: isCut)
        guard !text.utf8.contains(0) else { return nil }
        let rest = isCut ? "\n[cut: the file has \(bytes.count) bytes]" : ""
        return InlineDocument(name: attachment.fileName ?? "file", text: text + rest)
    }
}

extension ChatMessage {
    /// Says it after the text, once: a message that is answered anew has it already.
    fileprivate mutating func add(_ notes: [String]) {
        let notes = notes.filter { !text.contains($0) }.joined(separator: "\n")
        guard !notes.isEmpty else { return }
        // In it are names that came with what was passed on.
        let said = isForwarded == true ? Fence.wrap(notes, in: "forwarded") : notes
        text = text.isEmpty ? said : "\(text)\n\(said)"
    }
}
