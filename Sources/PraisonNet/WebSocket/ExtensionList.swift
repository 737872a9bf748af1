/// The grammar of `Sec-WebSocket-Extensions` (RFC 6455 §9.1): `name; parameter; parameter=value, name …`.
enum ExtensionList {
    struct Parameter: Equatable {
        let name: String
        let value: String?
    }

    struct Entry: Equatable {
        let name: String
        let parameters: [Parameter]
    }

    /// - Returns: the extensions in their order; none where the text does not follow the grammar.
    static func parse(_ fields: [String]) -> [Entry] {
        var entries: [Entry] = []
        for field in fields {
            for text in split(field, at: ",") {
                let parts = split(text, at: ";").map(trim)
                guard let name = parts.first, !name.isEmpty else { return [] }
                entries.append(Entry(name: name, parameters: parts.dropFirst().map(parameter)))
            }
        }
        return entries
    }

    private static func parameter(_ text: String) -> Parameter {
        guard let equals = text.firstIndex(of: "=") else { return Parameter(name: text, value: nil) }
        var value = trim(text[text.index(after: equals)...])
        if value.count >= 2, value.hasPrefix("\""), value.hasSuffix("\"") {
            value = String(value.dropFirst().dropLast().filter { $0 != "\\" })
        }
        return Parameter(name: trim(text[..<equals]), value: value)
    }

    private static func split(_ text: String, at separator: Character) -> [String] {
        var parts = [""]
        var isQuoted = false
        for character in text {
            if character == "\"" { isQuoted.toggle() }
            if character == separator, !isQuoted {
                parts.append("")
            } else {
                parts[parts.count - 1].append(character)
            }
        }
        return parts
    }

    private static func trim(_ text: some StringProtocol) -> String {
        let isSpace: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        let start = text.drop(while: isSpace)
        let end = start.lastIndex { !isSpace($0) }
        return end.map { String(start[...$0]) } ?? ""
    }
}
