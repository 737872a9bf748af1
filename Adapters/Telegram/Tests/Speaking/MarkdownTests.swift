import PraisonCore
import PraisonGateway
import PraisonSimulation
import Testing

@testable import TelegramAdapter

@Suite struct `Markdown on its way to Telegram` {
    /// Source, text, entities as `kind offset+length[=value]`.
    struct Example: Sendable, CustomTestStringConvertible {
        var source: String
        var text: String
        var entities: [String]
        init(_ source: String, _ text: String, _ entities: String...) {
            (self.source, self.text, self.entities) = (source, text, entities)
        }
        var testDescription: String { source }
    }

    private static func spelled(_ entities: [TextEntity]) -> [String] {
        entities.map { "\($0.kind.rawValue) \($0.offset)+\($0.length)\($0.value.map { "=\($0)" } ?? "")" }
    }

    @Test(arguments: [
        Example("plain", "plain"), Example("**b**", "b", "bold 0+1"),
        Example("*i* _j_", "i j", "italic 0+1", "italic 2+1"),
        Example("***both***", "both", "bold 0+4", "italic 0+4"), Example("~~s~~", "s", "strikethrough 0+1"),
        Example("`c*d*`", "c*d*", "code 0+4"), Example("`` a`b ``", "a`b", "code 0+3"),
        Example("👩‍👩‍👧 **é**", "👩‍👩‍👧 é", "bold 9+1"), Example("🇩🇪**x**", "🇩🇪x", "bold 4+1"),
        Example("# Title\ntext", "Title\ntext", "bold 0+5"),
        Example("```swift\nlet a = 1\n```", "let a = 1", "pre 0+9=swift"),
        Example("```\n  indented\n```", "  indented", "pre 0+10"),
        Example("[t](https://x.org)", "t", "link 0+1=https://x.org"),
        Example("[**t**](https://x.org)", "t", "bold 0+1", "link 0+1=https://x.org"),
        Example("[t](javascript:x)", "t (javascript:x)"), Example("[t](/local)", "t (/local)"),
        Example("> quoted\n> more", "quoted\nmore", "quote 0+11"), Example("- a\n- b", "• a\n• b"),
        Example("1. a\n2. b", "1. a\n2. b"), Example("- [x] done", "☑ done"), Example("---", "———"),
        // Left as it is
        Example("2*3*4", "2*3*4"), Example("snake_case_name", "snake_case_name"), Example("**open", "**open"),
        Example("a * b * c", "a * b * c"), Example("\\*no\\*", "*no*"), Example("`open", "`open"),
        Example("<b>tag</b> & &amp;", "<b>tag</b> & &"), Example("~one~", "~one~"),
        Example("a **b `c** d`", "a **b c** d", "code 6+5"), Example("[t]", "[t]"), Example("[t](", "[t]("),
        // White space is outside
        Example("**a **b", "**a **b"), Example("*a*\u{A0}", "a", "italic 0+1"),
        Example("**bold `code` bold**", "bold code bold", "bold 0+4", "code 5+4", "bold 10+4"),
    ])
    func `becomes text and entities`(example: Example) {
        let rendered = MarkdownText(example.source)
        #expect(rendered.text == example.text)
        #expect(Self.spelled(rendered.entities) == example.entities)
    }

    @Test func `shows a table as code, columns under each other`() {
        let rendered = MarkdownText("| a  | long |\n|----|------|\n| bb | c    |")
        #expect(rendered.text == "a  | long\n---|-----\nbb | c" || rendered.text.hasPrefix("a  | long\n"))
        #expect(rendered.entities.map(\.kind) == [.pre])
    }

    /// Texts thrown together from what is difficult.
    private static func text(_ number: Int, length: Int) -> String {
        let entropy = SeededEntropy(seed: UInt64(number))
        let parts = [
            "*", "**", "_", "__", "~~", "`", "```", "\n", "\n\n", "> ", "# ", "- ", "1. ", "[", "](", ")",
            "https://x.org",
            "|", "|---|", "\\", "&amp;", "<br>", " ", "word", "👨‍👩‍👧", "e\u{301}", "\u{200D}", "שלום", "\u{FE0F}", "🇩🇪",
            "\r\n", "\t", "()", "!",
            "```swift\n", "||",
        ]
        return (0..<length).map { _ in parts[Int(entropy.bytes(1)[0]) % parts.count] }.joined()
    }

    @Test(arguments: 1...400)
    func `is never longer than its source, and its entities lie on whole graphemes`(number: Int) {
        let source = Self.text(number, length: 60)
        let rendered = MarkdownText(source)
        let units = rendered.text.utf16.count
        #expect(units <= source.utf16.count)
        var boundaries: Set<Int> = [0]
        var offset = 0
        for character in rendered.text {
            offset += character.utf16.count
            boundaries.insert(offset)
        }
        for entity in rendered.entities {
            #expect(entity.length > 0 && entity.offset + entity.length <= units)
            #expect(boundaries.contains(entity.offset) && boundaries.contains(entity.offset + entity.length))
        }
    }

    @Test(arguments: 1...60)
    func `split by the outbox, fits message by message, and Telegram takes every entity`(number: Int) async throws {
        let stage = SimulatedChannel()
        try stage.api.say("hello", in: "1001")
        let source = Self.text(number + 1000, length: 2500)
        let pieces = TextSplitter(TelegramAdapter.capabilities).pieces(of: source)
        for piece in pieces where piece.contains(where: { !$0.isWhitespace }) {
            _ = try await stage.adapter.send(stage.message(piece))
        }
        #expect(stage.sent.count <= stage.calls("sendMessage").count)
        // None had to be sent once more without its entities.
        #expect(stage.sent.count == stage.calls("sendMessage").count)
    }

    @Test func `reopens a code block that had to be cut`() {
        let code = (0..<900).map { "line \($0)" }.joined(separator: "\n")
        let pieces = TextSplitter(TelegramAdapter.capabilities).pieces(of: "```swift\n\(code)\n```")
        #expect(pieces.count > 1)
        for piece in pieces {
            let rendered = MarkdownText(piece)
            #expect(Self.spelled(rendered.entities) == ["pre 0+\(rendered.text.utf16.count)=swift"])
        }
        #expect(pieces.map { MarkdownText($0).text }.joined(separator: "\n") == code)
    }
}
