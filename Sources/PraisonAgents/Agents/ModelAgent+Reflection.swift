import Logging
import PraisonCore

extension ModelAgent {
    /// What came of looking over an answer.
    struct SecondThoughts {
        var text: String
        var usage: TokenUsage?
        /// For the record.
        var note: String?
    }

    /// The word by which a model leaves its answer as it is.
    private static let keeping = "KEEP"
    static let lookingOver = """
        Before this is sent, look over your answer: is it right, complete, and an answer to what was asked? If so, write \
        only the word KEEP. If not, write the better answer, and nothing about this.
        """

    /// Has the model look over its answer once. Where that fails, the answer stands: it is better than none.
    func secondThoughts(
        on answer: String, _ response: ModelResponse, _ request: ModelRequest, _ turn: Turn
    ) async throws -> SecondThoughts {
        guard !answer.trimmed.isEmpty, response.toolCalls.isEmpty, response.finish == .stop else {
            return SecondThoughts(text: answer)
        }
        var request = request
        request.messages += [ChatMessage(.assistant, answer), ChatMessage(.user, Self.lookingOver)]
        request.toolChoice = .none
        do {
            let second = try await loop.complete(request, for: turn) { _ in }
            let text = second.text.trimmed
            let isKept = text.isEmpty || text.uppercased().filter(\.isLetter) == Self.keeping
            guard !isKept, second.finish == .stop else { return SecondThoughts(text: answer, usage: second.usage) }
            return SecondThoughts(text: text, usage: second.usage, note: "the answer was bettered once")
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            try Task.checkCancellation()
            logger.notice("an answer can't be looked over", metadata: ["agent": "\(name)", "error": "\(error)"])
            return SecondThoughts(text: answer, note: "the answer could not be looked over")
        }
    }
}
