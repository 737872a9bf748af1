import PraisonCore
import PraisonSimulation
import TelegramAdapter
import Testing

@testable import TelegramSimulator

@Suite(.timeLimit(.minutes(1))) struct `a message to Telegram` {
    private let stage = SimulatedChannel()

    init() throws { try stage.api.say("hello", in: "1001") }

    @Test func `carries its markup as entities, never as parse_mode`() async throws {
        _ = try await stage.adapter.send(stage.message("👍 **bold** and `code` & <b>no tag</b>"))
        let call = try #require(stage.calls("sendMessage").first)
        #expect(call["text"] == "👍 bold and code & <b>no tag</b>")
        #expect(
            call["entities"] == [
                ["type": "bold", "offset": 3, "length": 4], ["type": "code", "offset": 12, "length": 4],
            ])
        #expect(call["parse_mode"] == nil)
    }

    @Test func `has buttons below it until an edit takes them away`() async throws {
        var message = stage.message("Shall I?", format: .plain)
        message.buttons = [.init(label: "Yes", data: "/approve 1"), .init(label: "No", data: "/deny 1")]
        let receipt = try await stage.adapter.send(message)
        #expect(
            stage.calls("sendMessage").first?["reply_markup"] == [
                "inline_keyboard": [
                    [
                        ["text": "Yes", "callback_data": "/approve 1"], ["text": "No", "callback_data": "/deny 1"],
                    ]
                ]
            ])
        (message.text, message.replaces, message.buttons) = ("Approved", receipt.id, [])
        _ = try await stage.adapter.edit(message)
        let edit = try #require(stage.calls("editMessageText").first)
        #expect(edit["reply_markup"] == nil)
        #expect(stage.sent.map(\.text) == ["Approved"])
    }

    @Test func `shows plain text letter by letter`() async throws {
        _ = try await stage.adapter.send(stage.message("**not bold** _at all_", format: .plain))
        #expect(stage.sent.map(\.text) == ["**not bold** _at all_"])
        #expect(stage.calls("sendMessage").first?["entities"] == nil)
    }

    @Test func `has a receipt with Telegram's number and time`() async throws {
        let receipt = try await stage.adapter.send(stage.message("hi"))
        #expect(receipt.id == "2")
        #expect(receipt.timestamp == Timestamp(seconds: 1_767_225_600))
    }

    @Test func `goes into its topic, and into none for the General one`() async throws {
        let said = try stage.api.simulator.say(
            SimulatedUtterance("hello", conversation: "family", scope: .group, thread: "games"))
        for thread in [said.thread, "1", nil] {
            _ = try await stage.adapter.send(
                stage.message("hi", stage.channel.conversation(said.conversation, .group, thread: thread)))
        }
        #expect(stage.sent.map(\.thread) == [said.thread, nil, nil])
    }

    @Test func `answers a message that is gone without the reply`() async throws {
        _ = try await stage.adapter.send(stage.message("hi", replyTo: "999"))
        #expect(stage.sent.map(\.replyTo) == [nil])
        try stage.refuse("Bad Request: message to be replied not found", match: "once more")
        _ = try await stage.adapter.send(stage.message("once more", replyTo: "1"))
        #expect(stage.sent.map(\.text) == ["hi", "once more"])
        #expect(stage.sent.last?.replyTo == nil)
    }

    @Test(arguments: [
        "Bad Request: message thread not found", "Bad Request: TOPIC_CLOSED", "Bad Request: TOPIC_DELETED",
    ])
    func `goes to the chat when its topic is gone`(refusal: String) async throws {
        let group = try stage.api.simulator.say(SimulatedUtterance("hello", conversation: "family", scope: .group))
        try stage.refuse(refusal, match: "message_thread_id")
        _ = try await stage.adapter.send(
            stage.message("hi", stage.channel.conversation(group.conversation, .group, thread: "77")))
        #expect(stage.sent.map(\.thread) == [nil])
    }

    @Test func `goes plain when Telegram will not have its entities`() async throws {
        try stage.refuse("Bad Request: can't parse entities: something", match: "\"entities\"")
        _ = try await stage.adapter.send(stage.message("**bold**"))
        #expect(stage.sent.map(\.text) == ["bold"])
        #expect(stage.calls("sendMessage").map { $0["entities"] == nil } == [false, true])
    }

    @Test func `is tried once for each thing that can be dropped, and not without end`() async throws {
        try stage.fault(
            .status(400, body: nil, description: "Bad Request: can't parse entities", headers: [:]), times: nil)
        await #expect(throws: ChannelError.malformed(reason: "Bad Request: can't parse entities")) {
            try await stage.adapter.send(stage.message("**bold**"))
        }
        #expect(stage.calls("sendMessage").count == 2)
    }

    @Test(arguments: [
        (400, "Bad Request: chat not found"), (403, "Forbidden: bot was blocked by the user"),
        (403, "Forbidden: user is deactivated"), (403, "Forbidden: bot was kicked from the supergroup chat"),
        (400, "Bad Request: not enough rights to send text messages to the chat"),
        (400, "Bad Request: CHAT_WRITE_FORBIDDEN"), (400, "Bad Request: have no rights to send a message"),
        (404, "Not Found: method not found"),
    ])
    func `is given up where it can never arrive`(code: Int, words: String) async throws {
        try stage.refuse(words, code: code)
        await #expect(throws: ChannelError.rejected(reason: words)) {
            try await stage.adapter.send(stage.message("hi"))
        }
    }

    @Test(arguments: [
        "Bad Request: message is too long", "Bad Request: message text is empty", "Bad Request: BUTTON_DATA_INVALID",
    ])
    func `is our mistake where Telegram says so`(words: String) async throws {
        try stage.refuse(words)
        await #expect(throws: ChannelError.malformed(reason: words)) {
            try await stage.adapter.send(stage.message("hi"))
        }
    }

    @Test func `of nothing is not even tried`() async throws {
        await #expect(throws: ChannelError.malformed(reason: "a message without text")) {
            try await stage.adapter.send(stage.message(" \n\u{3000}"))
        }
        #expect(stage.calls("sendMessage").isEmpty)
    }

    @Test func `follows a group that became a supergroup`() async throws {
        try stage.api.inject([
            "message": [
                "message_id": 9, "date": 1, "chat": ["id": -42, "type": "group", "title": "Old"],
                "from": ["id": 1001, "is_bot": false, "first_name": "Ada"], "migrate_to_chat_id": -1_001_234_567_890,
            ]
        ])
        await #expect(throws: ChannelError.moved(to: "-1001234567890")) {
            try await stage.adapter.send(stage.message("hi", stage.channel.conversation("-42", .group)))
        }
        let there = stage.channel.conversation("-1001234567890", .group)
        _ = try await stage.adapter.send(stage.message("hi", there))
        #expect(stage.sent.map(\.conversation) == ["-1001234567890"])
    }

    @Test func `learns from an update that the bot was put out`() async throws {
        try stage.api.inject([
            "my_chat_member": [
                "chat": ["id": 1001, "type": "private", "first_name": "Ada"], "date": 1,
                "from": ["id": 1001, "is_bot": false, "first_name": "Ada"],
                "old_chat_member": ["status": "member", "user": ["id": 123456]],
                "new_chat_member": ["status": "kicked", "user": ["id": 123456]],
            ]
        ])
        await #expect(throws: ChannelError.rejected(reason: "Forbidden: bot was blocked by the user")) {
            try await stage.adapter.send(stage.message("hi"))
        }
    }

    @Test func `waits as told by the header where the body does not say`() async throws {
        try stage.fault(.status(429, body: "<html>slow down</html>", description: nil, headers: ["Retry-After": "33"]))
        await #expect(throws: ChannelError.rateLimited(retryAfter: .seconds(33))) {
            try await stage.adapter.send(stage.message("hi"))
        }
    }

    @Test(arguments: [200, 204, 504]) func `may have arrived when the answer is not the Bot API's`(code: Int)
        async throws
    {
        try stage.fault(.status(code, body: "<html>?</html>", description: nil, headers: [:]))
        let error = await #expect(throws: ChannelError.self) { try await stage.adapter.send(stage.message("hi")) }
        guard case .ambiguous = error else {
            Issue.record("status \(code) became \(error.map { "\($0)" } ?? "nothing")")
            return
        }
    }

    // MARK: Edits

    @Test func `is changed in place, entities and all`() async throws {
        let receipt = try await stage.adapter.send(stage.message("first"))
        let edited = try await stage.adapter.edit(stage.message("**second**", replaces: receipt.id))
        #expect(edited.id == receipt.id)
        #expect(stage.sent.map(\.text) == ["second"])
        #expect(stage.calls("editMessageText").first?["entities"] == [["type": "bold", "offset": 0, "length": 6]])
    }

    @Test func `is as wanted when nothing changes`() async throws {
        let receipt = try await stage.adapter.send(stage.message("same"))
        #expect(try await stage.adapter.edit(stage.message("same", replaces: receipt.id)).id == receipt.id)
    }

    @Test func `is sent anew where the old one is gone`() async throws {
        let receipt = try await stage.adapter.send(stage.message("first"))
        try await stage.api.call("deleteMessage", ["chat_id": 1001, "message_id": .number(receipt.id.rawValue)])
        let edited = try await stage.adapter.edit(stage.message("second", replaces: receipt.id))
        #expect(edited.id != receipt.id)
        #expect(stage.sent.map(\.text) == ["second"])
    }

    // MARK: Reactions and typing

    @Test(arguments: [("👍", "👍"), ("❤️", "❤"), ("👨‍💻", "👨‍💻"), ("🤷‍♂️", "🤷‍♂")])
    func `gets a reaction as Telegram spells it`(emoji: String, spelled: String) async throws {
        try await stage.adapter.react(to: "1", in: stage.channel.conversation(), with: emoji)
        #expect(stage.calls("setMessageReaction").first?["reaction"] == [["type": "emoji", "emoji": .string(spelled)]])
    }

    @Test func `refuses a reaction Telegram does not have`() async throws {
        await #expect(throws: ChannelError.self) {
            try await stage.adapter.react(to: "1", in: stage.channel.conversation(), with: "🧮")
        }
    }

    @Test func `shows in its topic that it is being written`() async throws {
        let said = try stage.api.simulator.say(
            SimulatedUtterance("hello", conversation: "family", scope: .group, thread: "games"))
        try await stage.adapter.showTyping(
            in: stage.channel.conversation(said.conversation, .group, thread: said.thread))
        let call = try #require(stage.calls("sendChatAction").first)
        #expect(call["action"] == "typing")
        #expect(call["message_thread_id"]?.string == said.thread?.rawValue)
    }
}
