import PraisonCore

/// Reads slash commands, buttons, menus and forms.
///
/// Source: https://docs.discord.com/developers/interactions/receiving-and-responding#interaction-object
struct InteractionReader {
    let reader: DispatchReader

    func read(_ interaction: JSONDocument) -> DispatchReader.Reading {
        guard let id = interaction["id"]?.string, let type = interaction["type"]?.int else {
            return .unreadable(reason: "an interaction without id or type")
        }
        let member = interaction["member"]
        guard let sender = Sender(user: member?["user"] ?? interaction["user"], member: member) else {
            return .unreadable(reason: "an interaction without a user")
        }
        guard let conversation = place(of: interaction) else {
            return .unreadable(reason: "an interaction without a channel")
        }
        var inbound = InboundMessage(
            id: MessageID(id), conversation: conversation, sender: sender,
            membership: reader.membership(in: interaction), title: reader.directory.title(of: conversation))
        let data = interaction["data"]
        switch type {
        case 2:
            guard let name = data?["name"]?.string else { return .unreadable(reason: "a command without a name") }
            let arguments = arguments(of: interaction)
            inbound.command = InboundMessage.Command(name: name.lowercased(), arguments: arguments)
            inbound.text = arguments.isEmpty ? "/\(name)" : "/\(name) \(arguments)"
            inbound.attachments = attachments(of: interaction)
        case 3, 5:
            inbound.kind = .callback
            inbound.id = MessageID(interaction["message"]?["id"]?.string ?? id)
            let values = type == 3 ? data?["values"]?.elements.compactMap(\.scalarText) ?? [] : Self.values(in: data)
            let name = data?["custom_id"]?.string ?? ""
            inbound.text = values.isEmpty ? name : "\(name): \(values.joined(separator: ", "))"
        // Suggestions while somebody types are asked for and answered at once.
        case 1, 4: return .nothing
        default:
            inbound.kind = .unsupported
            inbound.text = "interaction type \(type)"
        }
        return .event(
            reader.event(inbound, reader.eventID("interaction/\(id)"), at: DispatchReader.time(of: id)))
    }

    private func place(of interaction: JSONDocument) -> Conversation? {
        let channel = interaction["channel"]
        guard let id = interaction["channel_id"]?.string ?? channel?["id"]?.string else { return nil }
        return reader.directory.conversation(
            id, type: channel?["type"]?.int, guild: interaction["guild_id"]?.string, on: reader.receiver.channel)
    }

    /// The values given, in order, with the names of subcommands before them.
    private func arguments(of interaction: JSONDocument) -> String {
        let data = interaction["data"]
        if let target = data?["target_id"]?.string {
            let message = data?["resolved"]?["messages"]?[dynamic: target]
            return message.map { ContentReader(reader: reader).read($0).text } ?? target
        }
        var words: [String] = []
        func collect(_ options: JSONDocument?, depth: Int) {
            for option in options?.elements ?? [] {
                if let value = option["value"] {
                    if option["type"]?.int != 11 { words.append(value.scalarText ?? "") }
                } else if let name = option["name"]?.string, depth < 4 {
                    words.append(name)
                    collect(option["options"], depth: depth + 1)
                }
            }
        }
        collect(data?["options"], depth: 0)
        return words.filter { !$0.isEmpty }.joined(separator: " ")
    }

    private func attachments(of interaction: JSONDocument) -> [Attachment] {
        guard interaction["data"]?["target_id"] == nil else { return [] }
        let files = interaction["data"]?["resolved"]?["attachments"]?.members ?? []
        return files.map { AttachmentReader(message: interaction).file($0.value) }
    }

    /// What was put into a form, wherever its fields stand.
    private static func values(in data: JSONDocument?, depth: Int = 0) -> [String] {
        guard let data, depth < 8 else { return [] }
        if let value = data["value"]?.string { return [value] }
        let parts = (data["components"]?.elements ?? []) + [data["component"]].compactMap { $0 }
        return parts.flatMap { values(in: $0, depth: depth + 1) }
    }
}
