import PraisonCore

/// Reads `MessageEntity` lists, whose offsets and lengths count UTF-16 code units.
///
/// Source: https://core.telegram.org/bots/api#messageentity
struct EntityReader {
    struct Reading {
        var entities: [TextEntity] = []
        var mentionsBot = false
        var command: InboundMessage.Command?
        /// Where the text begins that is said to the bot: behind its name, where that stands first.
        fileprivate var beginning = 0
    }

    let text: String
    let receiver: Receiver

    func read(_ list: JSONDocument) -> Reading {
        var reading = Reading()
        let units = text.utf16
        let count = units.count
        for element in list.elements {
            // An entity that does not fit its text comes from nowhere we know; the text matters more.
            guard let type = element["type"]?.string, let offset = element["offset"]?.int,
                let length = element["length"]?.int, offset >= 0, length > 0, offset <= count,
                length <= count - offset
            else { continue }
            reading.entities.append(entity(type, offset, length, element))
            switch type {
            case "mention":
                if isOwnName(slice(offset, length).dropFirst()) { readMention(offset, length, into: &reading) }
            case "text_mention":
                if receiver.id != nil, element["user"]?["id"]?.scalarText == receiver.id?.rawValue {
                    readMention(offset, length, into: &reading)
                }
            case "bot_command": readCommand(offset, length, into: &reading)
            default: break
            }
        }
        return reading
    }

    private func readMention(_ offset: Int, _ length: Int, into reading: inout Reading) {
        reading.mentionsBot = true
        if isFirst(offset, in: reading) { reading.beginning = offset + length }
    }

    /// Whether nothing stands before it but the bot's name.
    private func isFirst(_ offset: Int, in reading: Reading) -> Bool {
        offset >= reading.beginning && slice(reading.beginning, offset - reading.beginning).allSatisfy(\.isWhitespace)
    }

    /// `/help`, `/help@some_bot` or `@some_bot /help`. Only at the start of the text is it an order rather than talk
    /// about one.
    private func readCommand(_ offset: Int, _ length: Int, into reading: inout Reading) {
        let word = slice(offset, length).dropFirst()
        let at = word.firstIndex(of: "@")
        if let at {
            guard isOwnName(word[word.index(after: at)...]) else { return }
            reading.mentionsBot = true
        }
        let name = word[..<(at ?? word.endIndex)]
        guard isFirst(offset, in: reading), !name.isEmpty else { return }
        let rest = text.utf16.index(text.startIndex, offsetBy: offset + length)
        var arguments = text[rest...]
        while arguments.first?.isWhitespace == true { arguments.removeFirst() }
        while arguments.last?.isWhitespace == true { arguments.removeLast() }
        reading.command = InboundMessage.Command(name: name.lowercased(), arguments: String(arguments))
    }

    private func isOwnName(_ name: Substring) -> Bool {
        guard let own = receiver.username, !own.isEmpty else { return false }
        return name.lowercased() == own.lowercased()
    }

    private func slice(_ offset: Int, _ length: Int) -> Substring {
        let start = text.utf16.index(text.startIndex, offsetBy: offset)
        return text[start..<text.utf16.index(start, offsetBy: length)]
    }

    private func entity(_ type: String, _ offset: Int, _ length: Int, _ element: JSONDocument) -> TextEntity {
        var entity = TextEntity(kind: .other, offset: offset, length: length)
        switch type {
        case "mention": entity.kind = .mention
        case "text_mention":
            entity.kind = .mention
            entity.value = element["user"]?["id"]?.scalarText
        case "hashtag", "cashtag": entity.kind = .hashtag
        case "bot_command": entity.kind = .command
        case "url": entity.kind = .url
        case "email": entity.kind = .email
        case "phone_number": entity.kind = .phone
        case "bold": entity.kind = .bold
        case "italic": entity.kind = .italic
        case "underline": entity.kind = .underline
        case "strikethrough": entity.kind = .strikethrough
        case "spoiler": entity.kind = .spoiler
        case "blockquote", "expandable_blockquote": entity.kind = .quote
        case "code": entity.kind = .code
        case "pre":
            entity.kind = .pre
            entity.value = element["language"]?.string
        case "text_link":
            entity.kind = .link
            entity.value = element["url"]?.string
        case "custom_emoji":
            entity.kind = .emoji
            entity.value = element["custom_emoji_id"]?.scalarText
        default: entity.value = type
        }
        return entity
    }
}
