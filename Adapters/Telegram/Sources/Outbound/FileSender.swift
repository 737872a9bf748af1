import PraisonCore

/// Sends files: one by the call made for its kind, several as an album, the text as a caption where it fits.
///
/// Source: https://core.telegram.org/bots/api#sending-files
struct FileSender: Sendable {
    /// UTF-16 units; never fewer than the code points Telegram counts.
    static let captionLimit = 1024
    /// Bytes a bot may upload, and bytes of a photo; a larger photo goes as a document.
    static let uploadLimit = 50 << 20
    static let photoLimit = 10 << 20
    static let albumLimit = 10

    let sender: TelegramSender
    let context: ChannelContext

    func send(_ message: OutboundMessage, to target: TelegramTarget) async throws(ChannelError) -> MessageReceipt {
        var files: [Upload] = []
        for file in message.files { files.append(try Upload(file)) }
        var caption = sender.rendered(message)
        var target = target
        var receipt: MessageReceipt?
        if caption.text.utf16.count > Self.captionLimit {
            receipt = try await sender.sendText(caption, to: target)
            caption = MarkdownText(plain: "")
            target.replyTo = nil
        }
        for group in Self.groups(of: files) {
            do {
                let result = try await sender.attempt(to: target, caption) { target, caption throws(BotAPIError) in
                    try await postOrFallBack(group, target, caption)
                }
                receipt = receipt ?? sender.receipt(result)
            } catch {
                // Part of it is there: sending all of it once more is for somebody who knows.
                guard receipt != nil else { throw error }
                throw .ambiguous(reason: "a part arrived, the next did not: \(error)")
            }
            caption = MarkdownText(plain: "")
            target.replyTo = nil
        }
        guard let receipt else { throw .malformed(reason: "a message without text and files") }
        return receipt
    }

    /// Runs of files that may share an album, in order. Telegram mixes photos with videos, and nothing else.
    static func groups(of files: [Upload]) -> [[Upload]] {
        var groups: [[Upload]] = []
        for file in files {
            if let last = groups.last?.last, let group = file.album, last.album == group,
                groups[groups.count - 1].count < albumLimit
            {
                groups[groups.count - 1].append(file)
            } else {
                groups.append([file])
            }
        }
        return groups
    }

    /// Too wide, too tall, or in a form Telegram does not know: it may still be wanted as a file.
    private func postOrFallBack(
        _ group: [Upload], _ target: TelegramTarget, _ caption: MarkdownText
    ) async throws(BotAPIError) -> JSONDocument {
        do {
            return try await post(group, target, caption)
        } catch {
            let isUnshowable = error.says("photo_invalid") || error.says("image_process_failed")
            guard error.code == 400, isUnshowable, group.contains(where: { $0.album == .visual }) else { throw error }
            return try await post(group.map(\.asDocument), target, caption)
        }
    }

    private func post(
        _ group: [Upload], _ target: TelegramTarget, _ caption: MarkdownText
    ) async throws(BotAPIError) -> JSONDocument {
        var form = MultipartForm(entropy: context.entropy)
        for (name, value) in target.parameters { form.add(name, value) }
        if group.count == 1, let file = group.first {
            if !caption.text.isEmpty {
                form.add("caption", .string(caption.text))
                if let entities = caption.entitiesJSON { form.add("caption_entities", entities) }
            }
            file.add(to: &form, as: file.field)
            return try await sender.api.upload(file.method, form)
        }
        var media: [JSONValue] = []
        for (index, file) in group.enumerated() {
            var item: [String: JSONValue] = ["type": .string(file.field)]
            if let url = file.url {
                item["media"] = .string(url)
            } else {
                item["media"] = "attach://file\(index)"
                file.add(to: &form, as: "file\(index)")
            }
            if index == 0, !caption.text.isEmpty {
                item["caption"] = .string(caption.text)
                item["caption_entities"] = caption.entitiesJSON
            }
            media.append(.object(item))
        }
        form.add("media", .array(media))
        return try await sender.api.upload("sendMediaGroup", form)
    }
}
