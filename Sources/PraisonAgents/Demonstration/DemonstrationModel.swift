import PraisonCore

/// The model that answers when nobody has configured one: a handful of rules that say so themselves, so that every
/// other part of the gateway can be tried without an account. The same conversation always gets the same answer.
struct DemonstrationModel: ModelProvider {
    static let label = "offline/demo"

    var name: String { Self.label }

    func complete(
        _ request: ModelRequest, emit: @escaping @Sendable (ModelEvent) async throws -> Void
    ) async throws -> ModelResponse {
        let conversation = request.messages.filter { $0.role != .system }
        let text = DemonstrationScript(conversation).answer
        for piece in Self.pieces(of: text) {
            try Task.checkCancellation()
            try await emit(.text(piece))
        }
        let usage = TokenUsage(
            input: TokenEstimate.tokens(of: request.messages), output: TokenEstimate.tokens(of: text))
        return ModelResponse(text: text, usage: usage, model: name)
    }

    /// Words with the white space before them, as language models send them.
    private static func pieces(of text: String) -> [String] {
        var pieces: [String] = []
        var piece = ""
        for character in text {
            if character.isWhitespace, piece.last?.isWhitespace == false {
                pieces.append(piece)
                piece = ""
            }
            piece.append(character)
        }
        return piece.isEmpty ? pieces : pieces + [piece]
    }
}
