import Logging
import PraisonCore
import Synchronization

/// Keeps one agent within its limits and account of what it spends: for each call of a model, the most it may cost is set
/// aside before, and what it came to is booked after.
struct SpendMeter: Sendable {
    let agent: AgentName
    /// What may answer, the first choice first: `PROVIDER/MODEL`.
    let models: [String]
    let settings: SpendingSettings
    let prices: PriceTable
    let ledger: any SpendLedger
    let identities: Identities
    let clock: any GatewayClock
    let logger: Logger

    /// The call, paid for.
    ///
    /// - Throws: ``AgentError`` of kind `billing` with ``AgentError/message`` when a limit is reached.
    func complete(
        _ request: ModelRequest, for turn: Turn, by model: any ModelProvider,
        emit: @escaping @Sendable (ModelEvent) async throws -> Void
    ) async throws -> ModelResponse {
        let spender = Spender(
            agent: agent, channel: turn.conversation.channel,
            sender: identities.person(turn.sender.id, on: turn.conversation.channel),
            day: Int(clock.now.microseconds / 86_400_000_000))
        let expected = TokenUsage(
            input: TokenEstimate.tokens(of: request.messages) + TokenEstimate.tokens(of: request.tools),
            output: request.maximumOutputTokens)
        let reservation = try await reserve(expected, spender)
        let progress = Progress()
        do {
            let response = try await model.complete(request) { event in
                progress.add(event)
                try await emit(event)
            }
            await settle(
                reservation, spender, response.model, usage: response.usage ?? progress.estimate(expected.input))
            return response
        } catch {
            // What was said before the end has to be paid; a call that failed before its first word most likely not.
            let usage = progress.hasBegun ? progress.estimate(expected.input) : nil
            await settle(reservation, spender, model.name, usage: usage)
            throw error
        }
    }

    private func reserve(_ expected: TokenUsage, _ spender: Spender) async throws -> SpendReservation.ID {
        // Whoever of them answers, it must not be more than this.
        var most = NanoDollars.zero
        for model in models {
            if let price = prices.price(of: model) {
                most = max(most, price.cost(of: expected))
            } else if settings.limits.contains(where: { $0.binds(spender) }) {
                // Nobody could say when the limit is reached.
                logger.error(
                    "a model without a price, but with a limit",
                    metadata: ["agent": "\(agent)", "model": "\(model)", "set": "spending.prices.\(model)"])
                throw AgentError(
                    .billing, detail: Self.words(forMissingPriceOf: model),
                    message:
                        "I may not answer: there is a spending limit, but the price of my language model is not set.")
            }
        }
        let outcome: SpendReservation
        do {
            outcome = try await ledger.reserve(most, for: spender, within: settings.limits)
        } catch {
            // Without an account nothing may be spent.
            throw AgentError(.internal, detail: "what this call may cost can't be noted: \(error)")
        }
        switch outcome {
        case .reserved(let id): return id
        case .refused(let limit):
            // Then nothing was used up, and no waiting helps.
            guard limit.amount >= most else {
                let words = Self.words(for: most, above: limit, agent)
                logger.notice(
                    "an answer may cost more than a limit", metadata: ["agent": "\(agent)", "reason": "\(words)"])
                throw AgentError(
                    .billing, detail: words,
                    message: settings.message
                        ?? "I can't answer this: it may cost more than I may spend at all. Whoever runs this bot can raise "
                        + "the limit; a shorter question may help, too.")
            }
            let whose = limit.scope == .all ? "all together" : "this \(limit.scope.rawValue)"
            logger.notice(
                "spending limit reached",
                metadata: [
                    "agent": "\(agent)", "scope": "\(limit.scope.rawValue)", "sender": "\(spender.sender)",
                    "limit": "\(limit.amount) USD per \(limit.period.rawValue)",
                ])
            throw AgentError(
                .billing,
                detail: "the limit of \(limit.amount) USD per \(limit.period.rawValue) for \(whose) is reached",
                message: settings.message ?? Self.words(for: limit))
        }
    }

    static func words(forMissingPriceOf model: String) -> String {
        "no price is known for \(model), so limits in USD can't hold; set spending.prices.\(model)"
    }

    /// What is said of a limit that leaves no room for a single answer.
    static func words(for cost: NanoDollars, above limit: SpendLimit, _ agent: AgentName) -> String {
        "one answer may cost \(cost) USD, more than the \(limit.amount) USD per \(limit.period.rawValue) of spending.limits; "
            + "lower agents.\(agent).max_tokens or raise the limit"
    }

    private static func words(for limit: SpendLimit) -> String {
        let until = limit.period == .day ? "tomorrow" : "next month"
        return switch limit.scope {
        case .sender: "You have used up what I may spend on you for now. Please come back \(until)."
        case .all, .agent, .channel: "I have used up what I may spend for now. Please come back \(until)."
        }
    }

    private func settle(
        _ reservation: SpendReservation.ID, _ spender: Spender, _ model: String, usage: TokenUsage?
    ) async {
        let cost = usage.flatMap { prices.price(of: model)?.cost(of: $0) }
        if usage != nil, cost == nil {
            logger.debug("no price is known; the call is booked without cost", metadata: ["model": "\(model)"])
        }
        let total = SpendTotal(
            calls: 1, usage: usage ?? TokenUsage(input: 0, output: 0), cost: cost ?? .zero)
        do {
            try await ledger.settle(reservation, of: spender, model: model, total)
        } catch {
            // What was set aside stays so: rather too much than too little.
            logger.error("what a call came to can't be noted", metadata: ["model": "\(model)", "error": "\(error)"])
        }
    }

    /// What has come of an answer, for one that breaks off or is never counted by its server.
    private final class Progress: Sendable {
        private let bytes = Mutex(0)

        var hasBegun: Bool { bytes.withLock { $0 > 0 } }

        func add(_ event: ModelEvent) {
            let size =
                switch event {
                case .text(let more), .reasoning(let more), .refusal(let more): more.utf8.count
                case .toolCall(_, _, let name, let arguments): name.utf8.count + arguments.utf8.count
                }
            bytes.withLock { $0 += size }
        }

        func estimate(_ input: Int) -> TokenUsage {
            TokenUsage(input: input, output: (bytes.withLock { $0 } + 3) / 4)
        }
    }
}

extension SpendLimit {
    /// Whether it holds for what `spender` spends.
    func binds(_ spender: Spender) -> Bool { only.map { $0 == spender.name(in: scope) } ?? true }

    /// Whether it holds for anything that an agent may spend.
    func mayBind(_ agent: AgentName) -> Bool { scope != .agent || only.map { $0 == agent.rawValue } ?? true }
}
