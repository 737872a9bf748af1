import PraisonCore
import PraisonSimulation
import Testing

@testable import PraisonAgents

@Suite struct `sending a message elsewhere` {
    private let sender = FakeSender()

    private func run(_ arguments: String, isOpen: Bool = true) async throws -> String {
        let post = PostOffice()
        if isOpen { post.open(sender) }
        return try await SendMessageTool(post: post).run(try JSONDocument(parsing: arguments), for: .make("x"))
    }

    @Test func `is done once for one wish`() async throws {
        for _ in 1...2 { _ = try await run(#"{"channel": "work", "chat": 42, "text": "hello"}"#) }
        _ = try await run(#"{"channel": "work", "chat": 42, "text": "other"}"#)
        #expect(sender.sent.all.map(\.text) == ["hello", "hello", "other"])
        #expect(sender.sent.all[0].conversation.id == "42")
        #expect(sender.sent.all[0].key == sender.sent.all[1].key)
        #expect(sender.sent.all[0].key != sender.sent.all[2].key)
    }

    @Test(arguments: [
        ("{}", "are needed"), (#"{"channel": "test", "chat": "1", "text": "x"}"#, "just answer here"),
        (#"{"channel": "nowhere", "chat": "1", "text": "x"}"#, "there is no channel nowhere"),
    ])
    func `tells the model why not`(_ arguments: String, _ words: String) async {
        let error = await #expect(throws: ToolError.self) { try await run(arguments) }
        #expect(error?.description.contains(words) == true)
    }

    @Test func `waits for somebody who carries messages`() async {
        await #expect(throws: ToolError.self) {
            try await run(#"{"channel": "work", "chat": "1", "text": "x"}"#, isOpen: false)
        }
    }
}

final class FakeSender: MessageSender {
    let sent = Collected<OutboundMessage>()

    func send(_ text: String, to conversation: Conversation, key: String) async throws {
        if conversation.channel == "nowhere" { throw MessageSenderError("there is no channel nowhere") }
        sent.add(OutboundMessage(key: key, conversation: conversation, text: text))
    }
}
