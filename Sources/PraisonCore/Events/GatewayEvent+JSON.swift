extension GatewayEvent {
    /// The event as `praisonai replay --json` prints it and `Fixtures/PLATFORM/inbound/NAME.event.json` records it.
    ///
    /// `type`, `id`, `scope`, `conversation`, `thread`, `sender`, `text` and `kind` are always there, `thread` as null
    /// outside threads; everything else only where it says something. No field depends on when the payload was read.
    public var replayJSON: JSONValue {
        var members: [String: JSONValue] = ["type": .string(type.rawValue), "id": .string(id.rawValue)]
        switch payload {
        case .fields(let fields): members["data"] = .object(fields)
        case .message(let message):
            members["scope"] = .string(message.conversation.scope.rawValue)
            members["conversation"] = .string(message.conversation.id.rawValue)
            members["thread"] = JSONValue(message.conversation.thread?.rawValue)
            members["sender"] = .string(message.sender.id.rawValue)
            members["text"] = .string(message.text)
            members["kind"] = .string(message.kind.rawValue)
            members["message_id"] = .string(message.id.rawValue)
            members["sender_name"] = message.sender.displayName.map(JSONValue.string)
            members["sender_username"] = message.sender.username.map(JSONValue.string)
            members["sender_is_bot"] = message.sender.isBot ? true : nil
            members.merge(message.details) { _, detail in detail }
        }
        return .object(members)
    }

    /// The event as clients of the control plane get it: `{type, data, event_id, timestamp, source, target}`.
    ///
    /// A platform's message has `kind` and `content` in `data`, then where it was said and by whom. `timestamp` is in
    /// seconds since 1970; `target` is null for everybody.
    public var wireJSON: JSONValue {
        let data: JSONValue
        switch payload {
        case .fields(let fields): data = .object(fields)
        case .message(let message): data = .object(message.wireMembers)
        }
        return [
            "type": .string(type.rawValue),
            "data": data,
            "event_id": .string(id.rawValue),
            "timestamp": JSONValue(timestamp.seconds),
            "source": .string(source),
            "target": JSONValue(target),
        ]
    }
}

extension InboundMessage {
    fileprivate var wireMembers: [String: JSONValue] {
        var members: [String: JSONValue] = [
            "kind": .string(kind.rawValue),
            "content": .string(text),
            "message_id": .string(id.rawValue),
            "conversation": conversation.json,
            "sender": sender.json,
        ]
        members.merge(details) { _, detail in detail }
        return members
    }

    /// What most messages do not have, each under its own name.
    fileprivate var details: [String: JSONValue] {
        var members: [String: JSONValue] = [:]
        if !entities.isEmpty { members["entities"] = .array(entities.map(\.json)) }
        if mentionsBot { members["mentions_bot"] = true }
        if let command {
            members["command"] = ["name": .string(command.name), "arguments": .string(command.arguments)]
        }
        members["reply"] = reply?.json
        if !attachments.isEmpty { members["attachments"] = .array(attachments.map(\.json)) }
        members["album"] = album.map(JSONValue.string)
        if !reactionsAdded.isEmpty { members["reactions_added"] = .array(reactionsAdded.map(JSONValue.string)) }
        if !reactionsRemoved.isEmpty { members["reactions_removed"] = .array(reactionsRemoved.map(JSONValue.string)) }
        members["forwarded_from"] = forwardedFrom.map(JSONValue.string)
        members["migrated_to"] = migratedTo.map { .string($0.rawValue) }
        members["title"] = title.map(JSONValue.string)
        return members
    }
}

extension Conversation {
    fileprivate var json: JSONValue {
        var members: [String: JSONValue] = [
            "channel": .string(channel.rawValue), "id": .string(id.rawValue), "scope": .string(scope.rawValue),
        ]
        members["thread"] = thread.map { .string($0.rawValue) }
        return .object(members)
    }
}

extension Sender {
    fileprivate var json: JSONValue {
        var members: [String: JSONValue] = ["id": .string(id.rawValue), "is_bot": .bool(isBot)]
        members["username"] = username.map(JSONValue.string)
        members["name"] = displayName.map(JSONValue.string)
        return .object(members)
    }
}

extension TextEntity {
    fileprivate var json: JSONValue {
        var members: [String: JSONValue] = [
            "kind": .string(kind.rawValue), "offset": JSONValue(offset), "length": JSONValue(length),
        ]
        members["value"] = value.map(JSONValue.string)
        return .object(members)
    }
}

extension InboundMessage.Reply {
    fileprivate var json: JSONValue {
        var members: [String: JSONValue] = ["to_bot": .bool(isToBot)]
        members["message_id"] = id.map { .string($0.rawValue) }
        members["sender"] = sender?.json
        members["text"] = text.map(JSONValue.string)
        members["quote"] = quote.map(JSONValue.string)
        return .object(members)
    }
}

extension Attachment {
    fileprivate var json: JSONValue {
        var members: [String: JSONValue] = ["kind": .string(kind.rawValue)]
        members["reference"] = reference.map(JSONValue.string)
        members["unique_reference"] = uniqueReference.map(JSONValue.string)
        members["file_name"] = fileName.map(JSONValue.string)
        members["mime_type"] = mimeType.map(JSONValue.string)
        members["size"] = size.map { JSONValue($0) }
        members["duration"] = duration.map { JSONValue($0) }
        members["title"] = title.map(JSONValue.string)
        return .object(members)
    }
}
