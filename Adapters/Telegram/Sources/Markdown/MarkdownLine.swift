/// One line, and which block it may begin.
struct MarkdownLine {
    struct Fence {
        var marker: Character
        var length: Int
        var indentation: Int
        var language: String?
    }

    private let line: Substring
    private let content: Substring
    private let indentation: Int

    init(_ line: Substring) {
        self.line = line
        content = line.drop { $0 == " " || $0 == "\t" }
        indentation = line.distance(from: line.startIndex, to: content.startIndex)
    }

    var isBlank: Bool { content.allSatisfy(\.isWhitespace) }

    var withoutTrailingSpace: String {
        var line = line
        while line.last == " " || line.last == "\t" { line.removeLast() }
        return String(line)
    }

    /// The opening of a code block: three backticks or tildes and perhaps a language.
    var fence: Fence? {
        guard let marker = content.first, marker == "`" || marker == "~" else { return nil }
        let length = content.prefix { $0 == marker }.count
        let info = content.dropFirst(length)
        // CommonMark 0.31 §4.5: backticks after backticks make it inline code.
        guard length >= 3, marker == "~" || !info.contains("`") else { return nil }
        let language = info.split(whereSeparator: \.isWhitespace).first.map(String.init)
        return Fence(marker: marker, length: length, indentation: indentation, language: language)
    }

    func closes(_ fence: Fence) -> Bool {
        let run = content.prefix { $0 == fence.marker }.count
        return run >= fence.length && content.dropFirst(run).allSatisfy(\.isWhitespace)
    }

    /// The text of `## Heading ##`.
    var heading: Substring? {
        let level = content.prefix { $0 == "#" }.count
        let rest = content.dropFirst(level)
        guard (1...6).contains(level), rest.first == " " || rest.first == "\t" || rest.isEmpty else { return nil }
        var text = rest.drop { $0 == " " || $0 == "\t" }
        while text.last?.isWhitespace == true { text.removeLast() }
        let closing = text.reversed().prefix { $0 == "#" }.count
        let withoutClosing = text.dropLast(closing)
        if closing > 0, withoutClosing.isEmpty || withoutClosing.last == " " { text = withoutClosing }
        return text
    }

    /// Three or more of `*`, `-` or `_` and nothing else.
    var isThematicBreak: Bool {
        guard let marker = content.first, marker == "*" || marker == "-" || marker == "_" else { return false }
        return content.allSatisfy { $0 == marker || $0 == " " || $0 == "\t" }
            && content.filter { $0 == marker }.count > 2
    }

    /// `===` or `---` under a paragraph make it a heading.
    var isSetextUnderline: Bool {
        guard let marker = content.first, marker == "=" || marker == "-" else { return false }
        let run = content.prefix { $0 == marker }.count
        return run >= 2 && content.dropFirst(run).allSatisfy(\.isWhitespace)
    }

    /// What stands behind `>`.
    var quoted: Substring? {
        guard content.first == ">" else { return nil }
        let rest = content.dropFirst()
        return rest.first == " " ? rest.dropFirst() : rest
    }

    /// `- item`, `3. item`, `- [x] done`: what is shown before the item's text, and the text.
    var listItem: (prefix: String, content: Substring)? {
        let indent = String(line.prefix(indentation))
        if let bullet = content.first, bullet == "-" || bullet == "*" || bullet == "+" {
            let rest = content.dropFirst()
            guard rest.first == " " || rest.first == "\t" else { return nil }
            let text = rest.drop { $0 == " " || $0 == "\t" }
            for (box, sign) in [("[ ] ", "☐"), ("[x] ", "☑"), ("[X] ", "☑")] where text.hasPrefix(box) {
                return ("\(indent)\(sign) ", text.dropFirst(box.count))
            }
            return ("\(indent)• ", text)
        }
        let digits = content.prefix { ("0"..."9").contains($0) }
        let rest = content.dropFirst(digits.count)
        guard (1...9).contains(digits.count), let mark = rest.first, mark == "." || mark == ")" else { return nil }
        let text = rest.dropFirst()
        guard text.first == " " || text.first == "\t" else { return nil }
        return ("\(indent)\(digits)\(mark) ", text.drop { $0 == " " || $0 == "\t" })
    }

    var interruptsParagraph: Bool {
        isBlank || fence != nil || heading != nil || isThematicBreak || quoted != nil || listItem != nil
            || isSetextUnderline
    }
}
