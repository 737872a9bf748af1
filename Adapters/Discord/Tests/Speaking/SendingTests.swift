import PraisonCore
import PraisonSimulation
import PraisonTesting
import Testing

@testable import DiscordAdapter
@testable import DiscordSimulator

@Suite(.timeLimit(.minutes(2))) struct `what the bot says` {
    private func body(_ stage: DiscordStage) throws -> [String: JSONValue] {
        try #require(stage.calls.last { $0.name.hasPrefix("POST") && $0.name.hasSuffix("/messages") }).parameters
    }

    @Test func `pings nobody`() async throws {
        let stage = DiscordStage()
        let said = try stage.say("hello", in: "general", .group)
        _ = try await stage.adapter().send(
            stage.message("@everyone <@200000000000000001> look", to: said, .group, replyTo: said.id))
        let body = try body(stage)
        #expect(body["allowed_mentions"] == ["parse": [], "replied_user": false])
        #expect(body["message_reference"]?["message_id"]?.string == said.id.rawValue)
    }

    @Test func `has a nonce that is the message's own, and shows once however often it is sent`() async throws {
        let stage = DiscordStage()
        let said = try stage.say("hello")
        let adapter = try stage.adapter()
        let first = try await adapter.send(stage.message("an answer", to: said, key: "row/1"))
        let again = try await adapter.send(stage.message("an answer", to: said, key: "row/1"))
        let other = try await adapter.send(stage.message("an answer", to: said, key: "row/2"))
        #expect(first.id == again.id)
        #expect(first.id != other.id)
        #expect(stage.simulator.sent.count == 2)
        let nonce = try #require(try body(stage)["nonce"]?.string)
        #expect(nonce.count <= 25)
        #expect(try body(stage)["enforce_nonce"] == true)
    }

    @Test func `is cut by the outbox at 2000 characters as Discord counts them`() {
        #expect(DiscordAdapter.capabilities.textLimit == 2000)
        #expect(DiscordAdapter.capabilities.textUnit == .codePoints)
    }

    @Test func `waits for each of the limits, as told`() async throws {
        let stage = DiscordStage()
        let said = try stage.say("hello")
        let adapter = try stage.adapter()
        for scope in ["user", "shared", "global"] {
            let headers: HTTPHeaders = ["X-RateLimit-Scope": scope, "Retry-After": "65", "Via": "1.1 google"]
            let body: JSONValue = [
                "message": "You are being rate limited.", "retry_after": 64.57, "global": .bool(scope == "global"),
            ]
            try stage.fault(.status(429, body: body.text(), description: nil, headers: headers), match: scope)
            let message = stage.message("limited by \(scope)", to: said, key: scope)
            let error = await #expect(throws: ChannelError.self) { try await adapter.send(message) }
            #expect(error == .rateLimited(retryAfter: .seconds(64.57)))
            stage.clock.advance(by: .seconds(65))
            _ = try await adapter.send(message)
        }
        #expect(stage.simulator.sent.count == 3)
    }

    @Test func `holds back by itself what the server has said would be too much`() async throws {
        let stage = DiscordStage()
        let said = try stage.say("hello")
        let adapter = try stage.adapter()
        for number in 1...5 { _ = try await adapter.send(stage.message("\(number)", to: said, key: "\(number)")) }
        let calls = stage.calls.count
        let error = await #expect(throws: ChannelError.self) {
            try await adapter.send(stage.message("6", to: said, key: "6"))
        }
        guard case .rateLimited(let wait) = error else {
            Issue.record("it went out")
            return
        }
        #expect(stage.calls.count == calls, "the server was asked all the same")
        stage.clock.advance(by: wait)
        _ = try await adapter.send(stage.message("6", to: said, key: "6"))
    }

    @Test func `takes the proxy's page for what it is`() async throws {
        let stage = DiscordStage()
        let said = try stage.say("hello")
        try stage.fault(
            .status(429, body: "<html>1015</html>", description: nil, headers: ["Retry-After": "31"]), match: "hello")
        let adapter = try stage.adapter()
        let error = await #expect(throws: ChannelError.self) {
            try await adapter.send(stage.message("hello you", to: said))
        }
        #expect(error == .rateLimited(retryAfter: .seconds(31)))
    }

    @Test func `says what is wrong with a request, field by field`() async throws {
        let stage = DiscordStage()
        let said = try stage.say("hello")
        let adapter = try stage.adapter()
        let error = await #expect(throws: ChannelError.self) {
            try await adapter.send(stage.message(String(repeating: "x", count: 2001), to: said))
        }
        guard case .malformed(let reason) = error else {
            Issue.record("it became \(error.map { "\($0)" } ?? "a message")")
            return
        }
        #expect(reason.contains("content: Must be 2000 or fewer in length."))
    }

    @Test(arguments: [
        (10003, 404, "rejected"), (50007, 403, "rejected"), (50083, 400, "rejected"), (50035, 400, "malformed"),
    ])
    func `knows whether repeating helps`(code: Int, status: Int, word: String) async throws {
        let stage = DiscordStage()
        let said = try stage.say("hello")
        let body: JSONValue = ["code": JSONValue(code), "message": "No"]
        try stage.fault(.status(status, body: body.text(), description: nil, headers: [:]), match: "refused")
        let adapter = try stage.adapter()
        let error = await #expect(throws: ChannelError.self) {
            try await adapter.send(stage.message("refused", to: said))
        }
        #expect(error.map { "\($0)".hasPrefix(word) } == true, "\(String(describing: error))")
    }

    @Test func `is sent anew where the message to change is gone`() async throws {
        let stage = DiscordStage()
        let said = try stage.say("hello")
        let adapter = try stage.adapter()
        let receipt = try await adapter.send(stage.message("a draft", to: said, key: "draft"))
        stage.simulator.change { $0.remove(message: receipt.id.rawValue) }
        var edited = stage.message("the whole", to: said, key: "whole")
        edited.replaces = receipt.id
        let fresh = try await adapter.edit(edited)
        #expect(fresh.id != receipt.id)
        #expect(stage.simulator.sent.map(\.text) == ["the whole"])
    }

    @Test func `comes with up to ten files a message, and tells addresses apart`() async throws {
        let stage = DiscordStage()
        let said = try stage.say("hello")
        let files = (1...12).map {
            OutboundMessage.File(kind: .document, name: "\($0).txt", source: .bytes([UInt8](repeating: 65, count: $0)))
        }
        let address = OutboundMessage.File(kind: .image, name: "p", source: .url("https://example.org/p.png"))
        _ = try await stage.adapter().send(stage.message("files", to: said, files: files + [address]))
        let sent = stage.simulator.sent
        #expect(sent.map(\.text) == ["files\nhttps://example.org/p.png", ""])
        #expect(sent.map(\.files.count) == [10, 2])
        let large = OutboundMessage.File(
            kind: .document, name: "large", source: .bytes([UInt8](repeating: 0, count: Parcel.sizeLimit + 1)))
        let error = await #expect(throws: ChannelError.self) {
            try await stage.adapter().send(stage.message("large", to: said, files: [large]))
        }
        guard case .rejected = error else {
            Issue.record("a file over the limit is not refused")
            return
        }
    }

    @Test func `asks for a file's new address when the old one is not good any more`() async throws {
        let stage = DiscordStage()
        try await stage.running { adapter in
            try stage.say(
                "look", files: [.init(kind: .document, name: "a.txt", content: Array("some text".utf8))])
            let heard = try await stage.until { !$0.messages.isEmpty }
            let attachment = try #require(heard.messages.first?.attachments.first)
            try stage.fault(.status(404, body: "gone", description: nil, headers: [:]), match: "/attachments/")
            #expect(try await adapter.download(attachment, limit: 100) == Array("some text".utf8))
            var foreign = attachment
            foreign.reference = attachment.reference?.replacing("http://discord.test/", with: "http://169.254.0.1/")
            let before = stage.calls.count
            _ = try? await adapter.download(foreign, limit: 100)
            #expect(!stage.calls.dropFirst(before).contains { $0.name.contains("169.254") })
        }
    }
}

