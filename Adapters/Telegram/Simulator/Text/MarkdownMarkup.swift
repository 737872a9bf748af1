import PraisonCore

/// `parse_mode: MarkdownV2`.
///
/// Source: https://core.telegram.org/bots/api#markdownv2-style
struct MarkdownMarkup {
    private let source: [Unicode.Scalar]
    private var position = 0
    private var output = String.UnicodeScalarView()
    private var length = 0
    private var open: [(marker: String, type: String, offset: Int, byte: Int)] = []
    private var entities: [FormattedText.Entity] = []
    private var quoteStart: Int?

    private init(_ source: String) { self.source = Array(source.unicodeScalars) }

    static func parse(_ source: String) throws(BotRefusal) -> FormattedText {
        var markup = MarkdownMarkup(source)
        while markup.position < markup.source.count { try markup.step() }
        markup.endQuote()
        if let last = markup.open.last {
            throw .badRequest(
                "can't parse entities: Can't find end of \(name(of: last.type)) entity at byte offset \(last.byte)")
        }
        var text = FormattedText(text: String(markup.output))
        text.entities = markup.entities.filter { $0.length > 0 }
            .sorted { ($0.offset, -$0.length) < ($1.offset, -$1.length) }
        return text
    }

    private static func name(of type: String) -> String {
        switch type {
        case "text_link": "TextUrl"
        case "pre": "Pre"
        default: type.prefix(1).uppercased() + type.dropFirst()
        }
    }

    private var byteOffset: Int { source[..<position].reduce(0) { $0 + UTF8.width($1) } }

    private func stands(_ marker: String) -> Bool { source[position...].starts(with: marker.unicodeScalars) }

    private mutating func emit(_ scalar: Unicode.Scalar) {
        output.append(scalar)
        length += UTF16.width(scalar)
        position += 1
    }

    private mutating func step() throws(BotRefusal) {
        let scalar = source[position]
        let isLineStart = position == 0 || source[position - 1] == "\n"
        if isLineStart, quoteStart != nil, scalar != ">" { endQuote() }
        switch scalar {
        case "\\" where position + 1 < source.count && source[position + 1].isASCII && source[position + 1].value > 32:
            position += 1
            emit(source[position])
        case "`": try code()
        case ">" where isLineStart:
            if quoteStart == nil { quoteStart = length }
            position += 1
        case "[":
            open.append(("[", "text_link", length, byteOffset))
            position += 1
        case "]" where open.last?.marker == "[": try link()
        case "*", "_", "~", "|":
            try emphasis()
        case "(", ")", "#", "+", "-", "=", "{", "}", ".", "!", ">", "]":
            throw .badRequest(
                "can't parse entities: Character '\(scalar)' is reserved and must be escaped with the preceding '\\'")
        default: emit(scalar)
        }
    }

    private mutating func emphasis() throws(BotRefusal) {
        let markers = [("__", "underline"), ("||", "spoiler"), ("*", "bold"), ("_", "italic"), ("~", "strikethrough")]
        guard let (marker, type) = markers.first(where: { stands($0.0) }) else {
            throw .badRequest(
                "can't parse entities: Character '|' is reserved and must be escaped with the preceding '\\'")
        }
        if let last = open.last, last.marker == marker {
            open.removeLast()
            entities.append(.init(type: type, offset: last.offset, length: length - last.offset))
        } else {
            open.append((marker, type, length, byteOffset))
        }
        position += marker.unicodeScalars.count
    }

    private mutating func link() throws(BotRefusal) {
        guard let start = open.popLast() else { return }
        position += 1
        guard position < source.count, source[position] == "(" else { return }
        position += 1
        var url = String.UnicodeScalarView()
        while position < source.count, source[position] != ")" {
            if source[position] == "\\", position + 1 < source.count { position += 1 }
            url.append(source[position])
            position += 1
        }
        guard position < source.count else {
            throw .badRequest("can't parse entities: Can't find end of a URL at byte offset \(byteOffset)")
        }
        position += 1
        entities.append(
            .init(
                type: "text_link", offset: start.offset, length: length - start.offset,
                extras: ["url": .string(String(url))]))
    }

    private mutating func code() throws(BotRefusal) {
        let isBlock = stands("```")
        let marker = isBlock ? "```" : "`"
        let byte = byteOffset
        position += marker.count
        var extras: [String: JSONValue] = [:]
        if isBlock {
            let word = source[position...].prefix { !$0.properties.isWhitespace && $0 != "`" }
            let end = position + word.count
            if end < source.count, source[end] == "\n" {
                if !word.isEmpty { extras["language"] = .string(String(String.UnicodeScalarView(word))) }
                position = end + 1
            }
        }
        let start = length
        while position < source.count, !stands(marker) {
            if source[position] == "\\", position + 1 < source.count { position += 1 }
            emit(source[position])
        }
        guard position < source.count else {
            throw .badRequest(
                "can't parse entities: Can't find end of \(isBlock ? "Pre" : "Code") entity at byte offset \(byte)")
        }
        position += marker.count
        entities.append(.init(type: isBlock ? "pre" : "code", offset: start, length: length - start, extras: extras))
    }

    private mutating func endQuote() {
        guard let start = quoteStart else { return }
        entities.append(.init(type: "blockquote", offset: start, length: length - start))
        quoteStart = nil
    }
}

/// `parse_mode: Markdown`, the first one, in which entities do not nest.
///
/// Source: https://core.telegram.org/bots/api#markdown-style
enum LegacyMarkdownMarkup {
    static func parse(_ source: String) throws(BotRefusal) -> FormattedText {
        let scalars = Array(source.unicodeScalars)
        var text = FormattedText(text: "")
        var output = String.UnicodeScalarView()
        var position = 0
        let types: [Unicode.Scalar: String] = ["*": "bold", "_": "italic", "`": "code", "[": "text_link"]
        while position < scalars.count {
            let scalar = scalars[position]
            if scalar == "\\", position + 1 < scalars.count, "_*`[".unicodeScalars.contains(scalars[position + 1]) {
                output.append(scalars[position + 1])
                position += 2
                continue
            }
            guard var type = types[scalar] else {
                output.append(scalar)
                position += 1
                continue
            }
            let isBlock = scalars[position...].starts(with: "```".unicodeScalars)
            if isBlock { type = "pre" }
            let marker = Array((isBlock ? "```" : type == "text_link" ? "]" : String(scalar)).unicodeScalars)
            let start = position + (isBlock ? 3 : 1)
            guard let end = scalars.indices.first(where: { $0 >= start && scalars[$0...].starts(with: marker) }) else {
                let byte = scalars[..<position].reduce(0) { $0 + UTF8.width($1) }
                throw .badRequest(
                    "can't parse entities: Can't find end of the entity starting at byte offset \(byte)")
            }
            var entity = FormattedText.Entity(type: type, offset: String(output).utf16.count, length: 0)
            output.append(contentsOf: scalars[start..<end])
            entity.length = String(output).utf16.count - entity.offset
            position = end + marker.count
            if type == "text_link", position < scalars.count, scalars[position] == "(",
                let close = scalars[position...].firstIndex(of: ")")
            {
                entity.extras["url"] = .string(String(String.UnicodeScalarView(scalars[(position + 1)..<close])))
                position = close + 1
            }
            if entity.length > 0 { text.entities.append(entity) }
        }
        text.text = String(output)
        return text
    }
}
