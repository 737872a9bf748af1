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
        Example("- ```sh\n  a_b_c\n    d\n  ```\n**e**", "• \na_b_c\n  d\ne", "pre 3+9=sh", "bold 13+1"),
        Example("1. ```\n   a\n   ```", "1. \na", "pre 4+1"), Example("- [x] ~~~\na\n~~~", "☑ \na", "pre 3+1"),
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

    @Test(arguments: [
        Example("| a |\n|---|\n| [l](http://a.b/1) |", "a\nl (http://a.b/1)", "pre 0+18"),
        Example("|a|b|\n|-|-|\n|[l](http://a.b/1)|![p](x.org/y)|", "a | b\nl (http://a.b/1) | p (x.org/y)", "pre 0+36"),
        Example("|a|\n|-|\n|[http://a.b](http://a.b)|", "a\n----------\nhttp://a.b", "pre 0+23"),
        Example("|a|\n|-|\n|`[l](u)` **b**|", "a\n--------\n[l](u) b", "pre 0+19"),
    ])
    func `shows the addresses of links in a table`(example: Example) {
        let rendered = MarkdownText(example.source)
        #expect(rendered.text == example.text)
        #expect(Self.spelled(rendered.entities) == example.entities)
    }

    @Test func `keeps a table over several messages a table, headed in each`() {
        let rows = (1...300).map { "| [row \($0)](http://a.b/\($0)) | some words |" }.joined(separator: "\n")
        let pieces = TextSplitter(TelegramAdapter.capabilities).pieces(of: "| Name | What |\n|---|---|\n\(rows)")
        #expect(pieces.count > 2)
        let rendered = pieces.map { MarkdownText($0) }
        for text in rendered {
            #expect(text.text.hasPrefix("Name"))
            #expect(Self.spelled(text.entities) == ["pre 0+\(text.text.utf16.count)"])
        }
        let all = rendered.map(\.text).joined(separator: "\n")
        for row in 1...300 { #expect(all.contains("row \(row) (http://a.b/\(row))")) }
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

    /// What is shown as code, without white space, which may go at a cut.
    private static func code(in sources: [String]) -> String {
        sources.map { source in
            let rendered = MarkdownText(source)
            let units = Array(rendered.text.utf16)
            return rendered.entities.filter { $0.kind == .pre }.sorted { $0.offset < $1.offset }
                .map { String(decoding: units[$0.offset..<$0.offset + $0.length], as: UTF16.self) }.joined()
        }.joined().filter { !$0.isWhitespace }
    }

    /// Prose, lists and code blocks at all places where code may stand.
    private static func document(_ number: Int, blocks: Int) -> String {
        let entropy = SeededEntropy(seed: UInt64(number))
        func pick<Value>(_ values: [Value]) -> Value { values[Int(entropy.fraction() * Double(values.count))] }
        let prefixes = ["", "  ", "   ", "    ", "\t", "> ", ">", "> > ", ">   ", " >> "]
        let items = [("- ", "  "), ("1. ", "   "), ("> * ", ">   "), ("  - [x] ", "    "), ("10)\t", "    ")]
        let codeLines = [
            "echo *line* _N_ | grep a_b_c", "", "  indented", "`` ` ``", "> not quoted", "# not a heading", "**", "``",
            "- [x](y)", "a very long line of code that goes on " + String(repeating: "and_on ", count: 30),
            "👨‍👩‍👧 e\u{301}", "    deep", "|---|", "~~", "1. one",
        ]
        return (0..<blocks).map { _ in
            let plain = pick(prefixes)
            let (first, prefix) = entropy.fraction() < 0.3 ? pick(items) : (plain, plain)
            if entropy.fraction() < 0.4 {
                return prefix
                    + String(
                        repeating: pick(["Some *words*. ", "`code` and ``` and ", "- item\n", "1. a_b_c "]),
                        count: Int(entropy.fraction() * 40) + 1)
            }
            let fence = pick(["```", "````", "~~~"])
            let lines = (0..<Int(entropy.fraction() * 60)).map { _ in prefix + pick(codeLines) }
            let closing = entropy.fraction() < 0.9 ? [prefix + fence] : []
            return ([first + fence + pick(["", "swift", "c++ title"])] + lines + closing).joined(separator: "\n")
        }.joined(separator: "\n\n")
    }

    @Test(arguments: 1...48)
    func `shows the same code in pieces as in one`(number: Int) {
        var capabilities = TelegramAdapter.capabilities
        capabilities.textLimit = [4096, 700, 120][number % 3]
        let source = Self.document(number, blocks: 12)
        let pieces = TextSplitter(capabilities).pieces(of: source)
        for piece in pieces { #expect(piece.utf16.count <= capabilities.textLimit) }
        #expect(Self.code(in: pieces) == Self.code(in: [source]), "\(number)")
    }
}
