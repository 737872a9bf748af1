/// Where in a text of Markdown cuts would hurt.
struct MarkupScan {
    /// How well a text may be cut at a place.
    enum Quality: Int, Comparable {
        case none, grapheme, word, blockLine, sentence, line, paragraph
        static func < (left: Quality, right: Quality) -> Bool { left.rawValue < right.rawValue }
    }

    let characters: [Character]
    private let blocks: [MarkupBlock]
    /// For each character, whether a cut before it would be inside a span (bold, code, a link).
    private var isInsideSpan: [Bool]

    /// - Parameter canRepeatMarks: whether there is room in a message for what opens and closes a block.
    init(_ characters: [Character], canRepeatMarks: (MarkupBlock) -> Bool) {
        self.characters = characters
        blocks = MarkupLines(characters).blocks().map { canRepeatMarks($0) ? $0 : $0.withoutMarks }
        isInsideSpan = Array(repeating: false, count: characters.count + 1)
        var position = 0
        for block in blocks {
            findSpans(in: position..<block.range.lowerBound)
            position = block.range.upperBound
        }
        findSpans(in: position..<characters.count)
    }

    private mutating func findSpans(in range: Range<Int>) {
        var start = range.lowerBound
        for position in range {
            let isLast = position + 1 == range.upperBound
            // An empty line ends a paragraph.
            guard isLast || characters[position].isNewline && characters[position + 1].isNewline else { continue }
            for span in MarkupSpans.ranges(in: characters[start...position]) {
                for inside in (span.lowerBound + 1)..<span.upperBound { isInsideSpan[inside] = true }
            }
            start = position + 1
        }
    }

    // MARK: Blocks

    /// The block a cut at `position` would be inside of.
    func block(at position: Int) -> MarkupBlock? {
        nextBlock(at: position).flatMap { $0.range.lowerBound < position ? $0 : nil }
    }

    /// The first one that ends behind `position`.
    private func nextBlock(at position: Int) -> MarkupBlock? {
        var (low, high) = (0, blocks.count)
        while low < high {
            let middle = (low + high) / 2
            if blocks[middle].range.upperBound <= position { low = middle + 1 } else { high = middle }
        }
        return low < blocks.count ? blocks[low] : nil
    }

    /// What a message begins with that goes on at `position`.
    func opening(at position: Int) -> String {
        guard let block = block(at: position) else { return "" }
        return characters[position - 1].endsLine ? block.opening : block.opening + block.linePrefix
    }

    /// Where the text goes on behind a cut: without white space, except in a block and before one.
    func startOfText(from cut: Int) -> Int {
        var position = cut
        if let block = block(at: position) {
            if position < block.content.upperBound {
                // The end of a line that was cut just there.
                return characters[position].endsLine && !characters[position - 1].endsLine ? position + 1 : position
            }
            // Nothing but blank lines and the closing one is left.
            position = block.range.upperBound
        }
        let end = nextBlock(at: position)?.range.lowerBound ?? characters.count
        while position < end, characters[position].isWhitespace { position += 1 }
        return position
    }

    // MARK: Cuts

    func quality(ofCutAt position: Int) -> Quality {
        guard position > 0, position < characters.count else { return .none }
        let (before, after) = (characters[position - 1], characters[position])
        if let block = block(at: position) {
            // The opening lines stay with the content, and the closing line is one.
            if position <= block.content.lowerBound + 1 || position > block.closingLine { return .none }
            return before.endsLine ? .blockLine : .grapheme
        }
        if isInsideSpan[position] { return .none }
        if before.isNewline {
            return position > 1 && characters[position - 2].isNewline ? .paragraph : .line
        }
        if after.isNewline {
            return position + 1 < characters.count && characters[position + 1].isNewline ? .paragraph : .line
        }
        // What follows would be read as the beginning of a code block.
        if MarkupLines.marksFence(characters[position...]) { return .none }
        if before == " " {
            let isSentence = position > 1 && [".", "!", "?", "…"].contains(characters[position - 2])
            return isSentence && !after.isWhitespace ? .sentence : .word
        }
        if ["。", "！", "？"].contains(before) { return .sentence }
        return .grapheme
    }
}
