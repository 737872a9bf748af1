import PraisonCore
import PraisonGateway
import PraisonSimulation
import Testing

extension AdapterConformance {
    func carriesLongTexts(_ stage: Stage) async throws {
        let text = Self.trickyText(longerThan: Adapter.capabilities.textLimit * 3)
        try await stage.running { adapter in
            let said = try await stage.remote.say("tell me everything")
            let pieces = TextSplitter(Adapter.capabilities).pieces(of: text)
            #expect(pieces.count >= 3)
            for (index, piece) in pieces.enumerated() {
                let receipt = try await adapter.send(stage.message(piece, to: said, key: "\(index)"))
                #expect(!receipt.id.rawValue.isEmpty)
            }
            let seen = try await stage.remote.sent.map { $0["text"]?.string ?? "" }
            #expect(seen.count == pieces.count)
            // White space around a cut may go; nothing else may, and no grapheme may fall apart.
            #expect(Self.condensed(seen.joined(separator: " ")) == Self.condensed(text))
        }
    }

    private static func trickyText(longerThan length: Int) -> String {
        let tricky = [
            "👩‍👩‍👧‍👦 family, 🏴󠁧󠁢󠁳󠁣󠁴󠁿 flag, e\u{301} accent, 👍🏽 tone.", "שלום עולם, this is RTL.", "مرحبا بالعالم.",
            "漢字かな交じり文。", "a & b < c > d \"e\" 'f' \\ g", "snake_case and 2*3*4 and ~tilde~ and |pipe|.",
        ]
        var text = ""
        var number = 0
        while text.utf16.count < length {
            number += 1
            text += "\(number). \(tricky[number % tricky.count])\(number % 7 == 0 ? "\n\n" : " ")"
        }
        return text
    }

    func carriesLongCode(_ stage: Stage) async throws {
        let code = (0...Adapter.capabilities.textLimit / 16).map {
            "let value\($0) = [\"*\": _\($0)_] // `tick` & <tag>"
        }
        let text = "Before.\n\n```swift\n\(code.joined(separator: "\n"))\n```\n\nAfter."
        try await stage.running { adapter in
            let said = try await stage.remote.say("show me the code")
            for (index, piece) in TextSplitter(Adapter.capabilities).pieces(of: text).enumerated() {
                _ = try await adapter.send(stage.message(piece, to: said, format: .markdown, key: "\(index)"))
            }
            let seen = try await stage.remote.sent.map { $0["text"]?.string ?? "" }
            let lines = seen.flatMap { $0.split(whereSeparator: \.isNewline).map(String.init) }
            #expect(lines.filter { $0.hasPrefix("let value") } == code)
            #expect(seen.first?.hasPrefix("Before.") == true)
            #expect(seen.last?.hasSuffix("After.") == true)
        }
    }

    private static func condensed(_ text: String) -> [Character] { text.filter { !$0.isWhitespace }.map { $0 } }

    func answersInPlace(_ stage: Stage) async throws {
        try await stage.running { adapter in
            let said = try await stage.remote.say(
                "a question", in: "family", .group, thread: Adapter.capabilities.threads ? "games" : nil)
            let receipt = try await adapter.send(stage.message("an answer", to: said, .group, replyTo: said.id))
            let sent = try #require(try await stage.remote.sent.last)
            #expect(sent["text"]?.string == "an answer")
            #expect(sent["id"]?.scalarText == receipt.id.rawValue)
            #expect(sent["conversation"]?.scalarText == said.conversation.rawValue)
            #expect(sent["thread"]?.scalarText == said.thread?.rawValue)
            #expect(sent["reply_to"]?.scalarText == said.id.rawValue)
        }
    }

    func changesItsWords(_ stage: Stage) async throws {
        guard Adapter.self is any EditsMessages.Type else { return }
        try await stage.running { adapter in
            let editor = try #require(adapter as? any EditsMessages)
            let said = try await stage.remote.say("write something")
            let receipt = try await adapter.send(stage.message("first words", to: said))
            for _ in 1...2 {
                let edited = try await editor.edit(stage.message("second words", to: said, replaces: receipt.id))
                #expect(edited.id == receipt.id)
            }
            let sent = try await stage.remote.sent
            #expect(sent.map { $0["text"]?.string } == ["second words"])
            #expect(sent.first?["edited"]?.bool == true)
        }
    }

    func showsThatItWrites(_ stage: Stage) async throws {
        guard Adapter.self is any ShowsTyping.Type else { return }
        #expect(Adapter.capabilities.typingRefresh != nil)
        try await stage.running { adapter in
            let typist = try #require(adapter as? any ShowsTyping)
            let said = try await stage.remote.say("are you there?")
            let heard = try await stage.until { !$0.messages.isEmpty }
            let conversation = try #require(heard.messages.first?.conversation)
            let before = try await stage.remote.calls.count
            try await typist.showTyping(in: conversation)
            let calls = try await stage.remote.calls.dropFirst(before)
            let place = said.conversation.rawValue
            #expect(
                calls.contains { "\($0["call"]?.string ?? "")\($0["parameters"]?.value.text() ?? "")".contains(place) })
        }
    }

    func reacts(_ stage: Stage) async throws {
        guard Adapter.self is any Reacts.Type else { return }
        try await stage.running { adapter in
            let reacting = try #require(adapter as? any Reacts)
            let said = try await stage.remote.say("say something nice")
            let receipt = try await adapter.send(stage.message("something nice", to: said))
            let conversation = stage.message("", to: said).conversation
            // With and without the mark that asks for a coloured picture.
            for emoji in ["👍", "❤", "❤\u{FE0F}"] {
                try await reacting.react(to: receipt.id, in: conversation, with: emoji)
                #expect(try await stage.remote.sent.last?["reactions"]?.elements.count == 1)
            }
            try await reacting.react(to: receipt.id, in: conversation, with: nil)
            #expect(try await stage.remote.sent.last?["reactions"]?.elements.isEmpty == true)
        }
    }

    func sendsFiles(_ stage: Stage) async throws {
        try await stage.running { adapter in
            let said = try await stage.remote.say("send me the file")
            let name = "naïve \"notes\".txt"
            let file = OutboundMessage.File(
                kind: .document, name: name, mimeType: "text/plain", source: .bytes(Array("some text".utf8)))
            _ = try await adapter.send(stage.message("here it is", to: said, files: [file]))
            let sent = try await stage.remote.sent
            #expect(sent.contains { $0["text"]?.string == "here it is" })
            let files = sent.flatMap { $0["files"]?.elements ?? [] }
            #expect(files.map { $0["name"]?.string } == [name])
            #expect(files.map { $0["size"]?.int } == [9])
        }
    }
}
