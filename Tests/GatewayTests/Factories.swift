import PraisonCore

extension InboundMessage {
    static func make(
        _ text: String = "hello", kind: Kind = .message, id: MessageID = "1", scope: Conversation.Scope = .dm,
        chat: Conversation.ID = "42", thread: Conversation.Thread? = nil, channel: ChannelName = "house",
        sender: SenderID = "ada", isBot: Bool = false, mentionsBot: Bool = false, command: Command? = nil,
        reply: Reply? = nil, attachments: [Attachment] = [], album: String? = nil
    ) -> InboundMessage {
        InboundMessage(
            kind: kind, id: id, conversation: Conversation(channel: channel, id: chat, scope: scope, thread: thread),
            sender: Sender(id: sender, displayName: "Ada", isBot: isBot), text: text, mentionsBot: mentionsBot,
            command: command, reply: reply, attachments: attachments, album: album)
    }
}

extension GatewayEvent {
    static func make(_ message: InboundMessage = .make(), id: EventID? = nil, target: String? = nil) -> GatewayEvent {
        GatewayEvent(
            message: message, id: id ?? EventID("house/\(message.id)"), timestamp: Timestamp(seconds: 1_767_225_600),
            target: target)
    }
}

extension ChannelCapabilities {
    static func make(
        limit: Int = 4096, unit: LengthUnit = .utf16, typing: Duration? = nil, edits: Duration? = nil,
        pace: Pace = Pace(perSecond: 0, perConversation: .zero, burst: 1), repeatsAreInvisible: Bool = false
    ) -> ChannelCapabilities {
        ChannelCapabilities(
            textLimit: limit, textUnit: unit, typingRefresh: typing, editInterval: edits, pace: pace,
            repeatsAreInvisible: repeatsAreInvisible)
    }
}
