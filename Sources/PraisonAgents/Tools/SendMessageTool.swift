import PraisonCore
import Synchronization

/// Says something in another conversation.
struct SendMessageTool: Tool {
    /// Characters of one message.
    private static let maximumText = 4000

    let post: PostOffice

    var definition: ModelRequest.Tool {
        ModelRequest.Tool(
            name: "send_message", description: "Sends a message to another chat. Only when you are asked to.",
            parameters: [
                "type": "object",
                "properties": [
                    "channel": ["type": "string", "description": "the channel's name, as in the configuration"],
                    "chat": ["type": "string", "description": "the chat's identifier on the platform"],
                    "text": ["type": "string"],
                ],
                "required": ["channel", "chat", "text"],
            ])
    }

    func run(_ arguments: JSONDocument, for turn: Turn) async throws -> String {
        guard let channel = arguments["channel"]?.string?.trimmed, !channel.isEmpty,
            let chat = arguments["chat"]?.scalarText?.trimmed, !chat.isEmpty,
            let text = arguments["text"]?.string?.trimmed, !text.isEmpty
        else { throw ToolError("channel, chat and text are needed") }
        guard text.count <= Self.maximumText else {
            throw ToolError("a message has at most \(Self.maximumText) characters")
        }
        let conversation = Conversation(channel: ChannelName(channel), id: Conversation.ID(chat), scope: .dm)
        guard conversation.key != turn.conversation.key else {
            throw ToolError("that is this chat; just answer here")
        }
        guard let sender = post.sender else { throw ToolError("messages can't be sent now") }
        do {
            // The same message of the same turn is said once, also when the turn is run again after a crash.
            let key = "send_message/\(turn.id)/\(Self.digest("\(conversation.key) \(text)"))"
            try await sender.send(text, to: conversation, key: key)
        } catch let error as MessageSenderError {
            throw ToolError(error.description)
        }
        return "on its way"
    }

    /// FNV-1a: tells messages apart, and means nothing else.
    private static func digest(_ text: String) -> String {
        String(text.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }, radix: 16)
    }
}

/// Who carries messages, once there is somebody.
final class PostOffice: Sendable {
    private let current = Mutex<(any MessageSender)?>(nil)

    var sender: (any MessageSender)? { current.withLock { $0 } }
    func open(_ sender: any MessageSender) { current.withLock { $0 = sender } }
}
