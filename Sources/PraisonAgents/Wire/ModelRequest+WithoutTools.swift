import PraisonCore

extension ModelRequest {
    /// The request for a model that knows no tools: none are offered, and what came of those that were used before, by it
    /// or by the model whose place it takes, is told in words.
    var withoutTools: ModelRequest {
        var request = self
        (request.tools, request.toolChoice, request.messages) = ([], .automatic, [])
        var names: [String: String] = [:]
        var wasResult = false
        for var message in messages {
            for call in message.toolCalls { names[call.id] = call.name }
            guard message.role == .tool else {
                if !message.toolCalls.isEmpty { message.tellCallsInWords() }
                request.messages.append(message)
                wasResult = false
                continue
            }
            let name = message.toolCallID.flatMap { names[$0] } ?? "a tool"
            let words = "[the result of \(name)]\n\(message.text)"
            // Sides have to alternate for some, so that all results are one message.
            if wasResult {
                request.messages[request.messages.count - 1].text += "\n\n" + words
            } else {
                request.messages.append(ChatMessage(.user, words))
            }
            wasResult = true
        }
        return request
    }
}

extension ChatMessage {
    /// What a provider wants back with its calls goes with them.
    fileprivate mutating func tellCallsInWords() {
        let calls = "[used \(toolCalls.map(\.name).joined(separator: ", "))]"
        text = text.isEmpty ? calls : "\(text)\n\(calls)"
        (toolCalls, continuation) = ([], nil)
    }
}
