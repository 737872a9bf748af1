import PraisonCore

/// Finds out from a channel's history whether a message arrived, for sends whose outcome nobody told.
struct SentMessages: Sendable {
    /// Messages looked at, newest first.
    private static let depth = 300
    /// For so long a repeat is answered with the first message, by its nonce. Discord speaks of "a few minutes".
    ///
    /// Source: https://docs.discord.com/developers/resources/message#create-message
    private static let nonceLifetime = Duration.seconds(120)

    let api: DiscordAPI
    let context: ChannelContext
    let account: BotAccount

    /// - Returns: `nil` when the message may be sent once more: it is not there, as far as the history reaches, or a
    ///   repeat does no harm.
    func receipt(of message: OutboundMessage) async throws(DiscordAPIError) -> MessageReceipt? {
        guard let own = account.identity?.id.rawValue else {
            throw DiscordAPIError(.garbled(status: 503), "not connected yet")
        }
        let answered = answered(by: message)
        // The server knows it better than the history, where another's answer may look the same.
        if let answered, !answersCommand(message), context.clock.now - answered.timestamp < Self.nonceLifetime {
            return nil
        }
        // Nothing tells it from an equal message of another: twice is better than never.
        guard answered != nil else { return nil }
        guard let parcels = try? Parcel.parcels(of: message) else { return nil }
        var candidates = try await CatchUp(api: api, context: context).messages(
            in: message.conversation.channelNumber, after: answered ?? Snowflake(at: context.clock.now - .seconds(900)),
            limit: Self.depth
        ).filter { $0["author"]?["id"]?.string == own }[...]
        var first: MessageReceipt?
        // They were sent one after the other, each after the one before it had arrived.
        for (part, parcel) in parcels.enumerated() {
            guard let place = candidates.firstIndex(where: { isShown(parcel, part, of: message, as: $0) }) else {
                return nil
            }
            first = first ?? MessageSender.receipt(candidates[place], or: nil)
            candidates = candidates[(place + 1)...]
        }
        return first
    }

    private func isShown(_ parcel: Parcel, _ part: Int, of message: OutboundMessage, as candidate: JSONDocument) -> Bool
    {
        if let known = candidate["nonce"]?.scalarText {
            return known == MessageSender.nonce(of: message.key, part: part, context.cryptography)
        }
        // Two people may be told the same; what tells their answers apart is what they answer.
        let reference = candidate["message_reference"]?["message_id"]?.string
        let expected = part == 0 ? message.replyTo?.rawValue : nil
        if answersCommand(message) {
            // What takes the place of a command's waiting sign is no reply, but tells which command it answers.
            let event = message.answers?.rawValue.split(separator: "/").last.map(String.init)
            guard candidate["interaction_metadata"]?["id"]?.string == event else { return false }
        } else {
            guard reference == expected else { return false }
        }
        return Self.trimmed(candidate["content"]?.string ?? "") == Self.trimmed(parcel.text)
            && candidate["attachments"]?.elements.count ?? 0 == parcel.files.count
    }

    /// Its follow-ups have no nonce.
    private func answersCommand(_ message: OutboundMessage) -> Bool {
        message.answers.map(DiscordAdapter.isAwaited) ?? false
    }

    /// An answer comes after what it answers.
    private func answered(by message: OutboundMessage) -> Snowflake? {
        let event = message.answers.flatMap { $0.rawValue.split(separator: "/").last.map(String.init) }
        return [event, message.replyTo?.rawValue].compactMap { $0.flatMap { Snowflake($0) } }.max()
    }

    private static func trimmed(_ text: String) -> String {
        var rest = text[...]
        while let last = rest.last, last.isWhitespace { rest = rest.dropLast() }
        return String(rest.drop { $0.isWhitespace })
    }
}
