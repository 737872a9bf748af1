/// A code block or a table. A message that breaks off within one closes it, and the next opens it again.
struct MarkupBlock {
    /// From the start of its first line, with indentation and quote marks, to the end of its last, in characters.
    var range: Range<Int>
    /// From the end of the opening lines to the end of the last line that is not blank.
    var content: Range<Int>
    /// Where the closing line starts; the end of the block where there is none.
    var closingLine: Int
    /// The lines a message begins with that goes on with the block: the fence, or a table's heading and ruler.
    var opening: String
    /// What stands before each line, for one that is cut itself: indentation and quote marks.
    var linePrefix: String
    /// The line a message ends with that breaks off within the block.
    var closing: String

    /// The block where its marks are too long to be repeated: it is just cut.
    var withoutMarks: MarkupBlock {
        var block = self
        (block.opening, block.linePrefix, block.closing) = ("", "", "")
        return block
    }
}

/// The lines of a text of Markdown, read for the blocks they begin and end. What is code here must be what adapters
/// render as code: fences at any indentation, behind quote marks and at the start of a list's item, and tables as GFM has them.
///
/// Source: https://spec.commonmark.org/0.31.2/#fenced-code-blocks, https://github.github.com/gfm/#tables-extension-
struct MarkupLines {
    /// Quotes inside quotes beyond this are text.
    private static let maximumQuotes = 6
    private static let maximumLanguage = 32

    private struct Fence {
        var marker: Character
        var length: Int
        /// Where its first mark stands.
        var start: Int
        var language: String
    }

    private let characters: [Character]
    private var lines: [Range<Int>] = []

    init(_ characters: [Character]) {
        self.characters = characters
        var start = 0
        for position in characters.indices where characters[position].endsLine {
            lines.append(start..<position)
            start = position + 1
        }
        lines.append(start..<characters.count)
    }

    func blocks() -> [MarkupBlock] {
        var blocks: [MarkupBlock] = []
        var next = 0
        while next < lines.count {
            let (quotes, body) = body(ofLine: next)
            if let fence = fence(in: body) {
                blocks.append(codeBlock(fence, from: body.lowerBound, behind: quotes, next: &next))
            } else if isTable(body, at: next, behind: quotes) {
                blocks.append(table(from: body.lowerBound, behind: quotes, next: &next))
            } else {
                next += 1
            }
        }
        return blocks
    }

    // MARK: Lines

    /// What stands behind the quote marks of a line, of which at most `maximum` are read.
    private func body(ofLine line: Int, behind maximum: Int = maximumQuotes) -> (quotes: Int, body: Range<Int>) {
        let end = lines[line].upperBound
        var (quotes, start) = (0, lines[line].lowerBound)
        while quotes < maximum {
            let mark = text(in: start..<end).lowerBound
            guard mark < end, characters[mark] == ">" else { break }
            start = mark + 1
            if start < end, characters[start] == " " { start += 1 }
            quotes += 1
        }
        return (quotes, start..<end)
    }

    /// Without indentation.
    private func text(in body: Range<Int>) -> Range<Int> {
        var start = body.lowerBound
        while start < body.upperBound, characters[start] == " " || characters[start] == "\t" { start += 1 }
        return start..<body.upperBound
    }

    /// What stands behind `- `, `- [x] ` or `3. `.
    private func listItem(in text: Range<Int>) -> Range<Int>? {
        let digits = characters[text].prefix { ("0"..."9").contains($0) }
        guard digits.count <= 9, let mark = characters[digits.endIndex..<text.upperBound].first,
            (digits.isEmpty ? "-*+" : ".)").contains(mark)
        else { return nil }
        let content = self.text(in: digits.endIndex + 1..<text.upperBound)
        guard content.lowerBound > digits.endIndex + 1 else { return nil }
        let isTask = digits.isEmpty && ["[ ] ", "[x] ", "[X] "].contains(String(characters[content].prefix(4)))
        return isTask ? self.text(in: content.lowerBound + 4..<content.upperBound) : content
    }

    private func isBlank(_ range: Range<Int>) -> Bool { characters[range].allSatisfy(\.isWhitespace) }

    // MARK: Code

    /// Whether these may be the beginning of a fence.
    static func marksFence(_ text: ArraySlice<Character>) -> Bool {
        guard let marker = text.first, marker == "`" || marker == "~" else { return false }
        return text.prefix(3).count { $0 == marker } == 3
    }

