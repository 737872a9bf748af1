import PraisonCore

/// The block structure of CommonMark: headings, lists, quotes, code blocks, tables, and paragraphs of what is left.
///
/// Source: https://spec.commonmark.org/0.31.2/, tables from https://github.github.com/gfm/
struct MarkdownBlocks {
    /// Quotes inside quotes beyond this are shown with their marks.
    private static let maximumDepth = 6

    private let lines: [Substring]
    private let depth: Int

    init(_ source: String) {
        // "\r\n" is one Character, so this cuts at every kind of line end.
        self.init(lines: source.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" || $0 == "\r" })
    }

    private init(lines: [Substring], depth: Int = 0) {
        self.lines = lines
        self.depth = depth
    }

    /// Each block takes the place of its lines, with no more characters than they had.
    func rendered() -> StyledText {
        var output = StyledText()
        var next = 0
        while next < lines.count {
            if next > 0 { output.append("\n") }
            let (block, end) = block(at: next)
            output.append(block)
            next = end
        }
        return output
    }

    /// - Returns: the block that starts at `start`, and the line after it.
    private func block(at start: Int) -> (StyledText, Int) {
        let line = MarkdownLine(lines[start])
        if line.isBlank { return (StyledText(), start + 1) }
        if let fence = line.fence { return code(fence, from: start) }
        if let heading = line.heading { return (Self.heading(heading), start + 1) }
        if line.isThematicBreak { return (StyledText("———"), start + 1) }
        if line.quoted != nil, depth < Self.maximumDepth { return quote(from: start) }
        if isTable(at: start) { return table(from: start) }
        if let item = line.listItem {
            if let fence = MarkdownLine(item.content).fence { return code(fence, in: item, from: start) }
            let end = endOfParagraph(from: start)
            var block = StyledText(item.prefix)
            block.append(MarkdownInline(text(item.content, start + 1..<end)).rendered())
            return (block, end)
        }
        return paragraph(from: start)
    }

    private func paragraph(from start: Int) -> (StyledText, Int) {
        let end = endOfParagraph(from: start)
        let content = text(nil, start..<end)
        if end < lines.count, MarkdownLine(lines[end]).isSetextUnderline {
            return (Self.heading(content[...]), end + 1)
        }
        return (MarkdownInline(content).rendered(), end)
    }

    /// A paragraph goes on until a blank line or another block.
    private func endOfParagraph(from start: Int) -> Int {
        var end = start + 1
        while end < lines.count, !MarkdownLine(lines[end]).interruptsParagraph, !isTable(at: end) { end += 1 }
        return end
    }

    private func text(_ first: Substring?, _ range: Range<Int>) -> String {
        var parts = first.map { [MarkdownLine($0).withoutTrailingSpace] } ?? []
        parts += lines[range].map { MarkdownLine($0).withoutTrailingSpace }
        return parts.joined(separator: "\n")
    }

    private static func heading(_ content: Substring) -> StyledText {
        var heading = MarkdownInline(String(content)).rendered()
        heading.cover(with: .bold)
        return heading
    }

    // MARK: Code

    /// A block that nobody closes goes to the end, as in a reply that is still being written.
    private func code(_ fence: MarkdownLine.Fence, from start: Int) -> (StyledText, Int) {
        var end = start + 1
        while end < lines.count, !MarkdownLine(lines[end]).closes(fence) { end += 1 }
        let content = lines[(start + 1)..<end].map { line in
            // A fence that is indented (in a list) takes as much indentation off its content.
            String(line.dropFirst(line.prefix(fence.indentation).prefix { $0 == " " || $0 == "\t" }.count))
        }
        var block = StyledText(content.joined(separator: "\n"))
        block.cover(with: .pre, value: fence.language)
        return (block, min(end + 1, lines.count))
    }

    /// A block that begins beside the bullet or number of a list's item.
    private func code(
        _ fence: MarkdownLine.Fence, in item: (prefix: String, content: Substring), from start: Int
    ) -> (StyledText, Int) {
        var fence = fence
        fence.indentation += lines[start].distance(from: lines[start].startIndex, to: item.content.startIndex)
        let (code, end) = code(fence, from: start)
        var block = StyledText(item.prefix + "\n")
        block.append(code)
        return (block, end)
    }

    // MARK: Quotes

    private func quote(from start: Int) -> (StyledText, Int) {
        var inner: [Substring] = []
        var end = start
        while end < lines.count, let content = MarkdownLine(lines[end]).quoted {
            inner.append(content)
            end += 1
        }
        var block = MarkdownBlocks(lines: inner, depth: depth + 1).rendered()
        // Telegram has no quotes inside quotes; the outer one is kept.
        if depth == 0 { block.cover(with: .quote) }
        return (block, end)
    }

    // MARK: Tables

    private func isTable(at line: Int) -> Bool {
        guard line + 1 < lines.count, lines[line].utf8.contains(UInt8(ascii: "|")) else { return false }
        return MarkdownTable.isDelimiterRow(lines[line + 1], columns: MarkdownTable.cells(of: lines[line]).count)
    }

    private func table(from start: Int) -> (StyledText, Int) {
        var end = start + 2
        while end < lines.count, lines[end].utf8.contains(UInt8(ascii: "|")) { end += 1 }
        var block = StyledText(MarkdownTable(lines[start..<end]).text)
        block.cover(with: .pre)
        return (block, end)
    }
}
