import PraisonCore

/// Reads dispatches that are not messages: deletions, reactions, members, threads, typing, and kinds this build does
/// not know.
struct NewsReader {
    let reader: DispatchReader
    let sequence: Int

    /// For what may happen again in just the same way: numbered by the session.
    private func numbered(_ rest: String) -> EventID {
        reader.eventID("\(rest)/\(reader.session.isEmpty ? "" : "\(reader.session)/")\(sequence)")
    }

    func deletion(_ data: JSONDocument) -> DispatchReader.Reading {
        guard let conversation = reader.conversation(of: data), let id = data["id"]?.string else {
            return .unreadable(reason: "a deletion without id or channel_id")
        }
        return .event(deletion(of: id, in: conversation))
    }

    func deletions(_ data: JSONDocument) -> DispatchReader.Reading {
        guard let conversation = reader.conversation(of: data), let ids = data["ids"] else {
            return .unreadable(reason: "a deletion without ids or channel_id")
        }
        return .events(ids.elements.compactMap(\.string).map { deletion(of: $0, in: conversation) })
    }

    /// Who deleted it, and whose it was, Discord does not tell.
    private func deletion(of id: String, in conversation: Conversation) -> GatewayEvent {
        reader.event(
            InboundMessage(kind: .delete, id: MessageID(id), conversation: conversation, sender: .nobodyKnown),
            reader.eventID("delete/\(id)"))
    }

    func reaction(_ data: JSONDocument, isAdded: Bool) -> DispatchReader.Reading {
        guard let conversation = reader.conversation(of: data), let message = data["message_id"]?.string,
            let user = data["user_id"]?.string, let emoji = Self.symbol(data["emoji"])
        else { return .unreadable(reason: "a reaction without channel_id, message_id, user_id or emoji") }
        if reader.isOwn(user) { return .nothing }
        let member = data["member"]
        let sender = Sender(user: member?["user"], member: member) ?? Sender(id: SenderID(user))
        return .event(
            reader.event(
                InboundMessage(
                    kind: .reaction, id: MessageID(message), conversation: conversation, sender: sender,
                    reactionsAdded: isAdded ? [emoji] : [], reactionsRemoved: isAdded ? [] : [emoji]),
                numbered("reaction/\(message)/\(user)")))
    }

    func clearedReactions(_ data: JSONDocument) -> DispatchReader.Reading {
        guard let conversation = reader.conversation(of: data), let message = data["message_id"]?.string else {
            return .unreadable(reason: "cleared reactions without channel_id or message_id")
        }
        let emoji = Self.symbol(data["emoji"])
        return .event(
            reader.event(
                InboundMessage(
                    kind: .reaction, id: MessageID(message), conversation: conversation, sender: .nobodyKnown,
                    text: emoji == nil ? "all reactions were removed" : "", reactionsRemoved: emoji.map { [$0] } ?? []),
                numbered("reaction/\(message)/all")))
    }

    /// A character, or `name:id` for a server's own; one that is gone has lost its name.
    private static func symbol(_ emoji: JSONDocument?) -> String? {
        guard let emoji else { return nil }
        let name = emoji["name"]?.string
        guard let id = emoji["id"]?.scalarText else { return name }
        return "\(name ?? "emoji"):\(id)"
    }

    // MARK: Members

    /// The server stands for the place, since Discord names none.
    func membership(_ data: JSONDocument, isJoin: Bool) -> DispatchReader.Reading {
        guard let guild = data["guild_id"]?.string, let sender = Sender(user: data["user"], member: data) else {
            return .unreadable(reason: "a member without guild_id or user")
        }
        let message = InboundMessage(
            kind: isJoin ? .join : .leave, id: MessageID(sender.id.rawValue), conversation: server(guild),
            sender: sender, text: sender.displayName ?? sender.username ?? "")
        if isJoin, let joined = data["joined_at"]?.string {
            let id = reader.eventID("join/\(guild)/\(sender.id)/\(joined)")
            return .event(reader.event(message, id, at: ISOTime.timestamp(joined)))
        }
        return .event(reader.event(message, numbered("\(isJoin ? "join" : "leave")/\(guild)/\(sender.id)")))
    }

    /// Without `unavailable`, the bot was put out; with it, the server is only out of order.
    func removal(_ data: JSONDocument) -> DispatchReader.Reading {
        guard let guild = data["id"]?.string else { return .unreadable(reason: "a guild without an id") }
        guard data["unavailable"] == nil else { return .nothing }
        let own = Sender(id: reader.receiver.id ?? "unknown", username: reader.receiver.username, isBot: true)
        return .event(
            reader.event(
                InboundMessage(
                    kind: .leave, id: MessageID(guild), conversation: server(guild), sender: own,
                    text: reader.receiver.username ?? ""),
                numbered("leave/\(guild)")))
    }

    private func server(_ guild: String) -> Conversation {
        Conversation(channel: reader.receiver.channel, id: Conversation.ID(guild), scope: .group)
    }

    // MARK: Threads, typing, the unknown

    func thread(_ data: JSONDocument) -> DispatchReader.Reading {
        // Also comes when the bot is added to an old one.
        guard data["newly_created"]?.bool == true, let id = data["id"]?.string, let owner = data["owner_id"]?.string,
            !reader.isOwn(owner)
        else { return .nothing }
        let conversation = reader.directory.conversation(
            id, type: data["type"]?.int, guild: data["guild_id"]?.string, on: reader.receiver.channel)
        return .event(
            reader.event(
                InboundMessage(
                    kind: .service, id: MessageID(id), conversation: conversation, sender: Sender(id: SenderID(owner)),
                    text: "thread created: \(data["name"]?.string ?? "")",
                    title: reader.directory.title(of: conversation)),
                reader.eventID("thread/\(id)"), at: DispatchReader.time(of: id)))
    }

    func typing(_ data: JSONDocument) -> DispatchReader.Reading {
        guard let conversation = reader.conversation(of: data), let user = data["user_id"]?.string else {
            return .unreadable(reason: "typing without channel_id or user_id")
        }
        if reader.isOwn(user) { return .nothing }
        let member = data["member"]
        let sender = Sender(user: member?["user"], member: member) ?? Sender(id: SenderID(user))
        let time = data["timestamp"]?.double.map { Timestamp(seconds: $0) }
        return .event(
            reader.event(
                InboundMessage(
                    kind: .service, id: MessageID(user), conversation: conversation, sender: sender, text: "typing"),
                numbered("typing/\(user)"), at: time))
    }

    func unsupported(_ name: String, _ data: JSONDocument) -> DispatchReader.Reading {
        let user = data["author"] ?? data["user"] ?? data["member"]?["user"]
        let sender = Sender(user: user) ?? data["user_id"]?.string.map { Sender(id: SenderID($0)) } ?? .nobodyKnown
        let guild = data["guild_id"]?.string.map { server($0) }
        let nowhere = Conversation(channel: reader.receiver.channel, id: "unknown", scope: .dm)
        return .event(
            reader.event(
                InboundMessage(
                    kind: .unsupported, id: MessageID(data["message_id"]?.string ?? data["id"]?.string ?? name),
                    conversation: reader.conversation(of: data) ?? guild ?? nowhere, sender: sender,
                    text: String(name.prefix(100))),
                numbered("dispatch")))
    }
}
