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

    /// Text in which nothing looks like a fence: a backslash parts the bracket from the name.
    public static func escaped(_ text: String) -> String {
        guard text.utf8.contains(UInt8(ascii: "<")) else { return text }
        var result = ""
        var rest = text[...]
        while let bracket = rest.firstIndex(of: "<") {
            result += rest[..<bracket]
            let following = rest[rest.index(after: bracket)...].drop { $0 == "/" || $0.isWhitespace }
                .prefix(16).lowercased()
            result += names.contains(where: following.hasPrefix) ? "<\\" : "<"
            rest = rest[rest.index(after: bracket)...]
        }
        return result + rest
    }

    /// One short line without quotes or brackets.
    private static func plain(_ text: String) -> String {
        String(text.filter { !$0.isNewline && !"\"<>".contains($0) }.prefix(120))
    }
}
