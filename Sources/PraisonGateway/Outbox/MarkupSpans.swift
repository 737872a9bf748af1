/// The stretches of a paragraph that open and close within it: `code`, **bold**, _emphasis_, ~~struck~~, ||hidden||,
/// [text](link).
struct MarkupSpans {
    private struct Run: Hashable {
        var marker: Character
        var length: Int
    }

    /// Longer ones are rulers and ornaments.
    private static let maximumRun = 8

    private let characters: ArraySlice<Character>
    // What a search has found out is kept, so that a paragraph full of openers that nobody closes costs no square.
    private var unclosed: Set<Run> = []
    private var closings: [Character: Int] = [:]

    private init(_ characters: ArraySlice<Character>) { self.characters = characters }

    static func ranges(in paragraph: ArraySlice<Character>) -> [Range<Int>] {
        var spans = MarkupSpans(paragraph)
        var ranges: [Range<Int>] = []
        var position = paragraph.startIndex
        while position < paragraph.endIndex {
            let (end, isSpan) = spans.read(at: position)
            if isSpan { ranges.append(position..<end) }
            position = end
        }
        return ranges
    }

    private mutating func read(at start: Int) -> (end: Int, isSpan: Bool) {
        let marker = characters[start]
        switch marker {
        case "[":
            guard let close = next("]", after: start), close + 1 < characters.endIndex, characters[close + 1] == "(",
                let end = next(")", after: close + 1)
            else { break }
            return (end + 1, true)
        case "`", "*", "_", "~", "|":
            let run = Run(marker: marker, length: characters[start...].prefix { $0 == marker }.count)
            let content = start + run.length
            guard run.length <= Self.maximumRun else { return (content, false) }
            if let end = end(of: run, from: content) { return (end, true) }
            // Fewer of them may still find a partner; with backticks it is all or none.
            if marker == "`" { return (content, false) }
        default: break
        }
        return (start + 1, false)
    }

    private mutating func end(of run: Run, from content: Int) -> Int? {
        let isCode = run.marker == "`"
        guard isCode || run.marker == "*" || run.marker == "_" || run.length == 2, !unclosed.contains(run),
            content < characters.endIndex, isCode || !characters[content].isWhitespace
        else { return nil }
        var position = content + 1
        while position < characters.endIndex {
            guard characters[position] == run.marker else {
                position += 1
                continue
            }
            let length = characters[position...].prefix { $0 == run.marker }.count
            if length == run.length, isCode || !characters[position - 1].isWhitespace { return position + length }
            position += length
        }
        unclosed.insert(run)
        return nil
    }

    /// - Parameter start: never before that of an earlier search for the same character.
    private mutating func next(_ character: Character, after start: Int) -> Int? {
        if closings[character].map({ $0 <= start }) ?? true {
            closings[character] = characters[(start + 1)...].firstIndex(of: character) ?? characters.endIndex
        }
        return closings[character].flatMap { $0 < characters.endIndex ? $0 : nil }
    }
}
