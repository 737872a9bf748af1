import Logging
import PraisonCore

/// A turn of an agent, from the history to the reply.
extension TurnRunner {
    /// Starts of one turn after crashes before it is put aside.
    static let maximumAttempts = 8

    /// - Parameter lead: the one of the batch whose message is answered.
    func answer(_ batch: [Work], _ lead: Work, _ assignment: Work.Assignment, _ stop: StopSignal) async {
        let name = assignment.route.agent
        guard let desk = desks[lead.message.conversation.channel] else {
            return await finish(batch, TurnOutcome(.ignored, reason: "its channel is not configured any more"))
        }
        guard let agent = directory.agent(name) else {
            let failure = AgentError.notConnected(name)
            return await finish(batch, outcome(of: failure, name, batch), saying: FailureWords.text(for: failure))
        }
        if lead.message.caller != nil, batch.contains(where: { $0.entry.attempts > 0 }) {
            // A program that waited for an earlier process gets no answer of this one; it has been told so, or is gone.
            let outcome = TurnOutcome(.stopped, reason: "nobody waits for the answer any more", agent: name)
            return await finish(batch, outcome)
        }
        let attempt = await insist("note a turn's start") { try await journal.beginAttempt(batch.map(\.entry.id)) }
        guard let attempt else { return }
        if attempt > Self.maximumAttempts {
            let outcome = TurnOutcome(
                .quarantined, reason: "taken up \(attempt - 1) times without an end", agent: name)
            logger.error("message put aside", metadata: ["event": "\(lead.entry.event.id)", "agent": "\(name)"])
            return await finish(batch, outcome, saying: FailureWords.quarantined)
        }
        var assignment = assignment
        assignment.session.conversation = addresses.current(assignment.session.conversation)
        let conversation = addresses.current(lead.message.conversation)
        let draft = ReplyDraft(lead, in: conversation, desk.settings, self)
        let isStreamed = board.adapter(of: conversation.channel) is any StreamsReplies
        let prepared = await insist("read a session") { [assignment] in
            if attempt > 1 { try await draft.restore() }
            return try await turn(for: batch, lead, assignment, desk, isWatched: draft.isShown || isStreamed)
        }
        guard let (turn, history) = prepared else { return }
        if assignment.purpose == .compress {
            return await compress(batch, turn, history, by: agent, assignment.session, desk, stop)
        }
        guard !turn.input.isEmpty else {
            let outcome = TurnOutcome(.command, reason: BuiltInCommand.retry.rawValue, agent: name)
            return await finish(batch, outcome, saying: "There is nothing to answer anew.")
        }
        var settled: SettledTurn
        do {
            // It may have been stopped while it waited for its slot.
            guard !stop.isStopped else { throw CancellationError() }
            let holder = await self.holder(of: assignment.session, turn)
            let first = try first(of: turn, agent, holder, lead.message)
            let (summary, who, reply) = try await stop.stopping {
                let (turn, summary) = try await self.condensed(turn, history, by: first, desk)
                let (who, reply) = try await self.replies(to: turn, from: first, lead, draft)
                return (summary, who, reply)
            }
            // Whoever stopped it while the last word was on its way has been told that it is stopped.
            guard !stop.isStopped else { throw CancellationError() }
            if who != name || holder != nil, turn.caller?.history == nil {
                // Noted before the turn is: after a crash in between, that agent answers it anew.
                let (session, next) = (assignment.session, who == name ? nil : who)
                _ = await insist("keep a hand-over") { try await handOvers.give(session, to: next, at: clock.now) }
            }
            var outcome = TurnOutcome(.answered, agent: who, model: reply.model, usage: reply.usage)
            let isSilent = Silence(token: desk.settings.silenceToken).isChosen(by: reply.text)
            let rule = who == name ? assignment.route.rule : "handed over by \(name)"
            let reasons = [isSilent ? "the agent chose to say nothing" : rule] + summary.notes + reply.notes
            outcome.reason = reasons.joined(separator: "; ")
            outcome.usage = TokenUsage.sum(outcome.usage, summary.usage)
            outcome.toolCalls = reply.toolCalls.isEmpty ? nil : reply.toolCalls
            settled = self.turn(ending: batch, outcome, saying: isSilent ? nil : reply.text, over: await draft.shown)
            remember(
                (reply.rememberedInput ?? turn.input) + reply.messages, of: turn, in: assignment.session, &settled)
            if settled.session != nil { settled.summary = summary.kept }
        } catch {
            guard stop.isStopped || !Task.isCancelled else { return }
            settled =
                stop.isStopped
                ? await stopped(batch, name, turn, assignment, draft)
                : await failed(batch, name, error, draft)
        }
        if assignment.purpose == .retry, settled.session != nil { settled.change = .forgetLastTurn }
        await keep(settled, draft)
    }

