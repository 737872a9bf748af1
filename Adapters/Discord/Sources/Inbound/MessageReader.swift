import PraisonCore

/// Reads message objects: what people write and send, and the system messages that look like it.
///
/// Source: https://docs.discord.com/developers/resources/message#message-object
struct MessageReader {
    let reader: DispatchReader

    func read(_ message: JSONDocument) -> DispatchReader.Reading {
        switch parts(of: message) {
        case .failure(let reason): return .unreadable(reason: reason.problem)
        case .success(let parts):
            // Own messages come back, and once more when a session is resumed.
            if reader.isOwn(parts.sender.id.rawValue) { return .nothing }
            var inbound = InboundMessage(
                id: MessageID(parts.id), conversation: parts.conversation, sender: parts.sender,
                membership: reader.membership(in: message), title: reader.directory.title(of: parts.conversation))
            guard readContent(of: message, into: &inbound) else { return .nothing }
            return .event(
                reader.event(
                    inbound, reader.eventID("message/\(parts.id)"), at: DispatchReader.time(of: parts.id)))
        }
    }

    /// An edit by a person has a time of its own; without one, only a link was unfurled or something of the kind.
    func readEdit(_ message: JSONDocument) -> DispatchReader.Reading {
        guard let edited = message["edited_timestamp"]?.string, message["content"] != nil else { return .nothing }
        switch parts(of: message) {
        case .failure(let reason): return .unreadable(reason: reason.problem)
        case .success(let parts):
            if reader.isOwn(parts.sender.id.rawValue) { return .nothing }
            var inbound = InboundMessage(
                kind: .edit, id: MessageID(parts.id), conversation: parts.conversation, sender: parts.sender,
                membership: reader.membership(in: message), title: reader.directory.title(of: parts.conversation))
            guard readContent(of: message, into: &inbound), inbound.kind == .message || inbound.kind == .edit else {
                return .nothing
            }
            inbound.kind = .edit
            return .event(
                reader.event(
                    inbound, reader.eventID("edit/\(parts.id)/\(edited)"), at: ISOTime.timestamp(edited)))
        }
    }

    private struct Parts {
        var id: String
        var conversation: Conversation
        var sender: Sender
    }

    private func parts(of message: JSONDocument) -> Result<Parts, GatewayPayloadError> {
        guard let id = message["id"]?.string else { return .failure(.init(problem: "a message without an id")) }
        guard let conversation = reader.conversation(of: message) else {
            return .failure(.init(problem: "a message without a channel_id"))
        }
        let isWebhook = message["webhook_id"] != nil
        guard let sender = Sender(user: message["author"], member: message["member"], isWebhook: isWebhook) else {
            return .failure(.init(problem: "a message without an author"))
        }
        return .success(Parts(id: id, conversation: conversation, sender: sender))
    }

    /// - Returns: whether it says anything.
    private func readContent(of message: JSONDocument, into inbound: inout InboundMessage) -> Bool {
        switch message["type"]?.int ?? 0 {
        case 0, 19, 20, 23: break
        case let type: return SystemMessage.read(type, message, into: &inbound)
        }
        var body = message
        let reference = message["message_reference"]
        if reference?["type"]?.int == 1, let snapshot = message["message_snapshots"]?[0]?["message"] {
            body = snapshot
            inbound.forwardedFrom = reference?["channel_id"]?.string.map { "channel \($0)" } ?? "unknown"
        } else if let reference, reference["type"]?.int ?? 0 == 0 {
            inbound.reply = reply(reference, to: message["referenced_message"])
        }
        let content = ContentReader(reader: reader).read(body)
        inbound.text = content.text
        inbound.entities = content.entities
        inbound.attachments = AttachmentReader(message: message).attachments(of: body)
        if inbound.text.isEmpty, inbound.attachments.isEmpty { inbound.text = ContentReader.embedded(in: body) }
        inbound.mentionsBot = isCalled(message, content)
        // Who forwards a command does not give it.
        if inbound.forwardedFrom == nil, inbound.conversation.scope == .dm || content.startsWithOwnName {
            inbound.command = content.command
        }
        return true
    }

    /// A reply pings its target, so being in `mentions` is not enough: the text has to say the name.
    private func isCalled(_ message: JSONDocument, _ content: ContentReader.Reading) -> Bool {
        if content.namesBot { return true }
        if reader.everyoneCallsTheBot, message["mention_everyone"]?.bool == true { return true }
        guard let guild = message["guild_id"]?.string, let role = reader.directory.ownRole(in: guild) else {
            return false
        }
        return message["mention_roles"]?.elements.contains { $0.string == role } ?? false
    }

    private func reply(_ reference: JSONDocument, to target: JSONDocument?) -> InboundMessage.Reply? {
        guard let id = reference["message_id"]?.string else { return nil }
        let text = target.map { target in
            let text = ContentReader(reader: reader).read(target).text
            return text.isEmpty ? ContentReader.embedded(in: target) : text
        }
        return InboundMessage.Reply(
            id: MessageID(id), sender: Sender(user: target?["author"], isWebhook: target?["webhook_id"] != nil),
            text: text.flatMap { $0.isEmpty ? nil : $0 }, isToBot: reader.isOwn(target?["author"]?["id"]?.string))
    }
}

/// Messages that Discord writes itself.
///
/// Source: https://docs.discord.com/developers/resources/message#message-object-message-types
private enum SystemMessage {
    /// - Returns: whether it is worth a record.
    static func read(_ type: Int, _ message: JSONDocument, into inbound: inout InboundMessage) -> Bool {
        switch type {
        // A thread's first message only repeats another one.
        case 21: return false
        case 1, 7:
            inbound.kind = .join
            inbound.text = name(type == 1 ? message["mentions"]?[0] : message["author"])
        case 2:
            inbound.kind = .leave
            inbound.text = name(message["mentions"]?[0] ?? message["author"])
        default:
            inbound.kind = names[type] == nil ? .unsupported : .service
            let content = message["content"]?.string ?? ""
            let name = names[type] ?? "message type \(type)"
            inbound.text = content.isEmpty ? name : "\(name): \(content)"
        }
        return true
    }

    private static func name(_ user: JSONDocument?) -> String {
        user?["global_name"]?.string ?? user?["username"]?.string ?? ""
    }

    private static let names = [
        3: "call", 4: "channel name changed", 5: "channel icon changed", 6: "message pinned", 8: "server boosted",
        9: "server boosted", 10: "server boosted", 11: "server boosted", 12: "channel followed",
        14: "server discovery", 15: "server discovery", 16: "server discovery", 17: "server discovery",
        18: "thread created", 22: "invite reminder", 24: "auto moderation", 25: "role subscription",
        26: "premium upsell", 27: "stage started", 28: "stage ended", 29: "stage speaker", 31: "stage topic",
        32: "application subscription", 36: "incident alert", 37: "incident alert", 38: "incident report",
        39: "incident report", 44: "purchase", 46: "poll result",
    ]
}
