import PraisonCore
import Synchronization

extension Guardrails {
    typealias Emit = @Sendable (ReplyPart) async throws -> Void

    /// Holds what is asked and what is answered against the entries.
    ///
    /// - Parameter answer: answers a turn. Where answers are held back, its words are shown when they have been checked.
    func guarding(
        _ turn: Turn, emit: @escaping Emit, _ answer: (Turn, @escaping Emit) async throws -> Reply
    ) async throws -> Reply {
        guard entries.contains(where: \.checks) else { return try await answer(turn, emit) }
        var findings = Findings()
        var turn = turn
        turn.history = turn.history.map(mended)
        let question = turn.input.map(\.text).joined(separator: "\n")
        for index in turn.input.indices {
            switch try await check(Self.everything(in: turn.input[index]), .input, for: turn, &findings) {
            case .passed(let text):
                // A file in which something was taken out is shown as part of the text.
                if text != Self.everything(in: turn.input[index]) {
                    (turn.input[index].text, turn.input[index].documents) = (text, [])
                }
            case .refused(let entry, _):
                var reply = try await refusal(by: entry, of: question, after: turn.history, emit)
                (reply.notes, reply.usage) = (findings.notes, findings.usage)
                reply.rememberedInput = turn.input.map { message in
                    ChatMessage(message.role, RefusalWords.withheld, timestamp: message.timestamp)
                }
                return reply
            }
        }
        let isMended = !findings.notes.isEmpty
        var reply =
            try await holdsAnswersBack
            ? held(turn, question, emit, answer, &findings) : answer(turn, emit)
        reply.notes = findings.notes + reply.notes
        reply.usage = TokenUsage.sum(findings.usage, reply.usage)
        if isMended {
            reply.rememberedInput = turn.input.map { message in
                var plain = message
                (plain.images, plain.files) = ([], [])
                return plain
            }
        }
        return reply
    }

    /// The answer, once it keeps to the rules.
    ///
    /// Nothing else is shown of it: what a model thinks aloud, asks tools for and is told by them may hold the same words.
    private func held(
        _ turn: Turn, _ question: String, _ emit: @escaping Emit,
        _ answer: (Turn, @escaping Emit) async throws -> Reply, _ findings: inout Findings
    ) async throws -> Reply {
        var turn = turn
        var usage: TokenUsage?
        for attempt in 0... {
            var reply = try await answer(turn) { _ in }
            usage = TokenUsage.sum(usage, reply.usage)
            let verdict = try await check(reply.text, .output, for: turn, &findings)
            switch verdict {
            case .passed(let text):
                try await emit(.text(text))
                if text != reply.text { reply.messages = [ChatMessage(.assistant, text)] }
                (reply.text, reply.usage) = (text, usage)
                return reply
            case .refused(let entry, let violation):
                guard entry.settings.policy == .retry, attempt < Self.maximumRetries else {
                    var refused = try await refusal(by: entry, of: question, after: turn.history, emit)
                    (refused.model, refused.usage) = (reply.model, usage)
                    return refused
                }
                turn.input += [
                    ChatMessage(.assistant, reply.text),
                    ChatMessage(
                        .user,
                        "That answer can't be sent: \(violation.reason) (\(entry.settings.description)). Write another one "
                            + "to the question before, without mentioning this."),
                ]
            }
        }
        throw AgentError(.internal, detail: "there are infinitely many attempts")
    }

    /// What an agent says elsewhere than in its answer, as it may be said.
    ///
    /// - Throws: ``ToolError`` where it may not.
    func checkedWords(_ text: String, for turn: Turn) async throws -> String {
        guard holdsAnswersBack else { return text }
        var findings = Findings()
        switch try await check(text, .output, for: turn, &findings) {
        case .passed(let text): return text
        case .refused(let entry, let violation):
            throw ToolError("this can't be said: \(violation.reason) (guardrail \(entry.settings.name))")
        }
    }

    private func refusal(
        by entry: Guardrail, of question: String, after history: [ChatMessage], _ emit: Emit
    ) async throws -> Reply {
        let text = entry.settings.message ?? RefusalWords.text(answering: question, after: history)
        try await emit(.text(text))
        return Reply(text: text)
    }

    private static func everything(in message: ChatMessage) -> String {
        ([message.text] + message.documents.map { Fence.wrap($0.text, in: "file", [("name", $0.name)]) })
            .joined(separator: "\n")
    }

    /// What was said before, with what the rules have taken out since: an entry may be younger than the conversation.
    func mended(_ message: ChatMessage) -> ChatMessage {
        guard message.role == .user else { return message }
        var message = message
        for entry in entries where entry.settings.policy == .redact && entry.settings.stages.contains(.input) {
            if let violation = entry.violation(in: message.text), !violation.parts.isEmpty {
                message.text = Guardrail.redacted(message.text, violation.parts)
            }
        }
        return message
    }
}
