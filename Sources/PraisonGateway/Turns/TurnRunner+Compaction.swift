import Logging
import PraisonCore

/// Keeping histories short: by a summary of what is old, or by leaving it out.
extension TurnRunner {
    /// What came of it, for the turn's record.
    struct Condensation: Sendable {
        /// To be kept with the turn.
        var kept: SessionSummary?
        var usage: TokenUsage?
        var notes: [String] = []
    }

    /// The turn with a history that is as short as the channel's settings want it. Where summing up fails, the turn goes
    /// on with what fits of its history, and nothing of that is lost.
    func condensed(
        _ turn: Turn, _ history: SessionHistory, by agent: any Agent, _ desk: ChannelDesk
    ) async throws -> (Turn, Condensation) {
        var (turn, result) = (turn, Condensation())
        guard let settings = desk.sessions.compaction, turn.caller?.history == nil else { return (turn, result) }
        guard settings.strategy == .summarize, let agent = agent as? any SumsUpHistory else {
            let isCut = settings.strategy == .truncate && turn.history.count > settings.maxMessages
            turn.history = Self.newest(isCut ? settings.keepRecent : desk.sessions.maxHistory, of: turn.history)
            return (turn, result)
        }
        do {
            guard let summary = try await summary(of: turn, by: agent, settings, isWanted: false) else {
                turn.history = Self.newest(desk.sessions.maxHistory, of: turn.history)
                return (turn, result)
            }
            result.kept = Self.summary(summary, of: history)
            result.usage = summary.usage
            result.notes = ["\(summary.count) older messages were summed up"]
            turn.history = [HistorySummary.message(summary.text)] + turn.history.dropFirst(summary.count)
        } catch let error as AgentError {
            logger.warning("a history can't be summed up", metadata: ["turn": "\(turn.id)", "error": "\(error)"])
            result.notes = ["the history could not be summed up: \(error)"]
            turn.history = Self.newest(desk.sessions.maxHistory, of: turn.history)
        }
        return (turn, result)
    }

    /// `/compress`: sums up now, all but the last exchange.
    func compress(
        _ batch: [Work], _ turn: Turn, _ history: SessionHistory, by agent: any Agent, _ session: SessionKey,
        _ desk: ChannelDesk, _ stop: StopSignal
    ) async {
        var outcome = TurnOutcome(.command, reason: BuiltInCommand.compress.rawValue, agent: agent.name)
        guard let agent = agent as? any SumsUpHistory else {
            return await finish(batch, outcome, saying: "\(agent.name) can't sum up what was said.")
        }
        let settings = desk.sessions.compaction ?? CompactionSettings()
        do {
            let summary = try await stop.stopping {
                try await self.summary(of: turn, by: agent, settings, isWanted: true)
            }
            guard let summary else { return await finish(batch, outcome, saying: "There is nothing to sum up yet.") }
            outcome.usage = summary.usage
            let count = turn.history.count - summary.count
            var settled = self.turn(
                ending: batch, outcome,
                saying: "Summed up \(summary.count) messages; the last \(count) stay as they are.")
            (settled.session, settled.summary) = (session, Self.summary(summary, of: history))
            await settle([settled])
        } catch {
            if stop.isStopped {
                return await finish(batch, TurnOutcome(.stopped, agent: agent.name), saying: "(stopped)")
            }
            guard !Task.isCancelled else { return }
            let failure = error as? AgentError ?? AgentError(.internal, detail: "\(error)")
            logger.error("a history can't be summed up", metadata: ["turn": "\(turn.id)", "error": "\(failure)"])
            outcome.reason = "compress: \(failure)"
            let words = "I could not sum up our conversation; it is as it was. " + words(for: failure, to: batch)
            await finish(batch, outcome, saying: words)
        }
    }

    private func summary(
        of turn: Turn, by agent: any SumsUpHistory, _ settings: CompactionSettings, isWanted: Bool
    ) async throws -> HistorySummary? {
        let adapter = board.adapter(of: turn.conversation.channel)
        return try await TypingIndicator(adapter, turn.conversation, outbox, clock).whileShown {
            try await agent.summary(of: turn, by: settings, isWanted: isWanted)
        }
    }

    /// The summary as the store keeps it; `nil` where it stands for nothing that is there.
    private static func summary(_ summary: HistorySummary, of history: SessionHistory) -> SessionSummary? {
        let count = summary.count - (history.summary == nil ? 0 : 1)
        guard history.positions.indices.contains(count - 1) else { return nil }
        return SessionSummary(text: summary.text, through: history.positions[count - 1])
    }

    /// The last `count` messages and a summary before them, from a question on.
    private static func newest(_ count: Int, of history: [ChatMessage]) -> [ChatMessage] {
        let head = history.prefix { $0.role == .system }
        let rest = history.dropFirst(head.count).suffix(max(count, 0))
        return Array(head) + rest.drop { $0.role != .user }
    }
}
