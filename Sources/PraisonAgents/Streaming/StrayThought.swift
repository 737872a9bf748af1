import PraisonCore

/// Thoughts that were taken for an answer, because nobody wrote where they begin: some chat templates open `<think>`
/// themselves, and where the server does not cut the thoughts off, all that comes of the pair is `</think>`.
///
/// It is known only when the thoughts are over. What was shown of them was shown; what is kept can do without.
struct StrayThought: Equatable {
    private static let closing = "</think>"

    let thought: String
    let answer: String

    /// - Returns: `nil` where there is no such end of thoughts, or the text only speaks about the tag.
    init?(in text: some StringProtocol) {
        guard let tag = text.firstRange(of: Self.closing) else { return nil }
        let (before, after) = (text[..<tag.lowerBound], text[tag.upperBound...])
        guard !before.contains("<think>"), !Self.isMention(between: before, and: after) else { return nil }
        thought = String(before).trimmed
        answer = String(after).trimmed
    }

    /// Whether the tag stands in code, in quotes, or as a word in the middle of a line.
    private static func isMention(
        between before: some StringProtocol, and after: some StringProtocol
    ) -> Bool {
        guard let last = before.last else { return false }
        if before.utf8.count(where: { $0 == UInt8(ascii: "`") }) % 2 == 1 { return true }
        if "\"'“‘«(".contains(last) { return true }
        return last == " " && after.first?.isNewline != true
    }
}

extension ModelResponse {
    /// The response with thoughts where they belong.
    var withoutStrayThought: ModelResponse {
        guard let stray = StrayThought(in: text) else { return self }
        var response = self
        response.text = stray.answer
        response.reasoning += stray.thought
        return response
    }
}
