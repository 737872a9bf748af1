/// A reply growing: no white space at its ends, although nobody knows yet where the end is.
struct ReplyText {
    private(set) var text = ""
    private var pendingSpace = ""

    /// What comes next is a new paragraph, if there was one before.
    mutating func breakParagraph() {
        if !text.isEmpty { pendingSpace = "\n\n" }
    }

    /// Takes back what turns out to have been thoughts, and no answer.
    ///
    /// - Parameter start: bytes of the text that are not looked at.
    mutating func takeBackThoughts(after start: Int) {
        guard let stray = StrayThought(in: String(decoding: text.utf8.dropFirst(start), as: UTF8.self)) else { return }
        text = String(decoding: text.utf8.prefix(start), as: UTF8.self)
        let pause = text.isEmpty ? "" : "\n\n"
        if stray.answer.isEmpty {
            pendingSpace = pause
        } else {
            text += pause + stray.answer
        }
    }

    /// Takes more and returns what may be shown now; the pieces shown add up to ``text``.
    mutating func take(_ more: String) -> String? {
        var piece = pendingSpace + more
        if text.isEmpty { piece = String(piece.drop(while: \.isWhitespace)) }
        var visible = piece[...]
        while visible.last?.isWhitespace == true { visible.removeLast() }
        pendingSpace = String(piece[visible.endIndex...])
        guard !visible.isEmpty else { return nil }
        text += visible
        return String(visible)
    }
}
