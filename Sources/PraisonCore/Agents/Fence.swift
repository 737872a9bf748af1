/// Marks text that comes from outside inside what a language model reads, so that it can tell what it is asked from what
/// it is shown. What stands inside can't close the fence.
public enum Fence {
    private static let names = ["file", "forwarded", "tool_result", "memory", "text", "summary", "knowledge"]

    /// `text` between `<name …>` and `</name>`.
    public static func wrap(_ text: String, in name: String, _ attributes: [(name: String, value: String)] = [])
        -> String
    {
        let written = attributes.map { " \($0.name)=\"\(plain($0.value))\"" }.joined()
        return "<\(name)\(written)>\n\(escaped(text))\n</\(name)>"
    }

    /// What ``wrap(_:in:_:)`` was given; a text without a fence is itself.
    public static func content(of text: String) -> String {
        guard text.hasPrefix("<"), text.hasSuffix(">"), let first = text.firstIndex(of: "\n"),
            let last = text.lastIndex(of: "\n"), first < last
        else { return text }
        return String(text[text.index(after: first)..<last])
    }

    /// The lines of a text that are in no fence.
    public static func outside(of text: String) -> String {
        guard text.utf8.contains(UInt8(ascii: "<")) else { return text }
        var closing: String?
        var lines: [Substring] = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if let end = closing {
                if line == end { closing = nil }
            } else if let name = names.first(where: { line.hasPrefix("<\($0)>") || line.hasPrefix("<\($0) ") }) {
                closing = "</\(name)>"
            } else {
                lines.append(line)
            }
        }
        return lines.joined(separator: "\n")
    }

    /// Text in which nothing looks like a fence: a backslash parts the bracket from the name. What nobody sees, between
    /// the bracket and the name or within it, does not hide one.
    public static func escaped(_ text: String) -> String {
        guard text.utf8.contains(UInt8(ascii: "<")) else { return text }
        // By scalars: a mark that follows it would make another character of the bracket.
        let scalars = text.unicodeScalars
        var result = String.UnicodeScalarView()
        var position = scalars.startIndex
        while position < scalars.endIndex {
            result.append(scalars[position])
            let next = scalars.index(after: position)
            if scalars[position] == "<", opensName(scalars[next...]) { result.append("\\") }
            position = next
        }
        return String(result)
    }

    /// Whether what follows a bracket reads as a fence's name.
    private static func opensName(_ rest: Substring.UnicodeScalarView) -> Bool {
        var word = ""
        for scalar in rest {
            if scalar == "<" || word.utf8.count >= 16 { break }
            if isUnseen(scalar) || word.isEmpty && (scalar == "/" || scalar.properties.isWhitespace) { continue }
            word += scalar.properties.lowercaseMapping
        }
        return names.contains(where: word.hasPrefix)
    }

    /// Whether nobody sees it, though it may stand before or within what is seen.
    public static func isUnseen(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return scalar.value < 0x20 && !scalar.properties.isWhitespace || scalar.value == 0x7F }
        if scalar.properties.isDefaultIgnorableCodePoint { return true }
        return switch scalar.properties.generalCategory {
        case .format, .control, .nonspacingMark, .enclosingMark: true
        default: false
        }
    }

    /// What something from outside is called, such as a file or a poll, to stand among words of ours: one short line in
    /// which nothing opens or closes a bracket, a fence or a quotation. Empty where nothing is left.
    public static func label(_ text: String) -> String {
        String(plain(text, without: "\"<>[]").drop(while: \.isWhitespace))
    }

    /// One short line without quotes or brackets, whatever hangs on them.
    private static func plain(_ text: String, without marks: String = "\"<>") -> String {
        var kept = String.UnicodeScalarView()
        // Any number of marks may hang on one letter.
        for scalar in text.unicodeScalars.prefix(4 * maximumLabel) {
            if Character(scalar).isNewline {
                kept.append(" ")
            } else if scalar.value >= 0x20, scalar != "\u{7F}", !marks.unicodeScalars.contains(scalar) {
                kept.append(scalar)
            }
        }
        return String(String(kept).prefix(maximumLabel))
    }

    /// Characters of a label.
    private static let maximumLabel = 120
}
