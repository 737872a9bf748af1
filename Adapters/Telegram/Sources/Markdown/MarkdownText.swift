import PraisonCore

/// A text as Telegram takes it: plain, with entities beside it. Made from CommonMark as language models write it.
///
/// Entities need no escaping and cannot fail to parse, which is why they are used rather than MarkdownV2 or HTML.
/// Markup that is not closed stays as text. The result is never longer than its source in UTF-16 units, so what was
/// split to fit still fits. Every entity covers whole graphemes and has no white space at its end.
struct MarkdownText: Hashable, Sendable {
    var text: String
    var entities: [TextEntity]

    /// Shown letter by letter.
    init(plain text: String) {
        self.text = text
        entities = []
    }

    init(_ source: String) {
        let styled = MarkdownBlocks(source).rendered()
        let trimmed = styled.trimmed()
        text = trimmed.text
        entities = EntityTidying(text: trimmed.text).tidied(trimmed.entities)
    }

    /// As the Bot API wants them; `nil` for none. It reads the first hundred.
    var entitiesJSON: JSONValue? {
        entities.isEmpty ? nil : .array(entities.prefix(100).map(Self.json))
    }

    private static func json(_ entity: TextEntity) -> JSONValue {
        var members: [String: JSONValue] = ["offset": JSONValue(entity.offset), "length": JSONValue(entity.length)]
        switch entity.kind {
        case .link:
            members["type"] = "text_link"
            members["url"] = JSONValue(entity.value)
        case .pre:
            members["type"] = "pre"
            members["language"] = entity.value.map(JSONValue.string)
        case .quote: members["type"] = "blockquote"
        default: members["type"] = .string(entity.kind.rawValue)
        }
        return .object(members)
    }
}

/// A text under construction, with entities at UTF-16 offsets into it.
struct StyledText {
    private(set) var text = ""
    /// The text's length in UTF-16 units, counted once.
    private(set) var length = 0
    var entities: [TextEntity] = []

    init(_ text: String = "") { append(text) }

    mutating func append(_ more: String) {
        text += more
        length += more.utf16.count
    }

    mutating func append(_ more: StyledText) {
        for entity in more.entities {
            var shifted = entity
            shifted.offset += length
            entities.append(shifted)
        }
        text += more.text
        length += more.length
    }

    /// Covers everything so far.
    mutating func cover(with kind: TextEntity.Kind, value: String? = nil) {
        guard length > 0 else { return }
        entities.append(TextEntity(kind: kind, offset: 0, length: length, value: value))
    }

    /// Without the blank lines Telegram would cut off at both ends. Indentation of a code block at the start stays.
    func trimmed() -> StyledText {
        var scalars = text.unicodeScalars[...]
        var cut = 0
        let startsWithCode = entities.contains { $0.kind == .pre && $0.offset == 0 }
        while let first = scalars.first, first == "\n" || (!startsWithCode && first.properties.isWhitespace) {
            cut += UTF16.width(first)
            scalars.removeFirst()
        }
        while let last = scalars.last, last.properties.isWhitespace { scalars.removeLast() }
        var result = StyledText(String(scalars))
        for entity in entities {
            let start = min(max(entity.offset - cut, 0), result.length)
            let end = min(max(entity.offset + entity.length - cut, 0), result.length)
            var moved = entity
            (moved.offset, moved.length) = (start, end - start)
            result.entities.append(moved)
        }
        return result
    }
}
