import PraisonCore
import PraisonGateway
import PraisonSimulation
import Testing

@Suite(.timeLimit(.minutes(1))) struct `a conversation that is handed over` {
    /// `echo` hands over to `sales` when it hears "buy"; `sales` hands back when it hears "back", and says who it is.
    private static func agents(_ desk: Desk) -> [any Agent] {
        [
            FakeAgent("echo") { turn, _ in
                let text = turn.input.map(\.text).joined()
                if text.contains("buy") { try desk.handOver(turn, to: "sales", by: "echo") }
                return Reply(text: "echo: \(text)")
            },
            FakeAgent("sales") { turn, _ in
                let text = turn.input.map(\.text).joined()
                if text.contains("back") { try desk.handOver(turn, to: "echo", by: "sales") }
                return Reply(text: "sales: \(text) after \(turn.history.count)")
            },
        ]
    }

    /// The hub's directory, which agents made before the hub turn to.
    private final class Desk: Sendable {
        private let directory = Observed<AgentDirectory?>(nil)

        func open(_ directory: AgentDirectory) { self.directory.change { $0 = directory } }

        func handOver(_ turn: Turn, to agent: AgentName, by asker: AgentName) throws {
            try directory.value?.handOver(turn, to: agent, by: asker)
        }
    }

    private func withHub(_ scene: Scene, _ body: @escaping @Sendable (Gateway, MortalJournal) async throws -> Void)
        async throws
    {
        let desk = Desk()
        try await scene.withHub(agents: Self.agents(desk)) { hub, journal in
            desk.open(hub.directory)
            try await body(hub, journal)
        }
    }

    private func say(
        _ text: String, _ id: Int, _ hub: Gateway, _ journal: MortalJournal, chat: Conversation.ID = "42"
    ) async throws -> TurnOutcome {
        try await hub.accept([.said(text, id, chat: chat)])
        return try await journal.settled(EventID("house/\(id)"))
    }

    private func expect(
        _ agent: AgentName, answers text: String, _ id: Int, _ hub: Gateway, _ journal: MortalJournal,
        chat: Conversation.ID = "42"
    ) async throws {
        let outcome = try await say(text, id, hub, journal, chat: chat)
        #expect(outcome.agent == agent, "the answer to \(text)")
    }

    @Test func `stays so over a restart, until it is handed back`() async throws {
        let scene = try Scene()
        try await withHub(scene) { hub, journal in
            let outcome = try await say("buy", 1, hub, journal)
            #expect(outcome.agent == "sales" && outcome.reason == "handed over by echo")
            try await expect("sales", answers: "more", 2, hub, journal)
            try await expect("echo", answers: "hello", 3, hub, journal, chat: "43")
        }
        try await withHub(scene) { hub, journal in
            try await expect("sales", answers: "again", 4, hub, journal)
            try await expect("echo", answers: "back", 5, hub, journal)
            try await expect("echo", answers: "thanks", 6, hub, journal)
            #expect(
                try await scene.stage.texts(6) == [
                    "echo: buy\n\nsales: buy after 0", "sales: more after 3", "echo: hello", "sales: again after 5",
                    "sales: back after 7\n\necho: back", "echo: thanks",
                ])
        }
    }

    @Test func `is answered by nobody while whoever took over is away, and by that one afterwards`() async throws {
        let scene = try Scene()
        try await withHub(scene) { hub, journal in _ = try await say("buy", 1, hub, journal) }
        let desk = Desk()
        try await scene.withHub(agents: Array(Self.agents(desk).prefix(1))) { hub, journal in
            let outcome = try await say("more", 2, hub, journal)
            #expect(outcome.status == .failed && outcome.errorKind == .transient)
            #expect(
                try await scene.stage.texts(2).last
                    == "Agent sales is not connected at the moment. Please try again later. "
                    + "/new starts afresh, with echo.")
        }
        try await withHub(scene) { hub, journal in
            try await expect("sales", answers: "again", 3, hub, journal)
        }
    }

    @Test func `begins afresh with its own agent`() async throws {
        let scene = try Scene()
        try await withHub(scene) { hub, journal in
            _ = try await say("buy", 1, hub, journal)
            _ = try await say("/new", 2, hub, journal)
            try await expect("echo", answers: "hello", 3, hub, journal)
            try await expect("echo", answers: "hello again", 4, hub, journal)
        }
    }

    @Test func `goes back when nobody has written for a day`() async throws {
        let scene = try Scene()
        try await withHub(scene) { hub, journal in
            _ = try await say("buy", 1, hub, journal)
            scene.clock.advance(by: .seconds(23 * 3600))
            try await expect("sales", answers: "more", 2, hub, journal)
            scene.clock.advance(by: .seconds(24 * 3600))
            try await expect("echo", answers: "hello", 3, hub, journal)
        }
    }

    @Test func `tells who answers`() async throws {
        let scene = try Scene()
        try await withHub(scene) { hub, journal in
            _ = try await say("buy", 1, hub, journal)
            _ = try await say("/whoami", 2, hub, journal)
            #expect(try await scene.stage.texts(2).last?.hasSuffix("Agent: sales.") == true)
        }
    }

    @Test func `does not go round in circles`() async throws {
        let scene = try Scene()
        let desk = Desk()
        func eager(_ name: AgentName, _ other: AgentName) -> FakeAgent {
            FakeAgent(name) { turn, _ in
                do { try desk.handOver(turn, to: other, by: name) } catch let error as ToolError {
                    return Reply(text: "\(name) stays: \(error)")
                }
                return Reply(text: "\(name)")
            }
        }
        try await scene.withHub(agents: [eager("echo", "sales"), eager("sales", "echo")]) { hub, journal in
            desk.open(hub.directory)
            _ = try await say("hello", 1, hub, journal)
            let text = try await scene.stage.texts(1)[0]
            #expect(
                text == """
                    echo

                    sales

                    echo stays: this question has been handed on often enough; answer it yourself
                    """)
        }
    }
}
