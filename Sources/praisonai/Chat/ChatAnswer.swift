/// An answer growing on the output, where nothing can be taken back.
struct ChatAnswer {
    private var shown = ""

    /// - Returns: what to show now.
    mutating func take(_ more: String) -> String {
        shown += more
        return more
    }

    /// What is missing of the whole; all of it, on a line of its own, where something else was shown before.
    func rest(of whole: String) -> String {
        if shown.isEmpty { return whole }
        return whole.hasPrefix(shown) ? String(whole.dropFirst(shown.count)) : "\n" + whole
    }
}

extension String {
    /// Without the white space around it.
    var trimmingWhitespace: String {
        var rest = drop(while: \.isWhitespace)
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return String(rest)
    }
}
