import Logging
import PraisonCore

/// An agent that thinks with a language model, and may use tools to find out what it does not know.
struct ModelAgent: Agent {
    let name: AgentName
    private let prompt: AgentPrompt
    private let temperature: Double?
    private let toolChoice: String
    private let loop: ToolLoop
    private let guardrails: Guardrails
    private let memory: PersonalMemory?
    private let window: ContextWindow
    private let logger: Logger

    init(
        _ settings: AgentSettings, model: any ModelProvider, tools: ToolBox = ToolBox([]), window: ContextWindow,
        guardrails: [Guardrail] = [], meter: SpendMeter? = nil, memory: PersonalMemory? = nil, clock: any GatewayClock,
        logger: Logger
    ) {
        self.memory = memory
        self.guardrails = Guardrails(entries: guardrails, logger: logger)
        name = settings.name
        prompt = AgentPrompt(settings, rules: self.guardrails.instructions)
        temperature = settings.temperature
        toolChoice = settings.toolChoice
        loop = ToolLoop(model: model, meter: meter, runner: ToolRunner(tools, clock: clock, logger: logger))
        self.window = window
        self.logger = logger
    }

    func reply(to turn: Turn, emit: @escaping @Sendable (ReplyPart) async throws -> Void) async throws -> Reply {
        try await guardrails.guarding(turn, emit: emit, answer)
    }

    private func answer(
        _ turn: Turn, _ emit: @escaping @Sendable (ReplyPart) async throws -> Void
    ) async throws -> Reply {
        let draft = Draft(emit)
        let outcome = try await answer(turn, draft)
        let response = outcome.response
        if outcome.handedOver.isEmpty, await draft.isEmpty { try await draft.take(.text(Self.fallback(for: response))) }
        logger.debug(
            "turn answered",
            metadata: [
                "agent": "\(name)", "model": "\(response.model)", "turn": "\(turn.id)",
                "input_tokens": "\(outcome.usage?.input ?? 0)", "output_tokens": "\(outcome.usage?.output ?? 0)",
                "steps": "\(outcome.steps.count)",
            ])
        let last = outcome.handedOver.isEmpty ? [ChatMessage(.assistant, await draft.lastParagraph)] : []
        return Reply(
            text: await draft.text, messages: outcome.steps + last, model: response.model, usage: outcome.usage,
            toolCalls: outcome.handedOver)
    }

    /// Asks; and where the conversation turns out longer than the model's memory, asks again with less of it.
    private func answer(_ turn: Turn, _ draft: Draft) async throws -> ToolLoop.Outcome {
        var window = window
        let remembered = await memory?.context(for: turn)
        while true {
            let tools = await loop.runner.definitions(for: turn)
            let room = window.input - TokenEstimate.tokens(of: tools)
            let request = ModelRequest(
                messages: prompt.messages(for: turn, budget: room, usesTools: !tools.isEmpty, remembered: remembered),
                tools: tools, toolChoice: turn.caller?.toolChoice ?? .automatic,
                temperature: turn.caller?.temperature ?? temperature,
                maximumOutputTokens: min(window.output, turn.caller?.maximumOutputTokens ?? .max))
            do {
                return try await loop.run(
                    request, choosing: toolChoice, for: turn, emit: { try await draft.take($0) },
                    step: { await draft.breakParagraph() },
                    tell: { try await draft.tell($0) })
            } catch let error as ModelError {
                guard error.kind == .contextOverflow, await draft.isEmpty, window.total > 512 else {
                    throw AgentError(error)
                }
                // From whatever the table says, down to what a small server at home holds, in at most six
                // steps; the last leaves little more than the question.
                window = ContextWindow(total: min(window.total / 4, 16_384), output: min(window.output, 1024))
                logger.notice(
                    "the conversation is too long for the model; forgetting more of it",
                    metadata: ["agent": "\(name)", "error": "\(error)", "tokens": "\(window.total)"])
            }
        }
    }

    /// What is said where the model said nothing: a person must never wait for an answer that is empty.
    private static func fallback(for response: ModelResponse) -> String {
        switch response.finish {
        case .contentFilter: "I can't answer that: my language model's provider held the answer back."
        case .length: "I ran out of room before I got to the answer. Please ask for something shorter."
        case .stop, .toolCalls, .other: "I have nothing to say to that. Could you put it differently?"
        }
    }

    /// The reply as far as it has come.
    private actor Draft {
        private let emit: @Sendable (ReplyPart) async throws -> Void
        private var reply = ReplyText()
        private var paragraphStart = 0

        init(_ emit: @escaping @Sendable (ReplyPart) async throws -> Void) { self.emit = emit }

        var text: String { reply.text }
        var isEmpty: Bool { reply.text.isEmpty }
        /// What was said since the last tool was used; all of it where nothing was.
        var lastParagraph: String {
            let last = String(decoding: reply.text.utf8.dropFirst(paragraphStart), as: UTF8.self).trimmed
            return last.isEmpty ? reply.text : last
        }

        func breakParagraph() {
            reply.breakParagraph()
            paragraphStart = reply.text.utf8.count
        }

        func tell(_ part: ReplyPart) async throws { try await emit(part) }

        func take(_ event: ModelEvent) async throws {
            switch event {
            case .text(let more), .refusal(let more):
                if let visible = reply.take(more) { try await emit(.text(visible)) }
            case .reasoning(let more): try await emit(.reasoning(more))
            case .toolCall: break
            }
        }
    }
}
