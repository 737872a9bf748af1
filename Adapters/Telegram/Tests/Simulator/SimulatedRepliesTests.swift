import PraisonCore
import PraisonSimulation
import Testing

@testable import TelegramSimulator

@Suite(.timeLimit(.minutes(1))) struct `what hangs on messages at the simulated Bot API` {
    private let api = SimulatedAPI()

    init() throws { try api.say("hello *old* friend", in: "1001") }

    private static func keyboard(_ button: JSONValue) -> JSONValue { ["inline_keyboard": [[button]]] }

    private func parameters(_ more: [String: JSONValue]) -> [String: JSONValue] {
        more.merging(["chat_id": 1001, "text": "hi"]) { own, _ in own }
    }

    // MARK: Keyboards

    @Test(
        arguments: [
            ["text": "a", "callback_data": .string(String(repeating: "é", count: 32))],
            ["text": "a", "url": "https://example.org"], ["text": "a", "switch_inline_query": ""],
            ["text": "a", "web_app": ["url": "https://example.org"]], ["text": "a", "pay": true],
        ] as [JSONValue])
    func `is a keyboard whose buttons do something`(button: JSONValue) async throws {
        let message = try await api.call("sendMessage", parameters(["reply_markup": Self.keyboard(button)]))
        #expect(message["reply_markup"] == Self.keyboard(button))
    }

    @Test(
        arguments: [
            (
                keyboard(["text": "a", "callback_data": .string(String(repeating: "é", count: 33))]),
                "BUTTON_DATA_INVALID"
            ),
            (
                keyboard(["text": "a"]),
                "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"
            ),
            (
                keyboard(["text": "a", "callback_data": ""]),
                "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"
            ),
            (keyboard(["url": "https://x.org"]), "can't parse inline keyboard button: Can't find field \"text\""),
            (keyboard("a"), "can't parse inline keyboard button: InlineKeyboardButton must be an Object"),
            (
                ["inline_keyboard": ["a"]],
                "field \"inline_keyboard\" of the InlineKeyboardMarkup must be an Array of Arrays"
            ),
            (["inline_keyboard": "a"], "field \"inline_keyboard\" must be of type Array"),
            ("nonsense", "can't parse reply keyboard markup JSON object"), ([], "object expected as reply markup"),
        ] as [(JSONValue, String)])
    func `is no keyboard that Telegram would refuse`(markup: JSONValue, problem: String) async throws {
        #expect(
            try await api.refusal("sendMessage", parameters(["reply_markup": markup])) == "Bad Request: \(problem)")
        #expect(api.simulator.sent.isEmpty)
        let id = try #require(try await api.call("sendMessage", parameters([:]))["message_id"])
        let edit = parameters(["message_id": id, "reply_markup": markup])
        #expect(try await api.refusal("editMessageReplyMarkup", edit) == "Bad Request: \(problem)")
    }

    @Test func `goes with an empty keyboard`() async throws {
        let markup = Self.keyboard(["text": "a", "callback_data": "b"])
        let id = try #require(
            try await api.call("sendMessage", parameters(["reply_markup": markup]))["message_id"])
        let edit = parameters(["message_id": id, "reply_markup": ["inline_keyboard": []]])
        #expect(try await api.call("editMessageReplyMarkup", edit)["reply_markup"] == nil)
    }

    // MARK: Replies

    @Test(
        arguments: [
            ("nonsense", "can't parse reply parameters JSON object"), ([], "object expected as reply parameters"),
            (["message_id": 99], "message to be replied not found"),
        ] as [(JSONValue, String)])
    func `is no reply to nothing`(reply: JSONValue, problem: String) async throws {
        #expect(
            try await api.refusal("sendMessage", parameters(["reply_parameters": reply])) == "Bad Request: \(problem)")
    }

    @Test func `is a quote that stands in what it answers`() async throws {
        let reply: JSONValue = ["message_id": 1, "quote": "*old*"]
        let message = try await api.call("sendMessage", parameters(["reply_parameters": reply]))
        #expect(message["quote"] == ["text": "*old*", "position": 6, "is_manual": true])
        #expect(message["reply_to_message"]?["message_id"] == 1)
    }

    @Test func `is the nearest of several quotes, with its shape`() async throws {
        let source = parameters(["text": "ha *ha* ha _ha_", "parse_mode": "MarkdownV2"])
        let id = try #require(try await api.call("sendMessage", source)["message_id"])
        let reply: JSONValue = [
            "message_id": id, "quote": "*ha*", "quote_parse_mode": "MarkdownV2", "quote_position": 9,
        ]
        let message = try await api.call("sendMessage", parameters(["reply_parameters": reply]))
        #expect(message["quote"]?["position"] == 3)
        #expect(message["quote"]?["entities"] == [["type": "bold", "offset": 0, "length": 2]])
        let plain: JSONValue = ["message_id": id, "quote": "ha", "quote_position": 9]
        #expect(
            try await api.call("sendMessage", parameters(["reply_parameters": plain]))["quote"]?["position"] == 6)
    }

    @Test(arguments: ["friends", "_old_", "Hello"])
    func `is no quote of what was not said`(quote: String) async throws {
        let reply: JSONValue = ["message_id": 1, "quote": .string(quote), "quote_parse_mode": "MarkdownV2"]
        #expect(
            try await api.refusal("sendMessage", parameters(["reply_parameters": reply]))
                == "Bad Request: QUOTE_TEXT_INVALID")
    }

    // MARK: People

    @Test func `is a member whom somebody knows`() async throws {
        try api.say("hi", in: "family", scope: .group)
        let group = try #require(await api.updates().last?["message"]?["chat"]?["id"])
        let member = try await api.call("getChatMember", ["chat_id": group, "user_id": 1001])
        #expect(member["user"]?["first_name"] == "Ada")
        let stranger: [String: JSONValue] = ["chat_id": group, "user_id": 424_242]
        #expect(try await api.refusal("getChatMember", stranger) == "Bad Request: user not found")
    }
}
