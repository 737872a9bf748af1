import PraisonCore

/// Reads `Message` objects: what people write and send, and the service messages that look like it.
///
/// Source: https://core.telegram.org/bots/api#message
struct MessageReader {
    let receiver: Receiver
    let eventID: EventID

    func read(_ message: JSONDocument, isEdit: Bool = false) -> TelegramUpdate.Reading {
        guard let chat = TelegramChat(message["chat"]) else { return .unreadable(reason: "a message without a chat") }
        guard let number = message["message_id"]?.integer else {
            return .unreadable(reason: "a message without a message_id")
        }
        guard let sender = Sender(of: message) else { return .unreadable(reason: "a message without a sender") }
        if isOwn(message, sender) { return .own }
        var inbound = InboundMessage(
            kind: isEdit ? .edit : .message, id: MessageID(String(number)),
            conversation: chat.conversation(on: receiver.channel, thread: TelegramChat.thread(of: message)),
            sender: sender, title: chat.title)
        readContent(of: message, into: &inbound)
        inbound.reply = reply(in: message)
        inbound.album = message["media_group_id"]?.scalarText
        return .event(GatewayEvent(message: inbound, id: eventID, timestamp: timestamp(of: message, isEdit: isEdit)))
    }

    /// What was posted through our own inline query counts as ours.
    private func isOwn(_ message: JSONDocument, _ sender: Sender) -> Bool {
        guard let own = receiver.id else { return false }
        return sender.id == own || message["via_bot"]?["id"]?.scalarText == own.rawValue
    }

    private func timestamp(of message: JSONDocument, isEdit: Bool) -> Timestamp {
        let seconds = (isEdit ? message["edit_date"]?.integer : nil) ?? message["date"]?.integer ?? 0
        return seconds > 0 ? Timestamp(seconds: Double(seconds)) : receiver.receivedAt
    }

    private func readContent(of message: JSONDocument, into inbound: inout InboundMessage) {
        if let text = message["text"]?.string {
            readText(text, entities: message["entities"], of: message, into: &inbound)
            return
        }
        inbound.attachments = AttachmentReader.attachments(of: message)
        if let caption = message["caption"]?.string {
            if inbound.attachments.isEmpty, let unknown = AttachmentReader.unknown(in: message) {
                inbound.attachments = [unknown]
            }
            readText(caption, entities: message["caption_entities"], of: message, into: &inbound)
            return
        }
        if inbound.attachments.isEmpty {
            ServiceReader.read(message, into: &inbound)
        } else {
            inbound.forwardedFrom = ForwardReader.origin(of: message)
        }
    }

    private func readText(
        _ text: String, entities: JSONDocument?, of message: JSONDocument, into inbound: inout InboundMessage
    ) {
        inbound.text = text
        inbound.forwardedFrom = ForwardReader.origin(of: message)
        guard let entities else { return }
        let reading = EntityReader(text: text, receiver: receiver).read(entities)
        inbound.entities = reading.entities
        inbound.mentionsBot = reading.mentionsBot
        // Who forwards a command does not give it.
        if inbound.forwardedFrom == nil { inbound.command = reading.command }
    }

    private func reply(in message: JSONDocument) -> InboundMessage.Reply? {
        let quote = message["quote"]?["text"]?.string
        if let target = message["reply_to_message"], target["forum_topic_created"] == nil {
            // Every first-level message of a topic "answers" the topic's creation; that is no reply.
            let isToBot = receiver.id != nil && target["from"]?["id"]?.scalarText == receiver.id?.rawValue
            return InboundMessage.Reply(
                id: target["message_id"]?.integer.map { MessageID(String($0)) }, sender: Sender(of: target),
                text: target["text"]?.string ?? target["caption"]?.string, quote: quote, isToBot: isToBot)
        }
        if let external = message["external_reply"] {
            // Its identifier counts in another chat, so it names nothing in this one.
            return InboundMessage.Reply(id: nil, sender: ForwardReader.sender(external["origin"]), quote: quote)
        }
        return nil
    }
}
