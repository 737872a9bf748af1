import PraisonCore

extension World {
    /// `forwardMessage` and `copyMessage`.
    mutating func copy(_ invocation: Invocation, isForward: Bool) throws(BotRefusal) -> JSONValue {
        let source = try chat(invocation, parameter: "from_chat_id")
        guard let id = invocation.call.integer("message_id"),
            let original = messages[StoredMessage.Key(chat: source, id: id)]
        else { throw .badRequest("message to \(isForward ? "forward" : "copy") not found") }
        let message = copy(original, to: try target(invocation), by: invocation.bot, isForward: isForward)
        return isForward ? message : ["message_id": message["message_id"] ?? 0]
    }

    /// `forwardMessages` and `copyMessages`: those that are gone are left out.
    mutating func copyAll(_ invocation: Invocation, isForward: Bool) throws(BotRefusal) -> JSONValue {
        let source = try chat(invocation, parameter: "from_chat_id")
        let ids = (invocation.call.json("message_ids")?.elements ?? []).compactMap(\.integer)
        guard !ids.isEmpty else { throw .badRequest("message identifiers are not specified") }
        guard ids.count <= 100 else { throw .badRequest("too many message identifiers specified") }
        let originals = ids.compactMap { messages[StoredMessage.Key(chat: source, id: $0)] }
        guard !originals.isEmpty else {
            throw .badRequest("there are no messages to \(isForward ? "forward" : "copy")")
        }
        let target = try target(invocation)
        return .array(
            originals.map { original in
                let message = copy(original, to: target, by: invocation.bot, isForward: isForward)
                return ["message_id": message["message_id"] ?? 0]
            })
    }

    private mutating func copy(
        _ original: StoredMessage, to target: SendTarget, by bot: Int64, isForward: Bool
    ) -> JSONValue {
        let envelope: Set<String> = [
            "message_id", "from", "sender_chat", "chat", "date", "edit_date", "reply_to_message", "quote",
            "message_thread_id", "is_topic_message", "reply_markup", "author_signature",
        ]
        var content = original.members.filter { !envelope.contains($0.key) }
        if isForward {
            var origin: [String: JSONValue] = ["date": original.members["date"] ?? 0]
            if let user = original.members["from"] {
                (origin["type"], origin["sender_user"]) = ("user", user)
            } else {
                (origin["type"], origin["chat"]) = ("channel", original.members["chat"])
                origin["message_id"] = JSONValue(original.key.id)
            }
            content["forward_origin"] = .object(origin)
        }
        return post(target, content, by: bot, files: original.files)
    }
}