    private func keep(_ turn: SettledTurn, _ draft: ReplyDraft) async {
        guard await insist("record a turn", { try await outbox.settle([turn]) }) != nil else { return }
        do { try await draft.forget() } catch {
            logger.debug("a draft is remembered longer than needed", metadata: ["error": "\(error)"])
        }
    }

    /// What had been asked is remembered, so that the next answer knows of it; what had been said stays, with a word.
    private func stopped(
        _ batch: [Work], _ agent: AgentName, _ turn: Turn, _ assignment: Work.Assignment, _ draft: ReplyDraft
    ) async -> SettledTurn {
        let said = await draft.visibleText
        var settled = self.turn(
            ending: batch, TurnOutcome(.stopped, agent: agent),
            saying: await draft.messages.isEmpty ? nil : said.isEmpty ? "(stopped)" : said + "\n\n(stopped)",
            over: await draft.shown)
        remember(
            turn.input + (said.isEmpty ? [] : [ChatMessage(.assistant, said)]), of: turn, in: assignment.session,
            &settled)
        return settled
    }

    /// Remembers the turn, unless whoever asks does so itself.
    private func remember(
        _ messages: [ChatMessage], of turn: Turn, in session: SessionKey, _ settled: inout SettledTurn
    ) {
        guard turn.caller?.history == nil else { return }
        settled.session = session
        settled.remember = messages
    }

    private func failed(
        _ batch: [Work], _ agent: AgentName, _ error: any Error, _ draft: ReplyDraft
    ) async -> SettledTurn {
        let failure =
            switch error {
            case let error as AgentError: error
            case is TimeoutError:
                AgentError(.idleTimeout, detail: "the turn took longer than per_turn_timeout")
            default: AgentError(.internal, detail: "\(error)")
            }
        let outcome = outcome(of: failure, agent, batch)
        let said = await draft.visibleText
        let words = words(for: failure, to: batch)
        return turn(
            ending: batch, outcome, saying: said.isEmpty ? words : said + "\n\n" + words, over: await draft.shown)
    }

    func words(for failure: AgentError, to batch: [Work]) -> String {
        FailureWords.text(for: failure, mayStartAfresh: batch.allSatisfy { mayStartAfresh($0.message) })
    }

    /// Whether who wrote may give `/new`.
    private func mayStartAfresh(_ message: InboundMessage) -> Bool {
        desks[message.conversation.channel]?.policy.allows(BuiltInCommand.new.rawValue, by: message.sender.id) ?? false
    }

    /// What is on record of a failure; it is logged and told to those who listen.
    private func outcome(of failure: AgentError, _ agent: AgentName, _ batch: [Work]) -> TurnOutcome {
        logger.error("turn failed", metadata: ["agent": "\(agent)", "error": "\(failure)"])
        tell(failure, of: agent, batch)
        var outcome = TurnOutcome(
            .failed, reason: failure.description, agent: agent, errorKind: failure.kind,
            retryAfterSeconds: failure.retryAfter?.inSeconds)
        outcome.message = failure.message
        return outcome
    }

    private func tell(_ failure: AgentError, of agent: AgentName, _ batch: [Work]) {
        guard feed.isHeard, let first = batch.first else { return }
        feed.publish(
            GatewayEvent(
                type: .error,
                payload: .fields([
                    // The cause is in the log, and only there: it is the provider's own text.
                    "error": .string(FailureWords.text(for: failure)), "code": .string(failure.kind.rawValue),
                    "event_id": .string(first.entry.event.id.rawValue),
                    "channel": .string(first.message.conversation.channel.rawValue),
                    "conversation": .string(first.message.conversation.id.rawValue),
                ]),
                id: EventID("turn/\(first.entry.event.id)"), timestamp: clock.now, source: agent.rawValue))
    }

    private func turn(
        for batch: [Work], _ lead: Work, _ assignment: Work.Assignment, _ desk: ChannelDesk, isWatched: Bool
    ) async throws -> (Turn, SessionHistory) {
        let caller = lead.message.caller
        var (past, input) = (caller?.history ?? [], caller?.input ?? [])
        var history = SessionHistory()
        if caller?.history == nil {
            history = try await SessionStore(journal: journal).history(
                of: assignment.session, by: desk.sessions,
                isWhole: assignment.purpose == .compress || desk.sessions.compaction != nil, at: clock.now)
            past = history.messages
            if assignment.purpose == .retry {
                input = past.suffix(history.lastTurn).filter { $0.role == .user }
                past.removeLast(history.lastTurn)
            }
            if let summary = history.summary { past.insert(HistorySummary.message(summary.text), at: 0) }
        }
        if caller == nil, assignment.purpose == .answer {
            input = Self.albumsMerged(batch).map { desk.sessions.chatMessage(for: $0, at: clock.now) }
        }
        let binding = assignment.route.binding
        let turn = Turn(
            id: lead.entry.event.id.rawValue, history: past, input: input,
            conversation: assignment.session.conversation, sender: lead.message.sender, trust: assignment.trust,
            allowedTools: binding?.allowTools, deniedTools: binding?.denyTools ?? [], caller: caller,
            isWatched: isWatched)
        return (turn, history)
    }

