/// Where in a text of Markdown cuts would hurt.
struct MarkupScan {
    /// How well a text may be cut at a place.
    enum Quality: Int, Comparable {
        case none, grapheme, word, codeLine, sentence, line, paragraph
        static func < (left: Quality, right: Quality) -> Bool { left.rawValue < right.rawValue }
    }

    struct Fence {
        /// What opens the block again after a cut: the backticks and the language, where that is a short word.
        var opener: String
        var closer: String
        /// Where the opening line ends, in characters.
        var openingEnd: Int
        /// From the first backtick to the end of the closing line, in characters.
        var range: Range<Int>
    }

    let characters: [Character]
    private var fences: [Fence] = []
    /// For each character, whether a cut before it would be inside a span (bold, code, a link).
    private var isInsideSpan: [Bool]

    init(_ text: String) {
        characters = Array(text)
        isInsideSpan = Array(repeating: false, count: characters.count + 1)
        findFences()
        var position = 0
        for fence in fences {
            findSpans(in: position..<fence.range.lowerBound)
            position = fence.range.upperBound
        }
        findSpans(in: min(position, characters.count)..<characters.count)
    }

    /// The code block a cut at `position` would be inside of.
    func fence(at position: Int) -> Fence? {
        var (low, high) = (0, fences.count)
        while low < high {
            let middle = (low + high) / 2
            if fences[middle].range.upperBound <= position { low = middle + 1 } else { high = middle }
        }
        guard low < fences.count, fences[low].range.lowerBound < position else { return nil }
        return fences[low]
    }

    func quality(ofCutAt position: Int) -> Quality {
        guard position > 0, position < characters.count else { return .none }
        let (before, after) = (characters[position - 1], characters[position])
        if let fence = fence(at: position) {
            // The opening line stays with the code.
            if position <= fence.openingEnd + 1 { return .none }
            return before.isNewline ? .codeLine : .grapheme
        }
        if isInsideSpan[position] { return .none }
        if before.isNewline {
            return position > 1 && characters[position - 2].isNewline ? .paragraph : .line
        }
        if before == " " {
            let isSentence = position > 1 && [".", "!", "?", "…"].contains(characters[position - 2])
            return isSentence && !after.isWhitespace ? .sentence : .word
        }
        if ["。", "！", "？"].contains(before) { return .sentence }
        return .grapheme
    }

    private static func isLanguage(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || "+-#._".contains(character)
    }

    private mutating func findFences() {
        var open: (fence: Fence, marker: Character, length: Int)?
        var lineStart = 0
        while lineStart < characters.count {
            let lineEnd = characters[lineStart...].firstIndex(where: \.isNewline) ?? characters.count
            var first = lineStart
            while first < lineEnd, first - lineStart < 3, characters[first] == " " { first += 1 }
            if first < lineEnd, characters[first] == "`" || characters[first] == "~" {
                let marker = characters[first]
                let run = characters[first..<lineEnd].prefix { $0 == marker }.count
                let rest = characters[(first + run)..<lineEnd]
                if let (fence, opener, length) = open {
                    if marker == opener, run >= length, rest.allSatisfy(\.isWhitespace) {
                        fences.append(fence)
                        fences[fences.count - 1].range = fence.range.lowerBound..<lineEnd
                        open = nil
                    }
                } else if (3...8).contains(run) {
                    let marks = String(repeating: marker, count: run)
                    let language = rest.count <= 16 && rest.allSatisfy(Self.isLanguage) ? String(rest) : ""
                    let fence = Fence(
                        opener: marks + language, closer: marks, openingEnd: lineEnd, range: first..<characters.count)
                    open = (fence, marker, run)
                }
            }
            lineStart = lineEnd + 1
        }
        if let open { fences.append(open.fence) }
    }

    /// Marks spans that open and close within one paragraph: `code`, **bold**, _emphasis_, ~~struck~~, [text](link).
    private mutating func findSpans(in range: Range<Int>) {
        var position = range.lowerBound
        while position < range.upperBound {
            guard let end = endOfSpan(at: position, within: range) else {
                position += 1
                continue
            }
            for inside in (position + 1)..<end { isInsideSpan[inside] = true }
            position = end
        }
    }

    private func endOfSpan(at start: Int, within range: Range<Int>) -> Int? {
        let marker = characters[start]
        switch marker {
        case "[":
            guard let close = find("]", after: start, within: range), close + 1 < range.upperBound,
                characters[close + 1] == "(", let end = find(")", after: close + 1, within: range)
            else { return nil }
            return end + 1
        case "`", "*", "_", "~", "|":
            let run = characters[start..<range.upperBound].prefix { $0 == marker }.count
            guard marker == "`" || marker == "*" || marker == "_" || run == 2 else { return nil }
            let content = start + run
            guard content < range.upperBound, !characters[content].isWhitespace else { return nil }
            var position = content
            while let next = find(marker, after: position, within: range) {
                let closing = characters[next..<range.upperBound].prefix { $0 == marker }.count
                if closing == run, marker == "`" || !characters[next - 1].isWhitespace { return next + run }
                position = next + closing - 1
            }
            return nil
        default:
            return nil
        }
    }

    /// The next `character` in the same paragraph.
    private func find(_ character: Character, after start: Int, within range: Range<Int>) -> Int? {
        var position = start + 1
        while position < range.upperBound {
            if characters[position] == character { return position }
            if characters[position].isNewline, position + 1 < range.upperBound, characters[position + 1].isNewline {
                return nil
            }
            position += 1
        }
        return nil
    }
}
