import PraisonCore

/// An agent's answer as the result of an MCP tool: whole, and as a stream that ends with it.
struct ToolAnswer: AnswerWriter {
    private let id: JSONValue
    /// Under which the client wants to hear how it goes; `nil` where it does not.
    private let progressToken: JSONValue?
    private let finish: @Sendable () -> Void
    private var progress = 0

    /// - Parameter finish: told when the answer is whole.
    init(id: JSONValue, progressToken: JSONValue?, finish: @escaping @Sendable () -> Void) {
        self.id = id
        self.progressToken = progressToken
        self.finish = finish
    }

    mutating func begin() -> String { "" }

    mutating func take(_ part: ReplyPart) -> String {
        guard let progressToken, case .text(let more) = part, !more.isEmpty else { return "" }
        progress += more.utf8.count
        return ServerSentEvent.text(
            [
                "jsonrpc": "2.0", "method": "notifications/progress",
                "params": ["progressToken": progressToken, "progress": JSONValue(progress), "message": .string(more)],
            ], name: "message")
    }

    mutating func end(_ message: OutboundMessage) -> String { event(message.text, isError: false) }

    mutating func fail(_ refusal: APIRefusal) -> String { event(refusal.message, isError: true) }

    private func event(_ text: String, isError: Bool) -> String {
        finish()
        return ServerSentEvent.text(result(text, isError: isError), name: "message")
    }

    func result(_ text: String, isError: Bool) -> JSONValue {
        JSONRPCMessage.result(
            id, ["content": [["type": "text", "text": .string(text)]], "isError": .bool(isError)])
    }
}
