import PraisonCore

/// A request's messages as the stricter protocols want them: the system's words apart, then turns that alternate,
/// beginning with a person's.
struct AlternatingConversation {
    /// Neighbouring messages of one side: a person's and the results of tools, or the model's.
    struct Side {
        var isModel: Bool
        var messages: [ChatMessage]
    }

    /// The system's words, wherever they stood; empty when there are none.
    let system: String
    let sides: [Side]

    init(_ messages: [ChatMessage]) {
        system = messages.filter { $0.role == .system }.map(\.text).filter { !$0.isEmpty }.joined(separator: "\n\n")
        var sides: [Side] = []
        for message in messages where message.role != .system && !Self.isEmpty(message) {
            let isModel = message.role == .assistant
            if sides.last?.isModel == isModel {
                sides[sides.count - 1].messages.append(message)
            } else {
                sides.append(Side(isModel: isModel, messages: [message]))
            }
        }
        if sides.first?.isModel == true { sides.removeFirst() }
        if sides.isEmpty { sides = [Side(isModel: false, messages: [ChatMessage(.user, "(an empty message)")])] }
        self.sides = sides
    }

    private static func isEmpty(_ message: ChatMessage) -> Bool {
        message.text.trimmed.isEmpty && message.toolCalls.isEmpty && message.images.isEmpty && message.files.isEmpty
            && message.role != .tool && message.continuation == nil
    }
}

extension ToolCall {
    /// The arguments as an object, for protocols that want one; empty where the model wrote something else.
    var argumentObject: JSONValue {
        guard let document = try? JSONDocument(parsing: arguments), document.kind == .object else { return [:] }
        return document.value
    }
}

extension ChatMessage {
    /// What `provider` sent with this message and wants back; `nil` when somebody else answered.
    func continuation(for provider: String) -> JSONValue? {
        continuation.flatMap { $0.provider == provider ? $0.value : nil }
    }
}
