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

    @Test func `starts the next message with a block nested in a list, if it fits one whole`() {
        let code = (1...30).map { "    a_\($0) *= b_\($0)\n" }.joined(separator: "\n")
        let block = "    ```python\n\(code)    ```"
        let intro = String(repeating: "Intro paragraph. ", count: 230)
        let result = pieces("\(intro)\n\n1. Step one:\n\n\(block)\n\n2. Step two.", limit: 4096)
        #expect(result.count == 2 && result.last?.hasPrefix(block) == true)
        #expect(result.last?.hasSuffix("\n\n2. Step two.") == true)
    }

    @Test(arguments: ["    ", "   ", "\t", "> ", ">", "> > ", ">   ", "  >> \t"])
    func `opens a block again behind the same indentation and quote marks`(prefix: String) {
        let lines = (1...60).map { "\(prefix)  echo *line* _\($0)_ | grep a_b_c" }
        let source = (["\(prefix)```bash -e"] + lines + ["\(prefix)```"]).joined(separator: "\n")
        let result = pieces("- Item\n\n\(source)\n\nDone.", limit: 400)
        #expect(result.count > 5)
        #expect(result.allSatisfy { $0.utf16.count <= 400 })
        #expect(result.first?.hasPrefix("- Item") == true && result.last?.hasSuffix("\n\(prefix)```\n\nDone.") == true)
        for piece in result.dropFirst() { #expect(piece.hasPrefix("\(prefix)```bash\n\(prefix)  echo")) }
        for piece in result.dropFirst().dropLast() { #expect(piece.hasSuffix("\n\(prefix)```")) }
        let shown = result.joined(separator: "\n").split(separator: "\n").filter { $0.contains("echo") }
        #expect(shown.map(String.init) == lines)
    }

    @Test(arguments: [("- ", "  "), ("12. ", "    "), ("> * ", ">   "), ("- [ ] ", "      ")])
    func `opens a block of a list's item again without the bullet or number`(first: String, prefix: String) {
        let lines = (1...40).map { "\(prefix)echo \($0)" }
        let source = (["\(first)```sh"] + lines + ["\(prefix)```", "", "Done."]).joined(separator: "\n")
        let result = pieces(source, limit: 150)
        #expect(result.count > 2)
        #expect(result.first?.hasPrefix("\(first)```sh\n\(prefix)echo 1\n") == true)
        for piece in result.dropFirst() { #expect(piece.hasPrefix("\(prefix)```sh\n\(prefix)echo ")) }
        for piece in result.dropLast() { #expect(piece.hasSuffix("\n\(prefix)```")) }
        #expect(result.last?.hasSuffix("Done.") == true)
    }

    @Test func `repeats the prefix before the rest of a line of code that is longer than a message`() {
        let line = String(repeating: "x", count: 300)
        for prefix in ["    ", "> "] {
            let result = pieces("\(prefix)```\n\(prefix)\(line)\n\(prefix)```", limit: 120)
            #expect(result.count > 2)
            for piece in result {
                #expect(piece.utf16.count <= 120)
                #expect(piece.split(separator: "\n").allSatisfy { $0.hasPrefix(prefix) })
            }
            #expect(result.joined().filter { $0 == "x" } == line)
        }
    }

    @Test func `keeps blank lines of code at a cut, and opens no block for blank lines only`() {
        let code = (1...40).map { "line \($0)\n\n" }.joined()
        let result = pieces("```\n\(code)\n\n\n```\nDone.", limit: 100)
        #expect(result.allSatisfy { $0.hasPrefix("```\n") && $0.contains("line") || $0 == "Done." })
        let inner = result.map { $0.replacing("```\n", with: "").replacing("\n```", with: "") }
        #expect(inner.joined(separator: "\n").hasPrefix((1...40).map { "line \($0)" }.joined(separator: "\n\n")))
    }

    @Test func `ends a block with the quote it stands in`() {
        let text = "> ```\n> code\n\n" + String(repeating: "**Bold** words. ", count: 30)
        let result = pieces(text, limit: 100)
        #expect(result.count > 4)
        #expect(result.dropFirst().allSatisfy { !$0.contains("```") })
    }

    @Test func `cuts a table between rows and repeats its heading`() {
        let rows = (1...40).map { "| row \($0) | [link](https://example.org/\($0)) |" }
        for prefix in ["", "> "] {
            let heading = "\(prefix)| a | b |\n\(prefix)|---|:-:|\n"
            let result = pieces(
                "Here:\n\n\(heading)" + rows.map { prefix + $0 }.joined(separator: "\n") + "\n\nDone.", limit: 300)
            #expect(result.count > 4)
            for piece in result.dropFirst() {
                #expect(piece.hasPrefix(heading))
                #expect(piece.utf16.count <= 300)
            }
            let shown = result.joined(separator: "\n").split(separator: "\n").filter { $0.contains("row") }
            #expect(shown.map(String.init) == rows.map { prefix + $0 })
        }
    }

    @Test func `just cuts a block whose opening lines would fill the messages`() {
        let heading = "| " + String(repeating: "wide ", count: 30) + "| b |\n|---|---|\n"
        let rows = (1...40).map { "| row \($0) | cell |" }.joined(separator: "\n")
        let fence = String(repeating: " ", count: 90) + "```\n"
        for text in [heading + rows, fence + rows + "\n" + fence] {
            let result = pieces(text, limit: 100)
            #expect(result.allSatisfy { $0.utf16.count <= 100 })
            let letters = { (text: String) in text.filter { !$0.isWhitespace && $0 != "`" } }
            #expect(letters(result.joined()) == letters(text))
        }
    }

    @Test func `cuts a grapheme larger than a message between its scalars`() {
        let family = "👨" + String(repeating: "\u{200D}👨", count: 5000)
        for grapheme in ["e" + String(repeating: "\u{301}", count: 5000), family] {
            #expect(grapheme.count == 1)
            for unit in [ChannelCapabilities.LengthUnit.utf16, .codePoints, .utf8] {
                for source in [grapheme, "before \(grapheme) behind", "    ```py\n    \(grapheme)"] {
                    let splitter = TextSplitter(.make(limit: 4096, unit: unit))
                    let result = splitter.pieces(of: source)
                    let capabilities = ChannelCapabilities.make(limit: 4096, unit: unit)
                    #expect(result.count > 1)
                    #expect(result.allSatisfy { capabilities.length(of: $0) <= 4096 })
                    let scalars = { (text: String) in text.unicodeScalars.filter { $0.value > 0x7F } }
                    #expect(scalars(result.joined()).elementsEqual(scalars(source)))
                }
            }
        }
    }

    @Test func `makes no fence of backticks by a cut before them`() {
        let result = pieces(String(repeating: "write ``` here ", count: 40), limit: 60)
        #expect(result.allSatisfy { !$0.hasPrefix("```") && $0.utf16.count <= 60 })
    }

    @Test func `loses no word of any text and keeps to the limit`() {
        let entropy = SeededEntropy(seed: 7)
        let parts = [
            "word", " ", "  ", "\n", "\n\n", "**", "`", "```\n", "```swift\n", "\n```\n", "[x](y)", "_", "é", "👍🏽",
            "مرحبا",
            "long" + String(repeating: "g", count: 50), ". ", "! ", "~~", "||", "(", "]", "* item\n",
            "    ", "> ", "\t", "```\n    ", "> ```py\n> ", "\n| a | b |\n|---|---|\n", "| c | d |\n", "\r\n",
        ]
        for _ in 0..<400 {
            let count = Int(entropy.fraction() * 80) + 1
            let text = (0..<count).map { _ in parts[Int(entropy.fraction() * Double(parts.count))] }.joined()
            let result = pieces(text, limit: 40)
            for piece in result { #expect(piece.utf16.count <= 40, "\(text.debugDescription)") }
            let letters = { (text: String) in
                text.filter { !$0.isWhitespace && !"`~swiftpy>|-ab".contains($0) }
            }
            // The languages of code blocks and the headings of tables are repeated.
            var missing = letters(text)[...]
            for character in letters(result.joined()) where character == missing.first { missing.removeFirst() }
            #expect(missing.isEmpty, "\(text.debugDescription)")
        }
    }
}