@Suite struct `markup for Discord` {
    @Test(arguments: [
        ("**bold** and *italic* and `code`", "**bold** and *italic* and `code`"),
        ("__bold__ but snake_case_name and __init__", "**bold** but snake_case_name and **init**"),
        ("a || b", "a \\|\\| b"), ("`a || b __c__`", "`a || b __c__`"), ("#### Deep title", "**Deep title**"),
        ("# Title", "# Title"), ("![a map](https://x.test/m.png) here", "[a map](https://x.test/m.png) here"),
        ("```\n| a | b |\n__x__ || y\n```", "```\n| a | b |\n__x__ || y\n```"),
        ("~~~py\ncode\n~~~", "```py\ncode\n~~~"),
        ("- x\n\n    ```\n    __x__ | y\n    ```\n__b__", "- x\n\n    ```\n    __x__ | y\n    ```\n**b**"),
        ("> ```py\n> __x__ || y\n> ```\n__b__", "> ```py\n> __x__ || y\n> ```\n**b**"),
        ("> > ~~~\n> > __x__\n> > ~~~", "> > ```\n> > __x__\n> > ```"),
        ("> ```\n> __x__\n__b__", "> ```\n> __x__\n**b**"),
        ("1. ```sh\n   __x__\n   ```\n__b__", "1. ```sh\n   __x__\n   ```\n**b**"),
        ("- [x] ~~~\n  __x__\n  ~~~", "- [x] ```\n  __x__\n  ```"),
        ("```inline``` __b__\n__c__", "```inline``` **b**\n**c**"),
        ("```\r\n__x__\r\n```\r\n__b__", "```\n__x__\n```\n**b**"),
        ("| Name | Age |\n|---|---|\n| Ada | 36 |", "```\nName  Age\n----  ---\nAda   36\n```"),
        ("one | two", "one | two"), ("|| hidden", "\\|\\| hidden"), ("", ""),
    ])
    func `is what models write, as far as it can be shown`(markdown: String, shown: String) {
        let expected = shown.replacing("code\n~~~", with: "code\n```")
        #expect(DiscordMarkdown.rendered(markdown) == expected)
    }

    @Test(arguments: [
        ("2*3*4", "2\\*3\\*4"), ("snake_case", "snake_case"), ("_x_", "\\_x\\_"), ("~one~", "~one~"),
        ("~~two~~", "\\~\\~two\\~\\~"), ("# not a title", "\\# not a title"), ("a # b", "a # b"),
        ("<@123>", "\\<@123>"), ("a < b", "a < b"), ("\\ g", "\\ g"), ("`tick`", "\\`tick\\`"),
        ("> quote", "\\> quote"),
    ])
    func `is not found in plain text`(text: String, escaped: String) {
        #expect(DiscordMarkdown.escaped(text) == escaped)
    }

    @Test func `never makes a text longer than the limit`() {
        let text = String(repeating: "*", count: 1999)
        let message = OutboundMessage(
            key: "k", conversation: Conversation(channel: "d", id: "1", scope: .dm), text: text, format: .plain)
        #expect(MessageSender.content(of: message) == text)
    }
}