    private func fence(in body: Range<Int>) -> Fence? {
        var text = text(in: body)
        if let content = listItem(in: text) { text = content }
        guard Self.marksFence(characters[text]), let marker = characters[text].first else { return nil }
        let length = characters[text].prefix { $0 == marker }.count
        let info = characters[text].dropFirst(length)
        // CommonMark 0.31 §4.5: backticks after backticks make it inline code.
        guard marker == "~" || !info.contains("`") else { return nil }
        let language = info.split(whereSeparator: \.isWhitespace).first ?? []
        return Fence(
            marker: marker, length: length, start: text.lowerBound,
            language: language.count <= Self.maximumLanguage ? String(language) : "")
    }

    private func closes(_ fence: Fence, _ body: Range<Int>) -> Bool {
        let text = text(in: body)
        let length = characters[text].prefix { $0 == fence.marker }.count
        return length >= fence.length && isBlank(text.lowerBound + length..<text.upperBound)
    }

    /// Goes on to the fence that closes it, else to the end of the quote it stands in or of the text.
    private func codeBlock(_ fence: Fence, from body: Int, behind quotes: Int, next: inout Int) -> MarkupBlock {
        let first = lines[next]
        var contentEnd = first.upperBound
        var closingLine: Int?
        next += 1
        while next < lines.count, closingLine == nil {
            let line = self.body(ofLine: next, behind: quotes)
            guard line.quotes == quotes else { break }
            if closes(fence, line.body) {
                closingLine = lines[next].lowerBound
            } else if !isBlank(line.body) {
                contentEnd = lines[next].upperBound
            }
            next += 1
        }
        let end = lines[next - 1].upperBound
        // A list's bullet or number is there once; what belongs to its item is indented.
        let indentation = characters[body..<fence.start].map { $0 == "\t" ? $0 : " " }
        let prefix = String(characters[first.lowerBound..<body] + indentation)
        let marks = prefix + String(repeating: fence.marker, count: fence.length)
        return MarkupBlock(
            range: first.lowerBound..<end, content: first.upperBound..<contentEnd, closingLine: closingLine ?? end,
            opening: "\(marks)\(fence.language)\n", linePrefix: prefix, closing: "\n\(marks)")
    }

    // MARK: Tables

    /// A line with `|` above `|---|:-:|`, which has as many columns.
    private func isTable(_ heading: Range<Int>, at line: Int, behind quotes: Int) -> Bool {
        guard line + 1 < lines.count, characters[heading].contains("|") else { return false }
        let (found, ruler) = body(ofLine: line + 1, behind: quotes)
        guard found == quotes, characters[ruler].allSatisfy({ " \t|:-".contains($0) }) else { return false }
        let columns = cells(in: ruler)
        return !columns.isEmpty && columns.allSatisfy { characters[$0].contains("-") }
            && columns.count == cells(in: heading).count
    }

    private func cells(in row: Range<Int>) -> [Range<Int>] {
        var cells: [Range<Int>] = []
        var start = row.lowerBound
        var isEscaped = false
        for position in row {
            if characters[position] == "|", !isEscaped {
                cells.append(start..<position)
                start = position + 1
            }
            isEscaped = characters[position] == "\\" && !isEscaped
        }
        cells.append(start..<row.upperBound)
        if let first = cells.first, isBlank(first) { cells.removeFirst() }
        if let last = cells.last, isBlank(last) { cells.removeLast() }
        return cells
    }

    /// Goes on as long as lines have a `|`.
    private func table(from body: Int, behind quotes: Int, next: inout Int) -> MarkupBlock {
        let (first, ruler) = (lines[next], lines[next + 1])
        next += 2
        while next < lines.count {
            let line = self.body(ofLine: next, behind: quotes)
            guard line.quotes == quotes, characters[line.body].contains("|") else { break }
            next += 1
        }
        let end = lines[next - 1].upperBound
        return MarkupBlock(
            range: first.lowerBound..<end, content: ruler.upperBound..<end, closingLine: end,
            opening: String(characters[first.lowerBound..<ruler.upperBound]) + "\n",
            linePrefix: String(characters[first.lowerBound..<body]), closing: "")
    }
}

extension Character {
    /// Not every newline that Unicode knows ends a line of Markdown. "\r\n" is one character.
    var endsLine: Bool { self == "\n" || self == "\r\n" || self == "\r" }
}
