import Dispatch
import PraisonCore
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// A platform that speaks in lines. Like most, it can't tell what became of a message, and shows a repeated one twice.
final class LinesAdapter: ChannelAdapter {
    static let platform: Platform = "lines"
    static let capabilities = ChannelCapabilities(
        textLimit: 4096, textUnit: .utf16,
        pace: ChannelCapabilities.Pace(perSecond: 0, perConversation: .zero, burst: 1))

    private let context: ChannelContext
    private let waiting = Mutex<[String: CheckedContinuation<MessageReceipt, Never>]>([:])

    init(settings: ChannelSettings, context: ChannelContext) throws { self.context = context }

    func run() async throws {
        say("ready")
        for await line in Self.lines() {
            let words = line.split(separator: " ").map(String.init)
            switch (words.first, words.count) {
            case ("update", 3): try await accept(words[1], chat: words[2])
            case ("sent", 3):
                let waiter = waiting.withLock { $0.removeValue(forKey: words[1]) }
                waiter?.resume(returning: MessageReceipt(id: MessageID(words[2])))
            default: exit(65)
            }
        }
    }

    private func accept(_ number: String, chat: String) async throws {
        let message = InboundMessage(
            id: MessageID(number), conversation: Conversation(channel: "house", id: Conversation.ID(chat), scope: .dm),
            sender: Sender(id: SenderID(chat)), text: number)
        try await context.accept([
            GatewayEvent(message: message, id: EventID("house/\(number)"), timestamp: context.clock.now)
        ])
        say("ack \(number)")
    }

    func send(_ message: OutboundMessage) async throws(ChannelError) -> MessageReceipt {
        await withCheckedContinuation { continuation in
            waiting.withLock { $0[message.key] = continuation }
            say("send \(message.key) \(message.conversation.id) \(message.text)")
        }
    }

    static func events(in payload: JSONDocument, for receiver: Receiver) -> [GatewayEvent] { [] }

    private func say(_ line: String) {
        let bytes = Array("\(line)\n".utf8)
        if write(STDOUT_FILENO, bytes, bytes.count) != bytes.count { exit(0) }
    }

    /// Standard input, read where it may block.
    private static func lines() -> AsyncStream<String> {
        AsyncStream { continuation in
            DispatchQueue(label: "standard input").async {
                while let line = readLine() { continuation.yield(line) }
                exit(0)
            }
        }
    }
}
