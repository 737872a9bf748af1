import PraisonCore

/// `parse_mode: HTML`.
///
/// Source: https://core.telegram.org/bots/api#html-style
struct HTMLMarkup {
    private struct Tag {
        var name: String
        var entity: FormattedText.Entity
    }

    private let source: [UInt8]
    private var position = 0
    private var output: [UInt8] = []
    private var length = 0
    private var open: [Tag] = []
    private var entities: [FormattedText.Entity] = []

    private init(_ source: String) { self.source = Array(source.utf8) }

    static func parse(_ source: String) throws(BotRefusal) -> FormattedText {
        var markup = HTMLMarkup(source)
        while markup.position < markup.source.count { try markup.step() }
        if let tag = markup.open.last {
            throw .badRequest("can't parse entities: Can't find end tag corresponding to start tag \"\(tag.name)\"")
        }
        var text = FormattedText(text: String(decoding: markup.output, as: UTF8.self))
        text.entities = markup.entities.filter { $0.length > 0 }
            .sorted { ($0.offset, -$0.length) < ($1.offset, -$1.length) }
        return text
    }

    private mutating func step() throws(BotRefusal) {
        switch source[position] {
        case UInt8(ascii: "<"): try tag()
        case UInt8(ascii: "&"): reference()
        case let byte: append(byte)
        }
    }

    private mutating func append(_ byte: UInt8) {
        output.append(byte)
        // UTF-16 units: one for each leading byte, two where it leads four.
        if byte & 0xC0 != 0x80 { length += byte >= 0xF0 ? 2 : 1 }
        position += 1
    }

    private mutating func reference() {
        let names: [(String, String)] = [("&amp;", "&"), ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\"")]
        for (name, character) in names where source[position...].starts(with: name.utf8) {
            emit(character)
            position += name.utf8.count
            return
        }
        guard source[position...].starts(with: "&#".utf8),
            let end = source[position...].prefix(12).firstIndex(of: UInt8(ascii: ";"))
        else { return append(source[position]) }
        let digits = String(decoding: source[(position + 2)..<end], as: UTF8.self)
        let code = digits.hasPrefix("x") ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
        guard let scalar = code.flatMap(Unicode.Scalar.init) else { return append(source[position]) }
        emit(String(scalar))
        position = end + 1
    }

    private mutating func emit(_ text: String) {
        output += text.utf8
        length += text.utf16.count
    }

    private mutating func tag() throws(BotRefusal) {
        let start = position
        guard let end = source[start...].firstIndex(of: UInt8(ascii: ">")) else {
            throw .badRequest("can't parse entities: Unclosed start tag at byte offset \(start)")
        }
        let content = String(decoding: source[(start + 1)..<end], as: UTF8.self)
        position = end + 1
        if content.hasPrefix("/") { return try close(String(content.dropFirst()), at: start) }
        let name = String(content.prefix { !$0.isWhitespace }).lowercased()
        guard let entity = Self.entity(name, content) else {
            throw .badRequest("can't parse entities: Unsupported start tag \"\(name)\" at byte offset \(start)")
        }
        open.append(Tag(name: name, entity: entity))
        open[open.count - 1].entity.offset = length
    }

    private mutating func close(_ name: String, at start: Int) throws(BotRefusal) {
        guard var tag = open.popLast() else {
            throw .badRequest("can't parse entities: Unexpected end tag at byte offset \(start)")
        }
        guard name.isEmpty || tag.name == name.lowercased() else {
            throw .badRequest(
                "can't parse entities: Unmatched end tag at byte offset \(start), expected \"</\(tag.name)>\", found "
                    + "\"</\(name)>\"")
        }
        tag.entity.length = length - tag.entity.offset
        // <pre><code class="language-x">: one entity.
        if tag.entity.type == "code", open.last?.entity.type == "pre", open.last?.entity.offset == tag.entity.offset {
            open[open.count - 1].entity.extras.merge(tag.entity.extras) { $1 }
            return
        }
        tag.entity.extras = tag.entity.type == "code" ? [:] : tag.entity.extras
        if tag.entity.type == "text_link", tag.entity.extras["url"]?.string?.isEmpty != false { return }
        entities.append(tag.entity)
    }

    private static func entity(_ name: String, _ content: String) -> FormattedText.Entity? {
        var extras: [String: JSONValue] = [:]
        let type: String
        switch name {
        case "b", "strong": type = "bold"
        case "i", "em": type = "italic"
        case "u", "ins": type = "underline"
        case "s", "strike", "del": type = "strikethrough"
        case "tg-spoiler": type = "spoiler"
        case "span" where content.contains("tg-spoiler"): type = "spoiler"
        case "blockquote": type = content.contains("expandable") ? "expandable_blockquote" : "blockquote"
        case "pre": type = "pre"
        case "code":
            type = "code"
            if let language = attribute("class", of: content), language.hasPrefix("language-") {
                extras["language"] = .string(String(language.dropFirst(9)))
            }
        case "a":
            type = "text_link"
            extras["url"] = attribute("href", of: content).map(JSONValue.string)
        case "tg-emoji":
            type = "custom_emoji"
            extras["custom_emoji_id"] = attribute("emoji-id", of: content).map(JSONValue.string)
        default: return nil
        }
        return FormattedText.Entity(type: type, offset: 0, length: 0, extras: extras)
    }

    private static func attribute(_ name: String, of content: String) -> String? {
        guard let start = content.firstRange(of: "\(name)=") else { return nil }
        var value = content[start.upperBound...]
        guard let quote = value.first, quote == "\"" || quote == "'" else {
            return String(value.prefix { !$0.isWhitespace })
        }
        value = value.dropFirst()
        return String(value.prefix { $0 != quote }).replacing("&amp;", with: "&").replacing("&quot;", with: "\"")
    }
}
