import PraisonCore
import PraisonSimulation
import Testing

@testable import TelegramSimulator

@Suite(.timeLimit(.minutes(1))) struct `messages at the simulated Bot API` {
    private let api = SimulatedAPI()

    init() throws { try api.say("hello", in: "1001") }

    private func send(_ text: String, _ more: [String: JSONValue] = [:]) async throws -> JSONValue {
        try await api.call("sendMessage", more.merging(["chat_id": 1001, "text": .string(text)]) { own, _ in own })
    }

    // MARK: Limits and refusals

    @Test func `are at most 4096 code points long`() async throws {
        _ = try await send(String(repeating: "é", count: 4096))
        _ = try await send(String(repeating: "👍", count: 4096))
        let tooLong: [String: JSONValue] = ["chat_id": 1001, "text": .string(String(repeating: "a", count: 4097))]
        #expect(try await api.refusal("sendMessage", tooLong) == "Bad Request: message is too long")
        let markup: [String: JSONValue] = [
            "chat_id": 1001, "text": .string("<b>" + String(repeating: "a", count: 4096) + "</b>"),
            "parse_mode": "HTML",
        ]
        #expect(try await api.call("sendMessage", markup)["text"]?.string?.count == 4096)
    }

    @Test(arguments: ["", " ", "\n\t\u{A0}"])
    func `are not empty`(text: String) async throws {
        let parameters: [String: JSONValue] = ["chat_id": 1001, "text": .string(text)]
        #expect(try await api.refusal("sendMessage", parameters) == "Bad Request: message text is empty")
    }

    @Test func `need a chat that somebody has opened`() async throws {
        #expect(try await api.refusal("sendMessage", ["text": "hi"]) == "Bad Request: chat_id is empty")
        #expect(
            try await api.refusal("sendMessage", ["text": "hi", "chat_id": 5]) == "Bad Request: chat not found")
    }

    @Test(
        arguments: [
            ([["type": "bold", "offset": 0, "length": 9]], "ends after the end"),
            ([["type": "bold", "offset": -1, "length": 2]], "ends after the end"),
            ([["type": "bold", "offset": 0, "length": 1]], "middle of a UTF-16 symbol"),
            ([["type": "text_link", "offset": 0, "length": 4]], "needs a url"),
        ] as [(JSONValue, String)])
    func `have entities that fit them`(entities: JSONValue, problem: String) async throws {
        let refusal = try await api.refusal(
            "sendMessage", ["chat_id": 1001, "text": "👍 hello", "entities": entities])
        #expect(refusal.contains(problem))
    }

    @Test func `lose the white space around them, and their entities with it`() async throws {
        let message = try await send(
            "  hi  ",
            ["entities": [["type": "bold", "offset": 0, "length": 6], ["type": "italic", "offset": 0, "length": 2]]])
        #expect(message["text"] == "hi")
        #expect(message["entities"] == [["type": "bold", "offset": 0, "length": 2]])
    }

    @Test func `get the entities Telegram finds itself`() async throws {
        let message = try await send("ask @ada_l about #tea at https://x.org/a?b, or a@b.org with /start@sim_bot")
        #expect(
            message["entities"]?.array?.map { $0["type"]?.string } == [
                "mention", "hashtag", "url", "email", "bot_command",
            ])
    }

    @Test(arguments: [
        (["bold 0+4", "italic 2+4"], ["bold 0+2", "italic 2+4", "bold 2+2"]),
        (["bold 0+4", "bold 2+4"], ["bold 0+6"]), (["bold 0+6", "italic 2+2"], ["bold 0+6", "italic 2+2"]),
        (["bold 0+4", "code 2+4"], ["bold 0+2", "code 2+4"]),
        (["blockquote 0+4", "bold 2+4"], ["blockquote 0+4", "bold 2+2", "bold 4+2"]),
        (["code 0+4", "pre 2+4"], ["code 0+4"]), (["blockquote 0+4", "code 2+4"], ["blockquote 0+4"]),
    ])
    func `have their entities cut apart where they cross`(given: [String], kept: [String]) async throws {
        let entities = given.map { words -> JSONValue in
            let parts = words.split(whereSeparator: { " +".contains($0) }).map(String.init)
            return [
                "type": .string(parts[0]), "offset": JSONValue(Int(parts[1]) ?? 0),
                "length": JSONValue(Int(parts[2]) ?? 0),
            ]
        }
        let message = try await send("abcdefgh", ["entities": .array(entities)])
        #expect(Self.shapes(of: message) == kept)
    }

    private static func shapes(of message: JSONValue) -> [String] {
        (message["entities"]?.array ?? []).map {
            "\($0["type"]?.string ?? "") \($0["offset"]?.int ?? -1)+\($0["length"]?.int ?? -1)"
        }
    }

    @Test(arguments: [
        ("HTML", "<a href=\"tg://user?id=1001\">you</a>"), ("MarkdownV2", "[you](tg://user?id=1001)"),
        ("Markdown", "[you](tg://user?id=1001)"),
    ])
    func `mention people by number`(mode: String, source: String) async throws {
        try api.say("hi", in: "1001")
        let message = try await send(source, ["parse_mode": .string(mode)])
        #expect(Self.shapes(of: message) == ["text_mention 0+3"])
        #expect(message["entities"]?[0]?["user"]?["first_name"] == "Ada")
        let stranger = try await send(source.replacing("1001", with: "99"), ["parse_mode": .string(mode)])
        #expect(stranger["text"] == "you")
        #expect(stranger["entities"]?.array == nil)
    }

    // MARK: Markup

    @Test(arguments: [
        ("HTML", "<b>a <i>b</i></b> &lt;c&gt; &#128077;", "a b <c> 👍", ["bold 0+3", "italic 2+1"]),
        ("HTML", "<pre><code class=\"language-swift\">let</code></pre>", "let", ["pre 0+3"]),
        (
            "HTML", "<a href=\"https://x.org/?a=1&amp;b=2\">t</a><tg-spoiler>s</tg-spoiler>", "ts",
            ["text_link 0+1", "spoiler 1+1"]
        ),
        (
            "MarkdownV2", "*b* _i_ __u__ ~s~ ||p|| `c` \\.", "b i u s p c .",
            ["bold 0+1", "italic 2+1", "underline 4+1", "strikethrough 6+1", "spoiler 8+1", "code 10+1"]
        ),
        ("MarkdownV2", "[t](https://x.org/\\)) ```swift\nlet```", "t let", ["text_link 0+1", "pre 2+3"]),
        ("MarkdownV2", ">q\n>r\nrest", "q\nr\nrest", ["blockquote 0+4"]),
        ("MarkdownV2", "**>q1\n>q2||", "q1\nq2", ["expandable_blockquote 0+5"]),
        ("MarkdownV2", ">q1\n>q2||\nrest", "q1\nq2\nrest", ["expandable_blockquote 0+6"]),
        ("MarkdownV2", ">a\n**>b", "a\nb", ["blockquote 0+2", "blockquote 2+1"]),
        (
            "MarkdownV2", "x\n>a ||b||\n**>*c*\n>||d||||", "x\na b\nc\nd",
            ["blockquote 2+4", "spoiler 4+1", "expandable_blockquote 6+3", "bold 6+1", "spoiler 8+1"]
        ),
        ("MarkdownV2", "![👍](tg://emoji?id=5368324170671202286) ok\\!", "👍 ok!", ["custom_emoji 0+2"]),
        ("HTML", "<b>a <code>c</code> b</b>", "a c b", ["bold 0+2", "code 2+1", "bold 3+2"]),
        (
            "Markdown", "*b* _i_ `c` [t](https://x.org)", "b i c t",
            ["bold 0+1", "italic 2+1", "code 4+1", "text_link 6+1"]
        ),
    ])
    func `may have markup`(mode: String, source: String, text: String, entities: [String]) async throws {
        let message = try await send(source, ["parse_mode": .string(mode)])
        #expect(message["text"]?.string == text)
        #expect(Self.shapes(of: message) == entities)
    }

    @Test(arguments: [
        ("HTML", "<b>a", "Can't find end tag corresponding to start tag \"b\""),
        ("HTML", "a</b>", "Unexpected end tag at byte offset 1"),
        ("HTML", "<b>a</i>", "Unmatched end tag at byte offset 4, expected \"</b>\", found \"</i>\""),
        ("HTML", "<h1>a</h1>", "Unsupported start tag \"h1\" at byte offset 0"),
        ("MarkdownV2", "a.", "Character '.' is reserved and must be escaped with the preceding '\\'"),
        ("MarkdownV2", "*a", "Can't find end of Bold entity at byte offset 0"),
        ("MarkdownV2", ">*a\nb*", "Can't find end of Bold entity at byte offset 1"),
        ("MarkdownV2", "a >b", "Character '>' is reserved and must be escaped with the preceding '\\'"),
        ("MarkdownV2", "![a]", "Custom emoji entity must contain a tg://emoji URL"),
        ("MarkdownV2", "![a](https://x.org)", "Custom emoji URL must have an emoji identifier"),
        ("Markdown", "a _b", "Can't find end of the entity starting at byte offset 2"),
    ])
    func `are refused when their markup is broken`(mode: String, source: String, problem: String) async throws {
        let refusal = try await api.refusal(
            "sendMessage", ["chat_id": 1001, "text": .string(source), "parse_mode": .string(mode)])
        #expect(refusal == "Bad Request: can't parse entities: \(problem)")
    }

    // MARK: Afterwards

    @Test func `are changed by editing, unless nothing changes`() async throws {
        let id = try #require(try await send("first")["message_id"])
        let edit: [String: JSONValue] = ["chat_id": 1001, "message_id": id, "text": "second"]
        #expect(try await api.call("editMessageText", edit)["edit_date"] != nil)
        #expect(try await api.refusal("editMessageText", edit).hasPrefix("Bad Request: message is not modified"))
        let others: [String: JSONValue] = ["chat_id": 1001, "message_id": 1, "text": "x"]
        #expect(try await api.refusal("editMessageText", others) == "Bad Request: message can't be edited")
        let none: [String: JSONValue] = ["chat_id": 1001, "message_id": 99, "text": "x"]
        #expect(try await api.refusal("editMessageText", none) == "Bad Request: message to edit not found")
    }

    @Test func `are not changed by the first edit either when it changes nothing`() async throws {
        let id = try #require(try await send("same")["message_id"])
        let edit: [String: JSONValue] = ["chat_id": 1001, "message_id": id, "text": "same"]
        #expect(try await api.refusal("editMessageText", edit).hasPrefix("Bad Request: message is not modified"))
    }

    @Test func `are seen by people until they are deleted`() async throws {
        let id = try #require(try await send("gone soon")["message_id"])
        #expect(api.simulator.sent.count == 1)
        try await api.call("deleteMessage", ["chat_id": 1001, "message_id": id])
        #expect(api.simulator.sent.isEmpty)
        #expect(
            try await api.refusal("deleteMessage", ["chat_id": 1001, "message_id": id])
                == "Bad Request: message to delete not found")
    }

    // MARK: Every way to ask

    @Test func `are asked for in four ways, whatever the case of the method's letters`() async throws {
        let path = "/bot\(api.token)/SENDmessage"
        var multipart = HTTPRequest(.post, path)
        multipart.headers["Content-Type"] = "multipart/form-data; boundary=xyz"
        multipart.body = Array(
            "--xyz\r\nContent-Disposition: form-data; name=\"chat_id\"\r\n\r\n1001\r\n--xyz\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\nmultipart\r\n--xyz--\r\n"
                .utf8)
        let requests = [
            HTTPRequest(.get, "\(path)?chat_id=1001&text=the%20query"),
            HTTPRequest(
                .post, path, headers: ["Content-Type": "application/x-www-form-urlencoded"],
                body: Array("chat_id=1001&text=a+form".utf8)),
            HTTPRequest(
                .post, path, headers: ["Content-Type": "application/json; charset=utf-8"],
                body: Array("{\"chat_id\": \"1001\", \"text\": \"JSON\"}".utf8)), multipart,
        ]
        for request in requests { #expect(await api.simulator.respond(to: request).status == 200) }
        #expect(api.simulator.sent.map(\.text) == ["the query", "a form", "JSON", "multipart"])
    }

    @Test func `need a token and a method that exist`() async throws {
        #expect(await api.simulator.respond(to: HTTPRequest(.get, "/botnonsense/getMe")).status == 404)
        #expect(await api.simulator.respond(to: HTTPRequest(.get, "/bot123456:WRONG/getMe")).status == 401)
        #expect(await api.simulator.respond(to: HTTPRequest(.get, "/nowhere")).status == 404)
        #expect(try await api.refusal("sendTelepathy") == "Not Found: method not found")
    }
}
