import PraisonCore

/// The parts of one album, which platforms deliver as separate messages, put together as one.
struct Album {
    /// How long after its last part an album counts as complete; no platform marks the end.
    static let settlingTime = Duration.milliseconds(700)

    /// - Parameter parts: at least one, in order. The first part's place and sender hold for the whole.
    static func merged(_ parts: [InboundMessage]) -> InboundMessage? {
        guard var whole = parts.first else { return nil }
        whole.attachments = parts.flatMap(\.attachments)
        if let captioned = parts.first(where: { !$0.text.isEmpty }) {
            whole.text = captioned.text
            whole.entities = captioned.entities
            whole.command = captioned.command
        }
        whole.mentionsBot = parts.contains(where: \.mentionsBot)
        whole.reply = parts.lazy.compactMap(\.reply).first
        return whole
    }
}
