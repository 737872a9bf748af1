import PraisonCore

/// A text with entities at UTF-16 offsets, as the Bot API keeps it.
struct FormattedText: Equatable {
    struct Entity: Equatable {
        var type: String
        var offset: Int
        var length: Int
        /// What the type has besides: `url`, `language`, `user`, `custom_emoji_id`.
        var extras: [String: JSONValue] = [:]

        var end: Int { offset + length }

        init(type: String, offset: Int, length: Int, extras: [String: JSONValue] = [:]) {
            (self.type, self.offset, self.length, self.extras) = (type, offset, length, extras)
        }

        /// Whom it mentions by number; `nil` for everything else.
        var mentionedUser: Int64? {
            switch type {
            case "text_mention": extras["user"]?["id"]?.int.map(Int64.init)
            case "text_link":
                extras["url"]?.string.flatMap { url in
                    let start = "tg://user?id="
                    return url.lowercased().hasPrefix(start) ? Int64(url.dropFirst(start.count)) : nil
                }
            default: nil
            }
        }

        /// From a `MessageEntity` object.
        init?(_ json: JSONValue) {
            guard var members = json.object, let type = members.removeValue(forKey: "type")?.string,
                let offset = members.removeValue(forKey: "offset")?.int,
                let length = members.removeValue(forKey: "length")?.int, offset >= 0, length > 0,
                offset <= Int.max - length
            else { return nil }
            self.init(type: type, offset: offset, length: length, extras: members)
        }

        var json: JSONValue {
            .object(
                extras.merging([
                    "type": .string(type), "offset": JSONValue(offset), "length": JSONValue(length),
                ]) { _, own in own })
        }
    }

    var text: String
    var entities: [Entity] = []

    var entitiesJSON: JSONValue? { entities.isEmpty ? nil : .array(entities.map(\.json)) }

    /// Reads what a call sends as `text` or `caption`: its markup or its entities, then what the server finds itself.
    ///
    /// - Parameter limit: code points after parsing.
    /// - Throws: what the server answers to a text it does not take.
    init(
        _ call: BotCall, text name: String, entities listName: String, limit: Int, mayBeEmpty: Bool
    ) throws(BotRefusal) {
        let source = call.fields[name] ?? ""
        let tooLong = name == "caption" ? "message caption is too long" : "message is too long"
        // A text hopelessly long is not even parsed.
        guard source.utf8.count <= 1 << 16 else { throw .badRequest(tooLong) }
        var formatted: FormattedText
        switch (call.text("parse_mode") ?? "").lowercased() {
        case "": formatted = try FormattedText(source, entities: call.json(listName))
        case "html": formatted = try HTMLMarkup.parse(source)
        case "markdownv2": formatted = try MarkdownMarkup.parse(source)
        case "markdown": formatted = try LegacyMarkdownMarkup.parse(source)
        case "none": formatted = FormattedText(text: source)
        default: throw .badRequest("unsupported parse_mode")
        }
        formatted.trim()
        if formatted.text.isEmpty, !mayBeEmpty { throw .badRequest("message text is empty") }
        guard formatted.text.unicodeScalars.count <= limit else { throw .badRequest(tooLong) }
        formatted.findEntities()
        formatted.nestEntities()
        // Up to a hundred count.
        formatted.entities = Array(formatted.entities.prefix(100))
        self = formatted
    }

    init(text: String) { self.text = text }

    /// The text or caption of a message.
    init(of message: StoredMessage) {
        let members = message.members
        text = members["text"]?.string ?? members["caption"]?.string ?? ""
        entities = (members["entities"] ?? members["caption_entities"])?.array?.compactMap(Entity.init) ?? []
    }

    /// With entities given beside it, which have to lie on whole characters.
    private init(_ text: String, entities list: JSONDocument?) throws(BotRefusal) {
        self.text = text
        let units = Array(text.utf16)
        for element in list?.elements ?? [] {
            guard let type = element["type"]?.string, let offset = element["offset"]?.int,
                let length = element["length"]?.int
            else { throw .badRequest("can't parse entities: expected an object with type, offset and length") }
            guard length > 0 else { continue }
            guard offset >= 0, offset <= units.count, length <= units.count - offset else {
                throw .badRequest(
                    "entity beginning at UTF-16 offset \(offset) ends after the end of the text at UTF-16 offset "
                        + "\(offset &+ length)")
            }
            for place in [offset, offset + length]
            where place < units.count && UTF16.isTrailSurrogate(units[place]) {
                throw .badRequest(
                    "entity beginning at UTF-16 offset \(offset) begins or ends in a middle of a UTF-16 symbol at "
                        + "UTF-16 offset \(place)")
            }
            guard Self.given.contains(type) else { continue }
            var extras: [String: JSONValue] = [:]
            for name in ["url", "language", "user", "custom_emoji_id"] {
                extras[name] = element[dynamic: name]?.value
            }
            if type == "text_link", extras["url"]?.string?.isEmpty != false {
                throw .badRequest("can't parse entities: text_link needs a url")
            }
            entities.append(Entity(type: type, offset: offset, length: length, extras: extras))
        }
    }

    /// Types a bot can give; the others the server finds itself.
    private static let given: Set<String> = [
        "bold", "italic", "underline", "strikethrough", "spoiler", "blockquote", "expandable_blockquote", "code", "pre",
        "text_link", "text_mention", "custom_emoji",
    ]

    /// White space goes off both ends, and entities shrink with it.
    private mutating func trim() {
        let scalars = text.unicodeScalars
        let isSpace: (Unicode.Scalar) -> Bool = { $0.properties.isWhitespace }
        guard let first = scalars.firstIndex(where: { !isSpace($0) }),
            let last = scalars.lastIndex(where: { !isSpace($0) })
        else {
            (text, entities) = ("", [])
            return
        }
        // Code at the very start may be indented.
        let keepsStart = entities.contains { $0.offset == 0 && ($0.type == "pre" || $0.type == "code") }
        let start = keepsStart ? scalars.startIndex : first
        let cut = text.utf16.distance(from: text.startIndex, to: start)
        text = String(scalars[start...last])
        let length = text.utf16.count
        entities = entities.compactMap { entity in
            let (start, end) = (max(entity.offset - cut, 0), min(entity.end - cut, length))
            guard end > start else { return nil }
            return Entity(type: entity.type, offset: start, length: end - start, extras: entity.extras)
        }
    }

    // MARK: What the server finds itself

    /// Adds mentions, commands, hashtags, addresses and links that stand in the text outside of code.
    mutating func findEntities() {
        let closed = entities.filter { ["code", "pre", "text_link", "text_mention"].contains($0.type) }
        for found in EntityFinder(text).entities
        where !closed.contains(where: { $0.offset < found.end && found.offset < $0.end }) {
            entities.append(found)
        }
    }

    // MARK: Mentions

    /// A link to `tg://user?id=N` mentions somebody: the link of somebody known becomes that, others are lost.
    ///
    /// - Parameter user: the `User` of a number.
    mutating func mentionUsers(_ user: (Int64) -> JSONValue?) {
        entities = entities.compactMap { entity in
            guard let id = entity.mentionedUser else { return entity }
            guard let user = user(id) else { return nil }
            return Entity(type: "text_mention", offset: entity.offset, length: entity.length, extras: ["user": user])
        }
    }
}
