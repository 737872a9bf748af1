import Logging
import PraisonCore

/// An agent that thinks with a language model, and may use tools to find out what it does not know.
struct ModelAgent: Agent {
    let name: AgentName
    let prompt: AgentPrompt
    let temperature: Double?
    private let toolChoice: String
    private let reflects: Bool
    let loop: ToolLoop
    let guardrails: Guardrails
    private let memory: PersonalMemory?
    private let knowledge: Knowledge?
    let window: ContextWindow
    let logger: Logger

    init(
        _ settings: AgentSettings, model: any ModelProvider, tools: ToolBox = ToolBox([]), window: ContextWindow,
        guardrails: [Guardrail] = [], meter: SpendMeter? = nil, memory: PersonalMemory? = nil,
        knowledge: Knowledge? = nil, approvals: (any Approvals)? = nil, clock: any GatewayClock, logger: Logger
    ) {
        self.memory = memory
        self.knowledge = knowledge
        reflects = settings.reflects
        self.guardrails = Guardrails(entries: guardrails, logger: logger)
        name = settings.name
        prompt = AgentPrompt(settings, rules: self.guardrails.instructions)
        temperature = settings.temperature
        toolChoice = settings.toolChoice
        let gate = settings.approvesItself ? nil : ToolGate(agent: settings.name, approvals: approvals)
        loop = ToolLoop(
            model: model, meter: meter,
            runner: ToolRunner(tools, gate: gate, guardrails: self.guardrails, clock: clock, logger: logger))
        self.window = window
        self.logger = logger
    }

    func reply(to turn: Turn, emit: @escaping @Sendable (ReplyPart) async throws -> Void) async throws -> Reply {
        try await guardrails.guarding(turn, emit: emit, answer)
    }

    private func answer(
        _ turn: Turn, _ emit: @escaping @Sendable (ReplyPart) async throws -> Void
    ) async throws -> Reply {
        let draft = Draft(emit, holdsBack: reflects)
        let (request, outcome) = try await answer(turn, draft)
        let response = outcome.response
        var usage = outcome.usage
        var notes: [String] = []
        if reflects {
            let second = try await secondThoughts(on: await draft.held, response, request, turn)
            usage = TokenUsage.sum(usage, second.usage)
            notes += second.note.map { [$0] } ?? []
            try await draft.release(second.text)
        }
        await draft.takeBackThoughts()
        if outcome.handedOver.isEmpty, await draft.isEmpty { try await draft.take(.text(Self.fallback(for: response))) }
        try await draft.release()
        logger.debug(
            "turn answered",
            metadata: [
                "agent": "\(name)", "model": "\(response.model)", "turn": "\(turn.id)",
                "input_tokens": "\(usage?.input ?? 0)", "output_tokens": "\(usage?.output ?? 0)",
                "steps": "\(outcome.steps.count)",
            ])
        let last = outcome.handedOver.isEmpty ? [ChatMessage(.assistant, await draft.lastParagraph)] : []
        var reply = Reply(
            text: await draft.text, messages: outcome.steps + last, model: response.model, usage: usage,
            toolCalls: outcome.handedOver)
        reply.notes = notes
        return reply
    }

    /// Asks; and where the conversation turns out longer than the model's memory, asks again with less of it.
    private func answer(_ turn: Turn, _ draft: Draft) async throws -> (ModelRequest, ToolLoop.Outcome) {
        var window = window
        let known = [await memory?.context(for: turn), await knowledge?.context(for: turn)].compactMap { $0 }
        let remembered = known.isEmpty ? nil : known.joined(separator: "\n\n")
        while true {
            let tools = await loop.runner.definitions(for: turn)
            let room = window.input - TokenEstimate.tokens(of: tools)
            let request = ModelRequest(
                messages: prompt.messages(for: turn, budget: room, usesTools: !tools.isEmpty, remembered: remembered),
                tools: tools, toolChoice: turn.caller?.toolChoice ?? .automatic,
                temperature: turn.caller?.temperature ?? temperature,
                maximumOutputTokens: min(window.output, turn.caller?.maximumOutputTokens ?? .max),
                isWatched: turn.isWatched)
            do {
                let outcome = try await loop.run(
                    request, choosing: toolChoice, for: turn, emit: { try await draft.take($0) },
                    step: { try await draft.breakParagraph() },
                    tell: { try await draft.tell($0) })
                return (request, outcome)
            } catch let error as ModelError {
                guard error.kind == .contextOverflow, await draft.isEmpty, window.total > 512 else {
                    throw AgentError(error)
                }
                // From whatever the table says, down to what a small server at home holds, in at most six
                // steps; the last leaves little more than the question.
                (window.total, window.output) = (min(window.total / 4, 16_384), min(window.output, 1024))
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
}
