import PraisonCore

/// A reply as far as it has come.
actor Draft {
    private let emit: @Sendable (ReplyPart) async throws -> Void
    /// Whether each paragraph is shown only when it is whole, and the last one when it has been thought over.
    private let holdsBack: Bool
    private var reply = ReplyText()
    private var paragraphStart = 0
    private var pending = ""

    init(_ emit: @escaping @Sendable (ReplyPart) async throws -> Void, holdsBack: Bool = false) {
        self.emit = emit
        self.holdsBack = holdsBack
    }

    var text: String { reply.text }
    /// What was said and is not shown yet.
    var held: String { StrayThought(in: pending)?.answer ?? pending }
    var isEmpty: Bool { reply.text.isEmpty && held.isEmpty }
    /// What was said since the last tool was used; all of it where nothing was.
    var lastParagraph: String {
        let last = String(decoding: reply.text.utf8.dropFirst(paragraphStart), as: UTF8.self).trimmed
        return last.isEmpty ? reply.text : last
    }

    func breakParagraph() async throws {
        try await release()
        takeBackThoughts()
        reply.breakParagraph()
        paragraphStart = reply.text.utf8.count
    }

    /// Takes back what of the last paragraph turns out to have been thoughts. Whoever shows the reply has shown them; in
    /// the end the whole reply takes their place.
    func takeBackThoughts() { reply.takeBackThoughts(after: paragraphStart) }

    func tell(_ part: ReplyPart) async throws { try await emit(part) }

    func take(_ event: ModelEvent) async throws {
        switch event {
        case .text(let more), .refusal(let more):
            if holdsBack { pending += more } else { try await show(more) }
        case .reasoning(let more): try await emit(.reasoning(more))
        case .toolCall: break
        }
    }

    /// Shows what was held back, or `text` in its place.
    func release(_ text: String? = nil) async throws {
        let whole = text ?? held
        pending = ""
        try await show(whole)
    }

    private func show(_ more: String) async throws {
        if let visible = reply.take(more) { try await emit(.text(visible)) }
    }
}
