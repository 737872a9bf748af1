import PraisonCore
import PraisonGateway
import PraisonSimulation
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(2))) struct `a conversation that grows long` {
    /// Says one thing after the other, each when the one before is settled.
    private func say(
        _ words: [String], to agent: any Agent,
        _ compaction: CompactionSettings? = CompactionSettings(
            maxMessages: 4, keepRecent: 2), maxHistory: Int = 100, on scene: Scene? = nil, from start: Int = 1
    ) async throws -> [String] {
        let scene = try scene ?? Scene()
        let session = ChannelSessionSettings(maxHistory: maxHistory, attribution: nil, compaction: compaction)
        try await scene.withHub(channels: [.make(session: session)], agents: [agent]) { hub, journal in
            for (number, text) in zip(start..., words) {
                try await hub.accept([.said(text, number)])
                try await journal.isQuiet()
                // Each turn is remembered at a moment of its own.
                scene.clock.advance(by: .seconds(60))
            }
        }
        return scene.stage.texts
    }

    private static let summary = HistorySummary.message("short: 1, 1").text

    @Test func `is summed up, and what was said last stays word for word`() async throws {
        let agent = SummingAgent()
        _ = try await say(["1", "2", "3", "4"], to: agent)
        #expect(agent.turns.map { $0.history.map(\.text) }[2] == ["1", "1", "2", "2"])
        #expect(agent.turns[3].history.map(\.text) == [HistorySummary.message("short: 1, 1, 2, 2").text, "3", "3"])
        #expect(agent.turns[3].history.first?.role == .system)
    }

    @Test func `keeps its summary, and sums that up with what comes after`() async throws {
        let (agent, scene) = (SummingAgent(), try Scene())
        _ = try await say(["1", "2", "3", "4"], to: agent, on: scene)
        // As after a restart.
        let later = SummingAgent()
        _ = try await say(["5", "6"], to: later, on: scene, from: 5)
        #expect(later.turns[0].history.count == 5)
        #expect(
            later.turns[1].history.map(\.text) == [
                HistorySummary.message("short: [short: 1, 1, 2, 2], 3, 3, 4, 4").text, "5", "5",
            ])
    }

    @Test func `is what it was when summing up fails, and the record says so`() async throws {
        let (agent, scene) = (SummingAgent(fails: true), try Scene())
        let texts = try await say(["1", "2", "3", "4", "/compress"], to: agent, on: scene)
        #expect(agent.turns[3].history.map(\.text) == ["1", "1", "2", "2", "3", "3"])
        #expect(texts[3] == "4")
        #expect(
            try await scene.store.outcome(of: "house/4")?.reason?.contains(
                "the history could not be summed up: overloaded") == true)
        #expect(texts[4].hasPrefix("I could not sum up our conversation; it is as it was."))
        let later = SummingAgent()
        _ = try await say(["5"], to: later, nil, on: scene, from: 6)
        #expect(later.turns[0].history.map(\.text) == ["1", "1", "2", "2", "3", "3", "4", "4"])
    }

    @Test func `is summed up when somebody wants it, also where it is not done by itself`() async throws {
        let agent = SummingAgent()
        let texts = try await say(["/compress", "1", "/compress", "2", "/compress", "3"], to: agent, nil)
        #expect(texts[0] == "There is nothing to sum up yet." && texts[2] == texts[0])
        #expect(texts[4] == "Summed up 2 messages; the last 2 stay as they are.")
        #expect(agent.turns.last?.history.map(\.text) == [Self.summary, "2", "2"])
    }

    @Test func `forgets with /undo what was said last, and a summary that knows of it`() async throws {
        let agent = SummingAgent()
        let texts = try await say(
            ["1", "2", "/compress", "3", "/undo", "4", "/undo", "/undo", "5", "/undo", "/undo", "/undo"], to: agent, nil
        )
        #expect(agent.turns[3].history.map(\.text) == [Self.summary, "2", "2"])
        // What the summary stood for is there again word for word.
        #expect(agent.turns[4].history.map(\.text) == ["1", "1"])
        #expect(
            texts.filter { $0.hasPrefix("Forgotten") || $0.hasPrefix("There") } == [
                "Forgotten: “3”", "Forgotten: “4”", "Forgotten: “2”", "Forgotten: “5”", "Forgotten: “1”",
                "There is nothing to undo.",
            ])
    }

    @Test func `is answered anew with /retry as if it had not been answered`() async throws {
        let agent = SummingAgent()
        _ = try await say(["1", "2", "3", "4", "/retry", "5"], to: agent)
        #expect(agent.turns[4].input.map(\.text) == ["4"])
        #expect(agent.turns[4].history.map(\.text) == agent.turns[3].history.map(\.text))
        #expect(agent.turns[5].history.suffix(2).map(\.text) == ["4", "4"])
    }

    @Test func `keeps its summary in an earlier conversation that is taken up again`() async throws {
        let agent = SummingAgent()
        let texts = try await say(
            ["1", "2", "/compress", "/new", "x", "/resume 1", "3"], to: agent, nil)
        #expect(texts[5] == "We go on with: “1”")
        #expect(agent.turns[2].history.isEmpty)
        #expect(agent.turns[3].history.map(\.text) == [Self.summary, "2", "2"])
    }

    @Test func `is cut to what is recent where the strategy says so`() async throws {
        let agent = SummingAgent()
        _ = try await say(
            ["1", "2", "3", "4"], to: agent, CompactionSettings(strategy: .truncate, maxMessages: 4, keepRecent: 3))
        #expect(agent.turns[2].history.count == 4)
        #expect(agent.turns[3].history.map(\.text) == ["3", "3"])
    }

    @Test func `is never shown longer than max_history to agents that can't sum up`() async throws {
        let gate = Gate()
        gate.open()
        _ = try await say(["1", "2", "3", "4"], to: gate.agent(), maxHistory: 3)
        #expect(gate.turns[3].history.map(\.text) == ["3", "3"])
        let agent = SummingAgent()
        _ = try await say(
            ["1", "2", "3"], to: agent, CompactionSettings(maxMessages: 100, keepRecent: 2), maxHistory: 2)
        #expect(agent.turns[2].history.map(\.text) == [Self.summary, "2", "2"])
    }

    @Test func `is summed up in a session of the control plane as well, where its settings want it`() async throws {
        let (scene, agent) = (try Scene(), SummingAgent())
        var session = SessionSettings()
        session.compaction = CompactionSettings(maxMessages: 4, keepRecent: 2)
        try await scene.withHub(session: session, agents: [agent]) { hub, journal in
            for number in 1...4 {
                try await hub.accept([.said("\(number)", number, channel: .gateway)])
                _ = try await journal.settled(EventID("gateway/\(number)"))
                scene.clock.advance(by: .seconds(60))
            }
        }
        #expect(agent.turns.map(\.history.count) == [0, 2, 4, 3])
        #expect(agent.turns[3].history.map(\.text) == [HistorySummary.message("short: 1, 1, 2, 2").text, "3", "3"])
    }

    @Test func `can be stopped while it is summed up`() async throws {
        let scene = try Scene()
        let agent = SummingAgent(hangingOn: scene.clock)
        let session = ChannelSessionSettings(attribution: nil)
        try await scene.withHub(channels: [.make(session: session)], agents: [agent]) { hub, journal in
            for (number, text) in zip(1..., ["1", "2"]) {
                try await hub.accept([.said(text, number)])
                try await journal.isQuiet()
                scene.clock.advance(by: .seconds(60))
            }
            try await hub.accept([.said("/compress", 3)])
            await scene.clock.nextSleeper()
            try await hub.accept([.said("/stop", 4)])
            #expect(try await journal.settled("house/3").status == .stopped)
        }
    }
}

