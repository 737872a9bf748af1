import PraisonCore

/// A line of pieces in which runs of `*`, `_` and `~` still have to find their partners (CommonMark 0.31, appendix,
/// "process emphasis").
struct MarkdownPieces {
    struct Delimiter {
        var marker: Unicode.Scalar
        /// How many are left; the rest has become emphasis.
        var count: Int
        var canOpen: Bool
        var canClose: Bool
    }

    private struct Piece {
        var text = StyledText()
        var delimiter: Delimiter?
        var originalCount = 0
    }

    private struct Span {
        var kind: TextEntity.Kind
        var pieces: Range<Int>
    }

    private var pieces: [Piece] = []
    private var pending = String.UnicodeScalarView()

    mutating func append(_ scalar: Unicode.Scalar) { pending.append(scalar) }

    mutating func append(_ text: String) { pending.append(contentsOf: text.unicodeScalars) }

    mutating func append(_ text: StyledText) {
        flush()
        pieces.append(Piece(text: text))
    }

    mutating func append(_ delimiter: Delimiter) {
        flush()
        pieces.append(Piece(delimiter: delimiter, originalCount: delimiter.count))
    }

    private mutating func flush() {
        guard !pending.isEmpty else { return }
        pieces.append(Piece(text: StyledText(String(pending))))
        pending = String.UnicodeScalarView()
    }

    /// Everything in one text, with the markers that found no partner.
    func joined() -> StyledText {
        var copy = self
        copy.flush()
        let spans = copy.pair()
        return copy.assembled(spans)
    }

    private func assembled(_ spans: [Span]) -> StyledText {
        var output = StyledText()
        var starts: [Int] = []
        for piece in pieces {
            starts.append(output.length)
            if let delimiter = piece.delimiter {
                output.append(String(repeating: String(delimiter.marker), count: delimiter.count))
            } else {
                output.append(piece.text)
            }
        }
        starts.append(output.length)
        for span in spans {
            let (start, end) = (starts[span.pieces.lowerBound], starts[span.pieces.upperBound])
            if end > start { output.entities.append(TextEntity(kind: span.kind, offset: start, length: end - start)) }
        }
        return output
    }

    // MARK: Pairing

    /// What openers a closer has already been looked for in vain; looking again would cost a square.
    private struct Key: Hashable {
        var marker: Unicode.Scalar
        var canOpen: Bool
        var remainder: Int
    }

    private mutating func pair() -> [Span] {
        var spans: [Span] = []
        var openers: [Int] = []
        var bottoms: [Key: Int] = [:]
        for closer in pieces.indices {
            guard let delimiter = pieces[closer].delimiter else { continue }
            let key = Key(
                marker: delimiter.marker, canOpen: delimiter.canOpen, remainder: pieces[closer].originalCount % 3)
            while delimiter.canClose, let left = pieces[closer].delimiter?.count, left > 0,
                let place = opener(for: closer, in: openers, above: bottoms[key] ?? -1)
            {
                let index = openers[place]
                // Whatever opened in between has lost its chance.
                openers.removeSubrange((place + 1)...)
                let used = delimiter.marker == "~" ? left : min(left, pieces[index].delimiter?.count ?? 0, 2)
                let kind: TextEntity.Kind = delimiter.marker == "~" ? .strikethrough : used == 2 ? .bold : .italic
                spans.append(Span(kind: kind, pieces: index + 1..<closer))
                pieces[index].delimiter?.count -= used
                pieces[closer].delimiter?.count -= used
                if pieces[index].delimiter?.count == 0 { openers.removeLast() }
            }
            guard let left = pieces[closer].delimiter?.count, left > 0 else { continue }
            if delimiter.canClose { bottoms[key] = closer - 1 }
            if delimiter.canOpen { openers.append(closer) }
        }
        return spans
    }

    /// The place in `openers` of the nearest run that fits.
    private func opener(for closer: Int, in openers: [Int], above bottom: Int) -> Int? {
        guard let closing = pieces[closer].delimiter else { return nil }
        let closingCount = pieces[closer].originalCount
        for place in openers.indices.reversed() {
            let index = openers[place]
            if index <= bottom { return nil }
            guard let opening = pieces[index].delimiter, opening.marker == closing.marker, opening.count > 0 else {
                continue
            }
            if closing.marker == "~" {
                // One tilde is a tilde; more than two is a fence that got lost.
                if opening.count == closing.count, closing.count == 2 { return place }
                continue
            }
            let openingCount = pieces[index].originalCount
            // The rule of three: `**a*b**` is bold around a star.
            let isAmbiguous = opening.canClose || closing.canOpen
            let breaksRule = (openingCount + closingCount) % 3 == 0 && !(openingCount % 3 == 0 && closingCount % 3 == 0)
            if !(isAmbiguous && breaksRule) { return place }
        }
        return nil
    }
}
