/// A reply growing: no white space at its ends, although nobody knows yet where the end is.
struct ReplyText {
    private(set) var text = ""
    private var pendingSpace = ""

    /// What comes next is a new paragraph, if there was one before.
    mutating func breakParagraph() {
        if !text.isEmpty { pendingSpace = "\n\n" }
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