/// Repeats what was said, and sums up by listing.
private final class SummingAgent: SumsUpHistory {
    let name: AgentName = "echo"
    private let fails: Bool
    private let clock: (any GatewayClock)?
    private let seen = Mutex<[Turn]>([])

    /// - Parameter clock: on which summing up takes a day; `nil` for no time at all.
    init(fails: Bool = false, hangingOn clock: (any GatewayClock)? = nil) { (self.fails, self.clock) = (fails, clock) }

    var turns: [Turn] { seen.withLock { $0 } }

    func reply(to turn: Turn, emit: @escaping @Sendable (ReplyPart) async throws -> Void) async throws -> Reply {
        seen.withLock { $0.append(turn) }
        return Reply(text: turn.input.map(\.text).joined(separator: "|"))
    }

    func summary(
        of turn: Turn, by settings: CompactionSettings, isWanted: Bool
    ) async throws -> HistorySummary? {
        let head = turn.history.first?.role == .system ? 1 : 0
        let count = turn.history.count - (isWanted ? 2 : settings.keepRecent)
        guard count > head, isWanted || turn.history.count - head > settings.maxMessages else { return nil }
        if fails { throw AgentError(.overloaded, detail: "busy") }
        try await clock?.sleep(for: .seconds(86_400))
        let words = turn.history.prefix(count).map { message in
            message.role == .system ? "[\(message.text.split(separator: "\n")[2])]" : message.text
        }
        return HistorySummary(text: "short: " + words.joined(separator: ", "), count: count)
    }
}
