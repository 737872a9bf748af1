public import PraisonCore

/// Cuts a long reply into messages that fit: between paragraphs rather than lines, lines rather than sentences,
/// sentences rather than words; never inside a grapheme, a link or a stretch of bold or code that would fit whole.
/// A code block too long for one message is closed at the cut and opened again after it.
public struct TextSplitter: Sendable {
    private let limit: Int
    private let length: @Sendable (Substring) -> Int

    public init(_ capabilities: ChannelCapabilities) {
        limit = max(capabilities.textLimit, 32)
        length = { capabilities.length(of: $0) }
    }

    /// The pieces in order. White space around a cut is dropped, everything else is there.
    public func pieces(of text: String) -> [String] {
        guard length(text[...]) > limit else { return [text] }
        let markup = MarkupScan(text)
        let characters = markup.characters
        let weights = characters.map { length(Substring(String($0))) }
        var pieces: [String] = []
        var start = 0
        while start < characters.count {
            let opening = markup.fence(at: start).map { "\($0.opener)\n" } ?? ""
            var budget = limit - length(opening[...])
            var end = start
            while end < characters.count, weights[end] <= budget {
                budget -= weights[end]
                end += 1
            }
            // A single grapheme may be larger than any message (a family of families); it goes as it is, alone.
            if end == start { end += 1 }
            if end < characters.count {
                end = bestCut(in: markup, from: start, through: end)
                if let fence = markup.fence(at: end) {
                    var room = limit - length(opening[...]) - length("\n\(fence.closer)")
                    var fitting = start
                    while fitting < end, weights[fitting] <= room {
                        room -= weights[fitting]
                        fitting += 1
                    }
                    if fitting < end, fitting > start { end = bestCut(in: markup, from: start, through: fitting) }
                }
            }
            var piece = opening + String(characters[start..<end]).trimmingLineEnds
            if let fence = markup.fence(at: end) { piece += "\n\(fence.closer)" }
            if piece.contains(where: { !$0.isWhitespace }) { pieces.append(piece) }
            start = end
            let isInCode = markup.fence(at: start) != nil
            while start < characters.count, isInCode ? false : characters[start].isWhitespace { start += 1 }
        }
        return pieces
    }

    /// The best place to cut in `from+1...through`.
    private func bestCut(in markup: MarkupScan, from start: Int, through end: Int) -> Int {
        // A block that would fit into one message as a whole starts the next one.
        if let fence = markup.fence(at: end), fence.range.lowerBound > start,
            length(Substring(String(markup.characters[fence.range]))) <= limit
        {
            return fence.range.lowerBound
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

extension String {
    fileprivate var trimmingLineEnds: String {
        var text = self[...]
        while let last = text.last, last.isNewline || last == " " { text = text.dropLast() }
        return String(text)
    }
}
