/// The word by which an agent chooses to say nothing, where its channel allows that.
struct Silence: Sendable {
    let token: String?

    /// Whether the whole reply is that word.
    func isChosen(by reply: String) -> Bool { token.map { Self.bare(reply) == $0 } ?? false }

    /// Whether a reply that begins so may still turn out to be that word.
    func mayBeChosen(byReplyBeginning text: String) -> Bool { token.map { $0.hasPrefix(Self.bare(text)) } ?? false }

    private static func bare(_ text: String) -> String {
        text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }
}
