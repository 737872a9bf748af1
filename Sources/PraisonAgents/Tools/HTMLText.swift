/// The words in a piece of HTML.
enum HTMLText {
    /// Without tags, with entities resolved and white space as single spaces.
    static func plain(_ html: String) -> String {
        var text = ""
        var tag: String?
        for character in html {
            switch (tag, character) {
            case (nil, "<"): tag = ""
            case (let name?, ">"):
                tag = nil
                if !keepsWordsTogether(name) { text.append(" ") }
            case (let name?, _): if name.utf8.count < 16 { tag = name + String(character) }
            case (nil, _): text.append(character)
            }
        }
        return unescaped(text).split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    /// Whether a tag stands inside a word or a line, as `b` does and `p` does not.
    private static func keepsWordsTogether(_ tag: String) -> Bool {
        let name = tag.drop { $0 == "/" }.prefix { $0.isLetter }.lowercased()
        return ["a", "abbr", "b", "code", "em", "i", "mark", "small", "span", "strong", "sub", "sup", "u"].contains(
            name)
    }

    static func unescaped(_ text: String) -> String {
        guard text.contains("&") else { return text }
        var result = ""
        var rest = text[...]
        while let ampersand = rest.firstIndex(of: "&") {
            result += rest[..<ampersand]
            rest = rest[ampersand...]
            // The longest name is short; whatever has no semicolon soon after is no entity.
            guard let end = rest.prefix(12).firstIndex(of: ";"),
                let character = entity(rest.dropFirst().prefix(upTo: end))
            else {
                result.append("&")
                rest = rest.dropFirst()
                continue
            }
            result.append(character)
            rest = rest[rest.index(after: end)...]
        }
        return result + rest
    }

    private static func entity(_ name: Substring) -> Character? {
        switch name {
        case "amp": return "&"
        case "lt": return "<"
        case "gt": return ">"
        case "quot": return "\""
        case "apos": return "'"
        case "nbsp": return " "
        case "hellip": return "…"
        case "ndash": return "–"
        case "mdash": return "—"
        default: break
        }
        guard name.first == "#" else { return nil }
        let digits = name.dropFirst()
        let code =
            digits.first == "x" || digits.first == "X" ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
        return code.flatMap(Unicode.Scalar.init).map(Character.init)
    }
}
