import PraisonCore

/// Reads where a forwarded message comes from.
///
/// Source: https://core.telegram.org/bots/api#messageorigin
enum ForwardReader {
    /// A name for the first author: of a person, a channel, or a person who hides who they are.
    static func origin(of message: JSONDocument) -> String? {
        if let origin = message["forward_origin"] {
            return sender(origin)?.label ?? origin["sender_user_name"]?.string ?? "unknown"
        }
        // Before Bot API 7.0; local servers of that age still run.
        return Sender(user: message["forward_from"])?.label ?? Sender(chat: message["forward_from_chat"])?.label
            ?? message["forward_sender_name"]?.string
    }

    static func sender(_ origin: JSONDocument?) -> Sender? {
        guard let origin else { return nil }
        return Sender(user: origin["sender_user"]) ?? Sender(chat: origin["sender_chat"])
            ?? Sender(chat: origin["chat"])
    }
}
