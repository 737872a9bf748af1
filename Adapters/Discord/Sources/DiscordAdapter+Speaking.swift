public import PraisonCore

extension DiscordAdapter: EditsMessages, ShowsTyping, ShowsWaiting, Reacts, DownloadsMedia, ReconcilesSends,
    FetchesHistory
{
    private var sender: MessageSender {
        MessageSender(api: api, context: context, account: account, interactions: interactions)
    }

    public func send(_ message: OutboundMessage) async throws(ChannelError) -> MessageReceipt {
        try await sender.send(message)
    }

    /// Overwrites `message.replaces`. Where that message is gone, the text is sent as a new one.
    public func edit(_ message: OutboundMessage) async throws(ChannelError) -> MessageReceipt {
        try await sender.edit(message)
    }

    public func receipt(of message: OutboundMessage) async throws(ChannelError) -> MessageReceipt? {
        do {
            return try await SentMessages(api: api, context: context, account: account).receipt(of: message)
        } catch {
            throw readingError(error)
        }
    }

    public func showTyping(in conversation: Conversation) async throws(ChannelError) {
        // A sign that may not be shown now must not hold up the answer it announces.
        do { try await call(.typing(in: conversation.channelNumber)) } catch .rateLimited {}
    }

    /// Slash commands, buttons and forms: those of a command see that the bot is thinking.
    public static func isAwaited(_ event: EventID) -> Bool { event.rawValue.contains("/interaction/") }

    public func react(
        to message: MessageID, in conversation: Conversation, with emoji: String?
    ) async throws(ChannelError) {
        let channel = conversation.channelNumber
        let wanted = emoji.map(ReactionEmoji.init)
        let found = try await call(.message(message.rawValue, in: channel))
        let own = (found["reactions"]?.elements ?? []).filter { $0["me"]?.bool == true }
            .compactMap { ReactionEmoji($0["emoji"]) }
        if let wanted, !own.contains(wanted) {
            try await call(.react(wanted.name, to: message.rawValue, in: channel))
        }
        for old in own where old != wanted { try await call(.unreact(old.name, to: message.rawValue, in: channel)) }
    }

    public func download(_ attachment: Attachment, limit: Int) async throws(ChannelError) -> [UInt8] {
        guard let reference = attachment.reference.flatMap({ AttachmentReference($0) }) else {
            throw .rejected(reason: "this attachment has no content to download")
        }
        let limit = min(limit, settings.maximumDownload)
        if let size = attachment.size, size > limit {
            throw .rejected(reason: "the file has \(size) bytes, more than the limit of \(limit)")
        }
        do {
            return try await file(at: reference.url, limit)
        } catch {
            // The address was signed for about a day; the message tells a new one.
            guard error.isAbsence || error.status == 410, let fresh = try await freshAddress(of: reference) else {
                throw downloadError(error, limit)
            }
            do { return try await file(at: fresh, limit) } catch { throw downloadError(error, limit) }
        }
    }

    private func file(at url: String, _ limit: Int) async throws(DiscordAPIError) -> [UInt8] {
        guard api.isOurs(url) else {
            throw DiscordAPIError(.garbled(status: 404), "the address of the attachment is not Discord's")
        }
        let content = try await api.file(at: url, limit: limit)
        guard content.count <= limit else {
            throw DiscordAPIError(
                .noAnswer(HTTPError(.bodyTooLarge, mayHaveReachedServer: true, detail: "too large")), "too large")
        }
        return content
    }

    private func freshAddress(of reference: AttachmentReference) async throws(ChannelError) -> String? {
        guard !reference.message.isEmpty else { return nil }
        let message: JSONDocument
        do {
            message = try await api.call(.message(reference.message, in: reference.channel))
        } catch {
            if error.isAbsence { return nil }
            throw readingError(error)
        }
        return message["attachments"]?.elements.first { $0["id"]?.string == reference.id }?["url"]?.string
    }

    private func downloadError(_ error: DiscordAPIError, _ limit: Int) -> ChannelError {
        if case .noAnswer(let failure) = error.cause, failure.reason == .bodyTooLarge {
            return .rejected(reason: "the file is larger than the limit of \(limit) bytes")
        }
        if error.isAbsence { return .rejected(reason: "the file is not there any more") }
        return readingError(error)
    }

    public func history(
        of conversation: Conversation, after message: MessageID?, limit: Int
    ) async throws(ChannelError) -> [GatewayEvent] {
        let channel = conversation.channelNumber
        let mark = message.flatMap { Snowflake($0.rawValue) } ?? Snowflake(at: Timestamp(microseconds: 0))
        do {
            let messages = try await CatchUp(api: api, context: context).messages(
                in: channel, after: mark, limit: limit)
            return intake.events(in: messages).map { event in
                // What is asked for does not say where it is; we know.
                guard var inbound = event.message else { return event }
                inbound.conversation = conversation
                return GatewayEvent(message: inbound, id: event.id, timestamp: event.timestamp)
            }
        } catch {
            throw readingError(error)
        }
    }

    // MARK: Calls

    @discardableResult
    private func call(_ route: DiscordRoute) async throws(ChannelError) -> JSONDocument {
        do {
            return try await api.call(route)
        } catch {
            // Nothing here does harm when it is done twice.
            throw readingError(error)
        }
    }

    private func readingError(_ error: DiscordAPIError) -> ChannelError {
        if case .noAnswer = error.cause { return .unavailable(reason: error.text) }
        return error.channelError(for: context.channel)
    }
}

/// An emoji as the API spells it in an address: a character, or `name:id` for a server's own.
struct ReactionEmoji: Hashable, Sendable {
    let name: String

    /// Discord knows ❤ only with the mark that asks for a coloured picture (U+FE0F).
    init(_ text: String) {
        let scalars = Array(text.unicodeScalars)
        let isPlainText =
            scalars.count == 1 && scalars[0].properties.isEmoji && !scalars[0].properties.isEmojiPresentation
            && scalars[0].value > 0x7F
        name = isPlainText ? text + "\u{FE0F}" : text
    }

    init?(_ emoji: JSONDocument?) {
        guard let emoji else { return nil }
        if let id = emoji["id"]?.string {
            self.init("\(emoji["name"]?.string ?? "emoji"):\(id)")
        } else {
            guard let name = emoji["name"]?.string else { return nil }
            self.init(name)
        }
    }
}
