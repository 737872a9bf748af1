public import PraisonCore

extension TelegramAdapter: EditsMessages, ShowsTyping, Reacts, DownloadsMedia {
    private var sender: TelegramSender { TelegramSender(api: api, context: context) }

    public func send(_ message: OutboundMessage) async throws(ChannelError) -> MessageReceipt {
        try await sender.send(message)
    }

    /// Overwrites `message.replaces`. Where that message is gone, the text is sent as a new one.
    public func edit(_ message: OutboundMessage) async throws(ChannelError) -> MessageReceipt {
        try await sender.edit(message)
    }

    public func showTyping(in conversation: Conversation) async throws(ChannelError) {
        var parameters = TelegramTarget(conversation).parameters
        parameters["action"] = "typing"
        try await call("sendChatAction", parameters)
    }

    public func react(
        to message: MessageID, in conversation: Conversation, with emoji: String?
    ) async throws(ChannelError) {
        guard let number = Int64(message.rawValue) else {
            throw .malformed(reason: "\(message) is no message of Telegram's")
        }
        // Telegram's list has ❤ without the mark that asks for a coloured picture (U+FE0F), and refuses it with one.
        let plain = emoji.map { String(String.UnicodeScalarView($0.unicodeScalars.filter { $0 != "\u{FE0F}" })) }
        let reaction: [JSONValue] = plain.map { [["type": "emoji", "emoji": .string($0)]] } ?? []
        try await call(
            "setMessageReaction",
            [
                "chat_id": TelegramTarget.identifier(conversation.id.rawValue), "message_id": JSONValue(number),
                "reaction": .array(reaction),
            ])
    }

    /// Fetches through `getFile`; the public servers give out files of up to 20 MB.
    public func download(_ attachment: Attachment, limit: Int) async throws(ChannelError) -> [UInt8] {
        guard let reference = attachment.reference else {
            throw .rejected(reason: "this attachment has no content to download")
        }
        let limit = min(limit, settings.maximumDownload)
        if let size = attachment.size, size > limit { throw Self.tooLarge(size, limit) }
        let file = try await call("getFile", ["file_id": .string(reference)])
        if let size = file["file_size"]?.int, size > limit { throw Self.tooLarge(size, limit) }
        guard let path = file["file_path"]?.string, !path.isEmpty else {
            throw .unavailable(reason: "Telegram did not tell where the file is")
        }
        guard !path.hasPrefix("/"), !path.split(separator: "/").contains("..") else {
            throw .rejected(reason: "the Bot API server keeps files on its own disk; run it without --local")
        }
        do {
            return try await api.file(at: path, limit: limit)
        } catch {
            if case .noAnswer(let failure) = error.cause, failure.reason == .bodyTooLarge {
                throw .rejected(reason: "the file is larger than the limit of \(limit) bytes")
            }
            // Reading twice does no harm, so nothing here is ambiguous.
            if case .noAnswer = error.cause { throw .unavailable(reason: error.text) }
            if error.code == 404 || error.cause == .garbled(status: 404) {
                throw .rejected(reason: "the file is not there any more")
            }
            throw error.channelError(for: context.channel)
        }
    }

    private static func tooLarge(_ size: Int, _ limit: Int) -> ChannelError {
        .rejected(reason: "the file has \(size) bytes, more than the limit of \(limit)")
    }

    @discardableResult
    private func call(_ method: String, _ parameters: [String: JSONValue]) async throws(ChannelError) -> JSONDocument {
        do {
            return try await api.call(method, parameters)
        } catch {
            throw error.channelError(for: context.channel)
        }
    }
}
