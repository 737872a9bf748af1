/// What a person types to stop the turn that runs. The gateway takes it for an `abort`, so it must reach it now or never:
/// sent again after a reconnection it would stop whatever runs by then.
enum StopWord {
    private static let words: Set<String> = ["stop", "/stop", "/cancel", "/stop all"]

    static func `is`(_ text: String) -> Bool {
        guard let first = text.firstIndex(where: { !$0.isWhitespace }),
            let last = text.lastIndex(where: { !$0.isWhitespace })
        else { return false }
        return words.contains(text[first...last].lowercased())
    }
}