    private static func albumsMerged(_ batch: [Work]) -> [InboundMessage] {
        guard let first = batch.first?.message, let album = first.album else { return batch.map(\.message) }
        let parts = batch.map(\.message).filter { $0.album == album }
        let others = batch.map(\.message).filter { $0.album != album }
        return [Album.merged(parts) ?? first] + others
    }

    var handOvers: HandOvers { HandOvers(journal: journal) }

    /// To whom the session's own agent has handed the conversation over, if to anybody.
    private func holder(of session: SessionKey, _ turn: Turn) async -> AgentName? {
        guard turn.caller?.history == nil else { return nil }
        return await insist("read a session") { try await handOvers.holder(of: session, at: clock.now) } ?? nil
    }

    /// Who answers first: the session's own agent, or the one that has taken over.
    private func first(
        of turn: Turn, _ own: any Agent, _ holder: AgentName?, _ message: InboundMessage
    ) throws -> any Agent {
        // A session that starts afresh begins with its own agent.
        guard let holder, !turn.history.isEmpty else { return own }
        guard let agent = directory.agent(holder) else {
            // It has not given the conversation back, so it keeps it.
            var failure = AgentError.notConnected(holder)
            if mayStartAfresh(message) {
                failure.message = (failure.message ?? "") + " /new starts afresh, with \(own.name)."
            }
            throw failure
        }
        return agent
    }

    /// The agent's reply; and where it hands over, that of the one that takes over after it.
    ///
    /// - Returns: with the name of the one that answered last.
    private func replies(
        to turn: Turn, from agent: any Agent, _ lead: Work, _ draft: ReplyDraft
    ) async throws -> (AgentName, Reply) {
        defer { directory.takeSuccessor(of: turn) }
        var agent = agent
        var reply = try await reply(to: turn, by: agent, lead, draft)
        while let name = directory.successor(of: agent.name, in: turn), let successor = directory.agent(name) {
            let pause = reply.text.isEmpty ? nil : "\n\n"
            agent = successor
            let next = try await self.reply(to: turn, by: successor, lead, draft, after: pause)
            reply.text += (pause ?? "") + next.text
            reply.messages += next.messages
            reply.model = next.model
            reply.usage = TokenUsage.sum(reply.usage, next.usage)
            reply.toolCalls = next.toolCalls
            reply.notes += next.notes
        }
        return (agent.name, reply)
    }

    /// - Parameter pause: said before the reply.
    private func reply(
        to turn: Turn, by agent: any Agent, _ lead: Work, _ draft: ReplyDraft, after pause: String? = nil
    ) async throws -> Reply {
        let adapter = board.adapter(of: turn.conversation.channel)
        let (clock, limit) = (clock, turnTimeout)
        let media = MediaFetch(
            adapter: adapter, limit: desks[turn.conversation.channel]?.settings.maxInboundMediaBytes ?? 0,
            speech: desks[turn.conversation.channel]?.settings.speech ?? SpeechSettings(), transcriber: transcriber,
            attribution: desks[turn.conversation.channel]?.sessions.attribution(in: turn.conversation),
            clock: clock, logger: logger)
        return try await TypingIndicator(adapter, turn.conversation, outbox, clock).whileShown {
            let emit: @Sendable (ReplyPart) async throws -> Void = { part in
                if let stream = adapter as? any StreamsReplies {
                    await stream.stream(
                        part, answering: lead.entry.event.id, agent: agent.name, in: turn.conversation)
                } else {
                    await draft.take(part)
                }
            }
            let work = { @Sendable in
                var turn = turn
                turn.input = try await media.filled(turn.input)
                var reply = try await agent.reply(to: turn, emit: emit)
                // What was said in a voice message is remembered; pictures and files are not.
                reply.rememberedInput = (reply.rememberedInput ?? turn.input).map { message in
                    var message = message
                    (message.images, message.documents, message.files) = ([], [], [])
                    return message
                }
                return reply
            }
            if let pause { try await emit(.text(pause)) }
            guard limit > .zero else { return try await work() }
            return try await withTimeout(limit, clock: clock, work)
        }
    }
}
