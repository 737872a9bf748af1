import PraisonCore

/// A text in pieces that can be found and shown by themselves.
enum Passages {
    /// Characters of one piece, about.
    static let size = 1200
    /// Pieces of one file.
    static let maximumCount = 500

    /// Whole paragraphs as far as they fit, each piece under the heading it stands under.
    static func of(_ text: String) -> [String] {
        var passages: [String] = []
        var heading = ""
        var piece = ""
        func close() {
            let words = piece.trimmed
            if !words.isEmpty, words != heading { passages.append(words) }
            piece = ""
        }
        for paragraph in paragraphs(of: text) {
            let isHeading = paragraph.hasPrefix("#")
            if isHeading || piece.count + paragraph.count > size { close() }
            if isHeading { heading = paragraph.split(separator: "\n").first.map(String.init) ?? "" }
            if piece.isEmpty, !isHeading, !heading.isEmpty { piece = heading }
            piece += (piece.isEmpty ? "" : "\n\n") + paragraph
            if passages.count >= maximumCount { return passages }
        }
        close()
        return Array(passages.prefix(maximumCount))
    }

    /// What empty lines part; one that is too long is cut between words.
    private static func paragraphs(of text: String) -> [String] {
        var paragraphs: [String] = []
        var lines: [Substring] = []
        func close() {
            if !lines.isEmpty { paragraphs += cut(lines.joined(separator: "\n")) }
            lines = []
        }
        for line in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
            if line.allSatisfy(\.isWhitespace) { close() } else { lines.append(line) }
        }
        close()
        return paragraphs
    }

    private static func cut(_ paragraph: String) -> [String] {
        guard paragraph.count > size else { return [paragraph] }
        var pieces: [String] = []
        var piece = ""
        for word in paragraph.split(separator: " ", omittingEmptySubsequences: false) {
            if piece.count + word.count >= size, !piece.isEmpty {
                pieces.append(piece)
                piece = ""
            }
            // A word without end, such as a picture in Base64, is nobody's knowledge.
            piece += (piece.isEmpty ? "" : " ") + word.prefix(size)
        }
        return pieces + [piece]
    }
}
