import PraisonCore

/// What a call hangs below its message, checked as the server checks it.
///
/// Source: https://core.telegram.org/bots/api#inlinekeyboardmarkup
enum ReplyMarkup {
    /// Bytes of `callback_data`.
    private static let dataLimit = 64

    /// The keyboard that stands in the message; `nil` for none, and for the kinds that only apps see.
    static func shown(by call: BotCall) throws(BotRefusal) -> JSONValue? {
        let markup = try call.object("reply_markup", named: "reply markup", inJSON: "reply keyboard markup")
        guard let markup, let rows = markup["inline_keyboard"] else { return nil }
        guard rows.kind == .array else { throw .badRequest("field \"inline_keyboard\" must be of type Array") }
        for row in rows.elements {
            guard row.kind == .array else {
                throw .badRequest("field \"inline_keyboard\" of the InlineKeyboardMarkup must be an Array of Arrays")
            }
            for button in row.elements { try check(button) }
        }
        // An empty keyboard is none; that is how one is taken away.
        guard rows.elements.contains(where: { !$0.elements.isEmpty }) else { return nil }
        return markup.value
    }

    private static func check(_ button: JSONDocument) throws(BotRefusal) {
        let problem = "can't parse inline keyboard button: "
        guard button.kind == .object else { throw .badRequest(problem + "InlineKeyboardButton must be an Object") }
        guard let text = button["text"] else { throw .badRequest(problem + "Can't find field \"text\"") }
        guard text.kind == .string else { throw .badRequest(problem + "Field \"text\" must be of type String") }
        guard actions.contains(where: { isGiven(button[dynamic: $0], $0) }) else {
            throw .badRequest(problem + "Text buttons are unallowed in the inline keyboard")
        }
        if let data = button["callback_data"]?.string, data.utf8.count > dataLimit {
            throw .badRequest("BUTTON_DATA_INVALID")
        }
    }

    /// Of what a button can do, each only once it says something; the queries to switch to may be empty.
    private static func isGiven(_ action: JSONDocument?, _ name: String) -> Bool {
        guard let action, !action.isNull else { return false }
        return name.hasPrefix("switch_") || action.string != "" && action.bool != false
    }

    private static let actions = [
        "url", "callback_data", "web_app", "login_url", "switch_inline_query", "switch_inline_query_current_chat",
        "switch_inline_query_chosen_chat", "copy_text", "callback_game", "pay",
    ]
}
