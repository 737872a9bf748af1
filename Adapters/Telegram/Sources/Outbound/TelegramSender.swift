import Logging
import PraisonCore

/// Speaks: one message in one call, and once more without whatever Telegram will not have.
struct TelegramSender: Sendable {
    let api: BotAPI
    let context: ChannelContext

    func send(_ message: OutboundMessage) async throws(ChannelError) -> MessageReceipt {
        let target = TelegramTarget(message.conversation, replyTo: message.replyTo)
        guard message.files.isEmpty else {
            return try await FileSender(sender: self, context: context).send(message, to: target)
        }
        return try await sendText(rendered(message), to: target, buttons: message.buttons)
    }

    func sendText(
        _ text: MarkdownText, to target: TelegramTarget, buttons: [OutboundMessage.Button]? = nil
    ) async throws(ChannelError) -> MessageReceipt {
        guard text.text.contains(where: { !$0.isWhitespace }) else {
            throw .malformed(reason: "a message without text")
        }
        return receipt(
            try await attempt(to: target, text) { target, text throws(BotAPIError) in
                var parameters = target.parameters
                parameters["text"] = .string(text.text)
                parameters["entities"] = text.entitiesJSON
                parameters["reply_markup"] = buttons.flatMap(Self.keyboard)
                return try await api.call("sendMessage", parameters)
            })
    }

    func edit(_ message: OutboundMessage) async throws(ChannelError) -> MessageReceipt {
        guard let id = message.replaces, let number = Int64(id.rawValue) else { return try await send(message) }
        let target = TelegramTarget(message.conversation)
        do {
            let result = try await attemptOnce(to: target, rendered(message)) { target, text throws(BotAPIError) in
                var parameters: [String: JSONValue] = [
                    "chat_id": TelegramTarget.identifier(target.chat.rawValue), "message_id": JSONValue(number),
                    "text": .string(text.text),
                ]
                parameters["entities"] = text.entitiesJSON
                parameters["reply_markup"] = message.buttons.flatMap(Self.keyboard)
                return try await api.call("editMessageText", parameters)
            }
            return MessageReceipt(id: id, timestamp: receipt(result).timestamp)
        } catch {
            // What people see is what we wanted them to see.
            if error.says("message is not modified") { return MessageReceipt(id: id) }
            let isGone = ["message to edit not found", "message can't be edited", "message_id_invalid"]
            if isGone.contains(where: { error.says($0) }) {
                return try await send(message)
            }
            throw error.channelError(for: context.channel)
        }
    }

    /// https://core.telegram.org/bots/api#inlinekeyboardmarkup
    private static func keyboard(_ buttons: [OutboundMessage.Button]) -> JSONValue? {
        // An edit that brings none takes them away.
        guard !buttons.isEmpty else { return nil }
        return [
            "inline_keyboard": [
                .array(buttons.map { ["text": .string($0.label), "callback_data": .string($0.data)] })
            ]
        ]
    }

    func rendered(_ message: OutboundMessage) -> MarkdownText {
        guard message.format == .markdown else { return MarkdownText(plain: message.text) }
        let text = MarkdownText(message.text)
        // Markup around nothing (`**`) would leave nothing; then people see what was written.
        return text.text.isEmpty ? MarkdownText(plain: message.text) : text
    }

    func receipt(_ result: JSONDocument) -> MessageReceipt {
        // sendMediaGroup answers a list; the first is the one with the caption.
        let message = result[0] ?? result
        return MessageReceipt(
            id: MessageID(message["message_id"]?.scalarText ?? ""),
            timestamp: message["date"]?.integer.map { Timestamp(seconds: Double($0)) })
    }

    // MARK: Once more, with less

    typealias Call = (TelegramTarget, MarkdownText) async throws(BotAPIError) -> JSONDocument

    /// Calls, and drops one option after the other that turns out not to be there any more; each at most once.
    func attempt(
        to target: TelegramTarget, _ text: MarkdownText, _ call: Call
    ) async throws(ChannelError) -> JSONDocument {
        do {
            return try await attemptOnce(to: target, text, call)
        } catch {
            throw error.channelError(for: context.channel)
        }
    }

    private func attemptOnce(
        to target: TelegramTarget, _ text: MarkdownText, _ call: Call
    ) async throws(BotAPIError) -> JSONDocument {
        var (target, text) = (target, text)
        while true {
            do {
                return try await call(target, text)
            } catch {
                guard error.code == 400, drop(error, from: &target, &text) else { throw error }
                context.logger.notice("sending once more without it", metadata: ["reason": "\(error)"])
            }
        }
    }

    /// - Returns: whether there was something to drop.
    private func drop(_ error: BotAPIError, from target: inout TelegramTarget, _ text: inout MarkdownText) -> Bool {
        if !text.entities.isEmpty, error.says("entit") {
            text.entities = []
            return true
        }
        if target.replyTo != nil, error.says("repl"), error.says("not found") {
            target.replyTo = nil
            return true
        }
        if target.thread != nil, error.says("thread not found") || error.says("topic_") {
            target.thread = nil
            return true
        }
        return false
    }
}
