import PraisonCore

/// Finds out from a channel's history whether a message arrived, for sends whose outcome nobody told.
struct SentMessages: Sendable {
    /// Messages looked at, newest first.
    private static let depth = 300

    let api: DiscordAPI
    let context: ChannelContext
    let account: BotAccount

    /// - Returns: `nil` when it is certain, as far as the history reaches, that the message is not there.
    func receipt(of message: OutboundMessage) async throws(DiscordAPIError) -> MessageReceipt? {
        guard let own = account.identity?.id.rawValue else {
            throw DiscordAPIError(.garbled(status: 503), "not connected yet")
        }
        let candidates = try await CatchUp(api: api, context: context).messages(
            in: message.conversation.channelNumber, after: mark(of: message), limit: Self.depth)
        let nonce = MessageSender.nonce(of: message.key, part: 0, context.cryptography)
        // What the first call carried, as it was sent.
        guard let first = try? Parcel.parcels(of: message).first else { return nil }
        let found = candidates.first { candidate in
            guard candidate["author"]?["id"]?.string == own else { return false }
            if let known = candidate["nonce"]?.scalarText { return known == nonce }
            return Self.trimmed(candidate["content"]?.string ?? "") == Self.trimmed(first.text)
                && candidate["attachments"]?.elements.count ?? 0 == first.files.count
        }
        return found.map { MessageSender.receipt($0, or: nil) }
    }

    /// An answer comes after what it answers; of anything else the last quarter of an hour is looked at.
    private func mark(of message: OutboundMessage) -> Snowflake {
        let answered = message.answers.flatMap { $0.rawValue.split(separator: "/").last.map(String.init) }
        let marks = [answered, message.replyTo?.rawValue].compactMap { $0.flatMap { Snowflake($0) } }
        return marks.max() ?? Snowflake(at: context.clock.now - .seconds(900))
    }

    private static func trimmed(_ text: String) -> String {
        var rest = text[...]
        while let last = rest.last, last.isWhitespace { rest = rest.dropLast() }
        return String(rest.drop { $0.isWhitespace })
    }
}
