import PraisonCore
import PraisonGateway
import PraisonSimulation
import Testing

@Suite struct `a text splitter` {
    private func pieces(_ text: String, limit: Int, unit: ChannelCapabilities.LengthUnit = .utf16) -> [String] {
        TextSplitter(.make(limit: limit, unit: unit)).pieces(of: text)
    }

    private func words(_ texts: [String]) -> [Substring] {
        texts.flatMap { $0.split(whereSeparator: \.isWhitespace) }
    }

    @Test func `leaves alone what fits`() {
        #expect(pieces("short  \n", limit: 40) == ["short  \n"])
    }

    @Test func `cuts between paragraphs rather than lines and lines rather than words`() {
        let text = "one two three four\nfive six seven\n\neight nine ten eleven twelve"
        #expect(pieces(text, limit: 40) == ["one two three four\nfive six seven", "eight nine ten eleven twelve"])
        #expect(
            pieces("one two three four five six\nseven eight nine ten", limit: 40)
                == ["one two three four five six", "seven eight nine ten"])
    }

    @Test func `keeps blank lines inside a piece`() {
        let text = "a\n\nb\n\nc " + String(repeating: "word ", count: 20)
        #expect(pieces(text, limit: 64).first?.hasPrefix("a\n\nb\n\nc") == true)
    }

    @Test func `closes a long code block and opens it again with its language`() {
        let code = (1...30).map { "let line\($0) = \($0)" }.joined(separator: "\n")
        let result = pieces("Here:\n```swift\n\(code)\n```\nDone.", limit: 120)
        #expect(result.count > 3)
        for piece in result {
            #expect(piece.utf16.count <= 120)
            let fences = piece.split(separator: "\n").filter { $0.hasPrefix("```") }
            #expect(fences.count.isMultiple(of: 2))
        }
        let lines = result.joined(separator: "\n").split(separator: "\n").filter { !$0.hasPrefix("```") }
        #expect(lines.joined(separator: "\n") == "Here:\n\(code)\nDone.")
        #expect(result.dropFirst().dropLast().allSatisfy { $0.hasPrefix("```swift\n") })
    }

    @Test func `starts a new message rather than cut a code block that fits whole`() {
        let block = "```\n" + String(repeating: "x", count: 60) + "\n```"
        let result = pieces("some words before it that take room\n\(block)", limit: 80)
        #expect(result == ["some words before it that take room", block])
    }

    @Test func `does not cut bold text, code or links that fit`() {
        let filler = String(repeating: "word ", count: 6)
        for span in ["**bold words stay**", "`let code = stay`", "[a link text](https://example.org/a)"] {
            let result = pieces(filler + span + " and more words at the end of it", limit: 44)
            #expect(result.contains { $0.contains(span) }, "\(result)")
        }
    }

    @Test func `never cuts a grapheme, whatever the unit`() {
        let family = "👨‍👩‍👧‍👦"
        for unit in [ChannelCapabilities.LengthUnit.utf16, .codePoints, .utf8] {
            let result = pieces(String(repeating: family, count: 40), limit: 64, unit: unit)
            #expect(result.joined() == String(repeating: family, count: 40))
            #expect(result.allSatisfy { $0.allSatisfy { String($0) == family } })
        }
    }

    @Test func `loses no word of any text and keeps to the limit`() {
        let entropy = SeededEntropy(seed: 7)
        let parts = [
            "word", " ", "  ", "\n", "\n\n", "**", "`", "```\n", "```swift\n", "\n```\n", "[x](y)", "_", "é", "👍🏽",
            "مرحبا",
            "long" + String(repeating: "g", count: 50), ". ", "! ", "~~", "||", "(", "]", "* item\n",
        ]
        for _ in 0..<400 {
            let count = Int(entropy.fraction() * 80) + 1
            let text = (0..<count).map { _ in parts[Int(entropy.fraction() * Double(parts.count))] }.joined()
            let result = pieces(text, limit: 40)
            for piece in result { #expect(piece.utf16.count <= 40, "\(text.debugDescription)") }
            let letters = { (text: String) in
                text.filter { !$0.isWhitespace && !"`~swift".contains($0) }
            }
            #expect(letters(result.joined()) == letters(text), "\(text.debugDescription)")
        }
    }
}
