import PraisonCore

/// Which message a call answers, and which part of it.
///
/// Source: https://core.telegram.org/bots/api#replyparameters
struct ReplyTarget {
    let message: Int64
    let maySendWithout: Bool
    private let parameters: JSONDocument?

    /// - Returns: `nil` where the call answers nothing.
    init?(_ call: BotCall) throws(BotRefusal) {
        parameters = try call.object("reply_parameters", named: "reply parameters")
        guard let id = parameters?["message_id"]?.integer ?? call.integer("reply_to_message_id") else { return nil }
        message = id
        maySendWithout =
            parameters?["allow_sending_without_reply"]?.bool ?? call.flag("allow_sending_without_reply")
    }

    /// The `TextQuote` of what is quoted from `message`; `nil` for nothing.
    ///
    /// - Throws: what the server answers when it does not stand there like that.
    func quote(from message: StoredMessage) throws(BotRefusal) -> JSONValue? {
        guard let parameters, let source = parameters["quote"]?.string, !source.isEmpty else { return nil }
        var fields = ["quote": source]
        fields["parse_mode"] = parameters["quote_parse_mode"]?.string
        fields["quote_entities"] = parameters["quote_entities"]?.value.text()
        let quote = try FormattedText(
            BotCall(method: "", token: "", fields: fields), text: "quote", entities: "quote_entities", limit: 1024,
            mayBeEmpty: true)
        let (text, shapes) = (Array(quote.text.utf16), Self.shapes(quote.entities, in: 0..<quote.text.utf16.count))
        let original = FormattedText(of: message)
        let units = Array(original.text.utf16)
        let places = units.indices.filter { start in
            units[start...].starts(with: text)
                && Self.shapes(original.entities, in: start..<(start + text.count)) == shapes
        }
        let wanted = parameters["quote_position"]?.int ?? 0
        guard !text.isEmpty, let position = places.min(by: { abs($0 - wanted) < abs($1 - wanted) }) else {
            throw .badRequest("QUOTE_TEXT_INVALID")
        }
        var object: [String: JSONValue] = [
            "text": .string(quote.text), "position": JSONValue(position), "is_manual": true,
        ]
        if !shapes.isEmpty { object["entities"] = .array(shapes.map(\.json)) }
        return .object(object)
    }

    /// The entities a quote keeps, of those that reach into `range`, cut to it and counted from its start.
    private static func shapes(_ entities: [FormattedText.Entity], in range: Range<Int>) -> [FormattedText.Entity] {
        entities.compactMap { entity in
            let (start, end) = (max(entity.offset, range.lowerBound), min(entity.end, range.upperBound))
            guard kept.contains(entity.type), start < end else { return nil }
            return FormattedText.Entity(
                type: entity.type, offset: start - range.lowerBound, length: end - start, extras: entity.extras)
        }
    }

    private static let kept: Set<String> = [
        "bold", "italic", "underline", "strikethrough", "spoiler", "custom_emoji", "date_time",
    ]
}
