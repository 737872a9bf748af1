import PraisonCore

/// Reads a message's text: `<@910…>` becomes `@ada`, with the number in an entity beside it.
///
/// Source: https://docs.discord.com/developers/reference#message-formatting
struct ContentReader {
    struct Reading {
        var text = ""
        var entities: [TextEntity] = []
        /// Whether the bot is called by name.
        var namesBot = false
        /// Whether nothing stands before that.
        var startsWithOwnName = false
        var command: InboundMessage.Command?
    }

    let reader: DispatchReader

    func read(_ message: JSONDocument) -> Reading {
        var reading = Reading()
        let content = message["content"]?.string ?? ""
        guard content.utf8.contains(UInt8(ascii: "<")) else {
            reading.text = content
            reading.command = Self.command(in: content[...])
            return reading
        }
        var names: [String: String] = [:]
        for user in message["mentions"]?.elements ?? [] {
            guard let id = user["id"]?.string else { continue }
            names[id] = user["username"]?.string
        }
        var afterName = 0
        var rest = content[...]
        while let open = rest.firstIndex(of: "<") {
            reading.text += rest[..<open]
            rest = rest[open...]
            guard let close = rest.firstIndex(of: ">"), rest[..<close].utf8.count < 64,
                let mark = mark(rest[rest.index(after: open)..<close], names)
            else {
                reading.text.append("<")
                rest = rest.dropFirst()
                continue
            }
            let offset = reading.text.utf16.count
            if mark.isOwn {
                reading.namesBot = true
                if reading.text.allSatisfy(\.isWhitespace) { reading.startsWithOwnName = true }
            }
            reading.text += mark.text
            reading.entities.append(
                TextEntity(kind: mark.kind, offset: offset, length: mark.text.utf16.count, value: mark.value))
            if mark.isOwn, reading.startsWithOwnName, afterName == 0 { afterName = reading.text.utf8.count }
            rest = rest[rest.index(after: close)...]
        }
        reading.text += rest
        let start = reading.text.utf8.index(reading.text.startIndex, offsetBy: afterName)
        reading.command = Self.command(in: reading.text[start...].drop { $0.isWhitespace })
        return reading
    }

    /// What programs write who write nothing else: titles and descriptions, one a line.
    ///
    /// Source: https://docs.discord.com/developers/resources/message#embed-object
    static func embedded(in message: JSONDocument) -> String {
        (message["embeds"]?.elements ?? []).flatMap { [$0["title"]?.string, $0["description"]?.string] }
            .compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: "\n")
    }

    private struct Mark {
        var kind: TextEntity.Kind
        var text: String
        var value: String
        var isOwn = false
    }

    /// What stands between `<` and `>`; `nil` for anything that is shown as it is.
    private func mark(_ text: Substring, _ names: [String: String]) -> Mark? {
        if text.hasPrefix("@&") {
            guard let id = Snowflake(text.dropFirst(2)) else { return nil }
            return Mark(
                kind: .mention, text: "@\(reader.directory.roleName(id.text) ?? "role")", value: id.text)
        }
        if text.hasPrefix("@") {
            let digits = text.hasPrefix("@!") ? text.dropFirst(2) : text.dropFirst()
            guard let id = Snowflake(digits)?.text else { return nil }
            let isOwn = reader.isOwn(id)
            let name = names[id] ?? (isOwn ? reader.receiver.username : nil) ?? id
            return Mark(kind: .mention, text: "@\(name)", value: id, isOwn: isOwn)
        }
        if text.hasPrefix("#") {
            guard let id = Snowflake(text.dropFirst())?.text else { return nil }
            return Mark(kind: .other, text: "#\(reader.directory.place(id)?.name ?? id)", value: id)
        }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        if parts.count == 3, parts[0].isEmpty || parts[0] == "a", Snowflake(parts[2]) != nil, !parts[1].isEmpty {
            return Mark(kind: .emoji, text: ":\(parts[1]):", value: String(parts[2]))
        }
        if parts.count == 2, parts[0].hasPrefix("/"), parts[0].count > 1, Snowflake(parts[1]) != nil {
            return Mark(kind: .command, text: String(parts[0]), value: String(parts[1]))
        }
        return nil
    }

    /// `/new now please` is `new` with `now please`.
    private static func command(in text: Substring) -> InboundMessage.Command? {
        guard text.first == "/" else { return nil }
        let name = text.dropFirst().prefix { !$0.isWhitespace }
        guard !name.isEmpty, name.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" || $0 == "-" }) else {
            return nil
        }
        let arguments = text.dropFirst(name.count + 1).drop { $0.isWhitespace }
        return InboundMessage.Command(name: name.lowercased(), arguments: String(arguments))
    }
}
