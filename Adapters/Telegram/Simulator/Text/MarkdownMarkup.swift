import PraisonCore

/// `parse_mode: MarkdownV2`.
///
/// Source: https://core.telegram.org/bots/api#markdownv2-style
struct MarkdownMarkup {
    private enum Kind: String {
        case bold, italic, underline, strikethrough, spoiler, code, pre
        case link = "text_link"
        case emoji = "custom_emoji"
        case quote = "blockquote"
        case expandableQuote = "expandable_blockquote"

        /// As refusals call it.
        var name: String {
            switch self {
            case .link: "TextUrl"
            case .emoji: "CustomEmoji"
            case .quote: "BlockQuote"
            default: rawValue.prefix(1).uppercased() + rawValue.dropFirst()
            }
        }
    }

    private let source: [Unicode.Scalar]
    private var position = 0
    private var output = String.UnicodeScalarView()
    private var length = 0
    private var open: [(kind: Kind, offset: Int, byte: Int)] = []
    private var entities: [FormattedText.Entity] = []
    /// Whether nothing of this line has been said yet. Markers of nothing don't count: `**` before `>` is an empty bold
    /// text, by which one quote can be told from the one before it.
    private var mayStartQuote = true

    private init(_ source: String) { self.source = Array(source.unicodeScalars) }

    static func parse(_ source: String) throws(BotRefusal) -> FormattedText {
        var markup = MarkdownMarkup(source)
        while markup.position < markup.source.count { try markup.step() }
        if markup.isInQuote { try markup.endQuote(as: .quote) }
        if let last = markup.open.last { throw missingEnd(last.kind, last.byte) }
        var text = FormattedText(text: String(markup.output))
        text.entities = markup.entities.filter { $0.length > 0 }
            .sorted { ($0.offset, -$0.length) < ($1.offset, -$1.length) }
        return text
    }

    // MARK: Where we are

    private var byteOffset: Int { source[..<position].reduce(0) { $0 + UTF8.width($1) } }
    private var isInQuote: Bool { open.contains { $0.kind == .quote } }

    private func stands(_ marker: String) -> Bool { source[position...].starts(with: marker.unicodeScalars) }

    private static func missingEnd(_ kind: Kind, _ byte: Int) -> BotRefusal {
        .badRequest("can't parse entities: Can't find end of \(kind.name) entity at byte offset \(byte)")
    }

    private static func reserved(_ scalar: Unicode.Scalar) -> BotRefusal {
        .badRequest(
            "can't parse entities: Character '\(scalar)' is reserved and must be escaped with the preceding '\\'")
    }

    // MARK: One step

    private mutating func emit(_ scalar: Unicode.Scalar) {
        output.append(scalar)
        length += UTF16.width(scalar)
        position += 1
        mayStartQuote = scalar == "\n"
    }

    private mutating func begin(_ kind: Kind, _ marker: String) {
        open.append((kind, length, byteOffset))
        position += marker.unicodeScalars.count
    }

    private mutating func step() throws(BotRefusal) {
        let scalar = source[position]
        switch scalar {
        case "\\" where position + 1 < source.count && source[position + 1].isASCII && source[position + 1].value > 32:
            position += 1
            emit(source[position])
            mayStartQuote = false
        case "\n": try newLine()
        case "`": try code()
        case ">" where mayStartQuote && !isInQuote: begin(.quote, ">")
        case "!" where stands("!["): begin(.emoji, "![")
        case "[": begin(.link, "[")
        case "]" where open.last?.kind == .link: try link()
        case "]" where open.last?.kind == .emoji: try emoji()
        case "|" where open.last?.kind == .quote && isMarkOfExpandability: try endExpandableQuote()
        case "*", "_", "~", "|": try emphasis()
        case "(", ")", "#", "+", "-", "=", "{", "}", ".", "!", ">", "]": throw Self.reserved(scalar)
        default: emit(scalar)
        }
    }

    private mutating func emphasis() throws(BotRefusal) {
        let markers: [(String, Kind)] = [
            ("__", .underline), ("||", .spoiler), ("*", .bold), ("_", .italic), ("~", .strikethrough),
        ]
        guard let (marker, kind) = markers.first(where: { stands($0.0) }) else { throw Self.reserved("|") }
        guard let last = open.last, last.kind == kind else { return begin(kind, marker) }
        close(last.offset, kind)
        position += marker.unicodeScalars.count
    }

    /// The innermost open entity ends here.
    private mutating func close(_ offset: Int, _ kind: Kind, _ extras: [String: JSONValue] = [:]) {
        open.removeLast()
        entities.append(.init(type: kind.rawValue, offset: offset, length: length - offset, extras: extras))
    }

    // MARK: Quotes

    /// A quote goes on as long as lines begin with `>`; its last line's end belongs to it.
    private mutating func newLine() throws(BotRefusal) {
        emit("\n")
        guard isInQuote else { return }
        if stands(">") {
            position += 1
            mayStartQuote = false
        } else {
            try endQuote(as: .quote)
        }
    }

    private mutating func endQuote(as kind: Kind) throws(BotRefusal) {
        guard let last = open.last else { return }
        guard last.kind == .quote else { throw Self.missingEnd(last.kind, last.byte) }
        close(last.offset, kind)
    }

    /// `||` at the very end of a quote, where no spoiler is open.
    private var isMarkOfExpandability: Bool {
        guard stands("||") else { return false }
        let after = source[(position + 2)...]
        return after.isEmpty || after.first == "\n" && after.dropFirst().first != ">"
    }

    private mutating func endExpandableQuote() throws(BotRefusal) {
        position += 2
        if position < source.count { emit("\n") }
        try endQuote(as: .expandableQuote)
    }

    // MARK: Links and emoji

    private mutating func link() throws(BotRefusal) {
        guard let start = open.last else { return }
        position += 1
        guard let url = try address("URL") else {
            open.removeLast()
            return
        }
        close(start.offset, .link, ["url": .string(url)])
    }

    private mutating func emoji() throws(BotRefusal) {
        guard let start = open.last else { return }
        position += 1
        guard let url = try address("custom emoji URL") else {
            throw .badRequest("can't parse entities: Custom emoji entity must contain a tg://emoji URL")
        }
        let prefix = "tg://emoji?id="
        guard url.lowercased().hasPrefix(prefix) else {
            throw .badRequest("can't parse entities: Custom emoji URL must have an emoji identifier")
        }
        let id = String(url.dropFirst(prefix.count))
        guard Int64(id) ?? 0 != 0 else {
            throw .badRequest("can't parse entities: Invalid custom emoji identifier specified")
        }
        close(start.offset, .emoji, ["custom_emoji_id": .string(id)])
    }

    /// What stands in parentheses here; `nil` where there are none.
    private mutating func address(_ what: String) throws(BotRefusal) -> String? {
        guard position < source.count, source[position] == "(" else { return nil }
        position += 1
        let start = byteOffset
        var url = String.UnicodeScalarView()
        while position < source.count, source[position] != ")" {
            if source[position] == "\\", position + 1 < source.count { position += 1 }
            url.append(source[position])
            position += 1
        }
        guard position < source.count else {
            throw .badRequest("can't parse entities: Can't find end of a \(what) at byte offset \(start)")
        }
        position += 1
        return String(url)
    }

    // MARK: Code

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
            throw Self.missingEnd(isBlock ? .pre : .code, byte)
        }
        position += marker.count
        mayStartQuote = false
        entities.append(.init(type: isBlock ? "pre" : "code", offset: start, length: length - start, extras: extras))
    }
}
