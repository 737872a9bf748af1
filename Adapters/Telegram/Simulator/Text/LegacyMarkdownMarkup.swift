import PraisonCore

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
