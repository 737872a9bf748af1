public import PraisonCore

/// Cuts a long reply into messages that fit: between paragraphs rather than lines, lines rather than sentences,
/// sentences rather than words; never inside a link or a stretch of bold or code that would fit whole, nor inside a
/// grapheme that would. A code block too long for one message is closed at the cut and opened again after it, behind
/// the same indentation or quote marks; a table too long for one repeats its heading.
public struct TextSplitter: Sendable {
    private let limit: Int
    private let length: @Sendable (String) -> Int

    public init(_ capabilities: ChannelCapabilities) {
        limit = max(capabilities.textLimit, 32)
        length = { capabilities.length(of: $0) }
    }

    /// The pieces in order. White space around a cut is dropped, in code no more than the line end; everything else is
    /// there.
    public func pieces(of text: String) -> [String] {
        guard length(text) > limit else { return [text] }
        // Graphemes have half of a message at most, and the marks of blocks the other half: something always fits.
        let characters = text.flatMap { character in
            length(String(character)) <= limit / 2 ? [character] : character.unicodeScalars.map { Character($0) }
        }
        let markup = MarkupScan(characters) { block in
            length(block.opening + block.linePrefix) <= limit * 3 / 8 && length(block.closing) <= limit / 8
        }
        var cutter = Cutter(
            markup: markup, weights: characters.map { length(String($0)) }, limit: limit, length: length)
        var pieces: [String] = []
        while let piece = cutter.next() {
            if piece.contains(where: { !$0.isWhitespace }) { pieces.append(piece) }
        }
        return pieces
    }
}

/// Goes through a text from cut to cut.
private struct Cutter {
    let markup: MarkupScan
    /// The length of each character.
    let weights: [Int]
    let limit: Int
    let length: (String) -> Int
    var start = 0

    /// The next piece; empty where it would show nothing.
    mutating func next() -> String? {
        guard start < weights.count else { return nil }
        let opening = markup.opening(at: start)
        let room = limit - length(opening)
        var end = fitting(in: room)
        if end < weights.count { end = bestCut(through: end) }
        while let block = markup.block(at: end) {
            let fitting = fitting(in: room - length(block.closing))
            if end <= fitting { break }
            end = bestCut(through: fitting)
        }
        defer { start = markup.startOfText(from: end) }
        let content = markup.characters[start..<end]
        guard content.contains(where: { !$0.isWhitespace }) else { return "" }
        guard let block = markup.block(at: end) else { return opening + content.trimmingLineEnds }
        // The line end is in the closing line.
        return opening + String(content.last?.endsLine == true ? content.dropLast() : content) + block.closing
    }

    /// Up to where the text from `start` takes no more than `room`.
    private func fitting(in room: Int) -> Int {
        var (end, room) = (start, room)
        while end < weights.count, weights[end] <= room {
            room -= weights[end]
            end += 1
        }
        return end
    }

    /// The best place to cut in `start+1...end`.
    private func bestCut(through end: Int) -> Int {
        // A block that would fit into one message as a whole starts the next one.
        if let block = markup.block(at: end), block.range.lowerBound > start,
            weights[block.range].reduce(0, +) <= limit
        {
            return block.range.lowerBound
        }
        let middle = start + (end - start) / 2
        for lowest in [middle, start] {
            var best = (quality: MarkupScan.Quality.none, position: end)
            for position in stride(from: end, to: lowest, by: -1) {
                let quality = markup.quality(ofCutAt: position)
                if quality > best.quality { best = (quality, position) }
            }
            if best.quality >= .word { return best.position }
        }
        // One endless word: anywhere that does not cut markup, else anywhere.
        for position in stride(from: end, to: start, by: -1) where markup.quality(ofCutAt: position) > .none {
            return position
        }
        return end
    }
}

extension ArraySlice<Character> {
    fileprivate var trimmingLineEnds: String {
        var text = self
        while let last = text.last, last.isNewline || last == " " { text.removeLast() }
        return String(text)
    }
}
