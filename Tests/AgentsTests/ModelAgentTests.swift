import PraisonCore
import PraisonSimulation
import Testing

@testable import PraisonAgents

@Suite(.timeLimit(.minutes(1))) struct `an agent with a model` {
    private let clock = VirtualClock()

    private func agent(_ server: any HTTPHandler, window: ContextWindow? = nil) -> ModelAgent {
        ModelAgent(
            AgentSettings(name: "support", instructions: "Be kind."),
            model: WireProvider.make(server, clock: clock),
            window: window ?? ContextWindow(model: "gpt-4o"), clock: clock, logger: silent)
    }

    @Test func `answers in parts that add up to the reply`() async throws {
        let parts = Collected<ReplyPart>()
        let server = FakeModelServer(clock: clock)
        server.prepare(.think("hm", thenSay: "\n\n  One two.\n\nThree. \n"))
        let reply = try await agent(server).reply(to: .make("hello")) { parts.add($0) }
        let shown = parts.all.compactMap { if case .text(let text) = $0 { text } else { nil } }
        #expect(reply.text == "One two.\n\nThree.")
        #expect(shown.joined() == reply.text)
        #expect(parts.all.first == .reasoning("hm"))
        #expect(reply.messages == [ChatMessage(.assistant, reply.text)])
        #expect(reply.model == "openai/small-1")
        #expect(reply.usage != nil)
    }

    @Test func `tells the model who it is and what was said`() async throws {
        let server = FakeModelServer(clock: clock)
        let history = [ChatMessage(.user, "I am Ada"), ChatMessage(.assistant, "Hello Ada")]
        let reply = try await agent(server).reply(to: .make("who am I?", history: history)) { _ in }
        #expect(reply.text == "echo: who am I?")
        let messages = server.calls.first?.body["messages"]?.array ?? []
        #expect(messages.map { $0["role"]?.string } == ["system", "user", "assistant", "user"])
        #expect(messages.first?["content"] == "Be kind.")
    }

    @Test(arguments: [
        FakeModelBehaviour.empty, .say(" \n "),
    ])
    func `always says something`(_ behaviour: FakeModelBehaviour) async throws {
        let server = FakeModelServer(clock: clock)
        server.prepare(behaviour)
        let parts = Collected<ReplyPart>()
        let reply = try await agent(server).reply(to: .make("hello")) { parts.add($0) }
        #expect(reply.text.contains("put it differently"))
        #expect(parts.all == [.text(reply.text)])
    }

    @Test(arguments: ["content-filter.sse", "refusal.sse", "length.sse"])
    func `says so when it may not or can't go on`(_ name: String) async throws {
        let fixture = try #require(ModelFixture.ours.first { $0.name == "chat/\(name)" })
        let reply = try await agent(CannedServer(fixture.bytes)).reply(to: .make("hello")) { _ in }
        let expected = [
            "content-filter.sse": "held the answer back", "refusal.sse": "I would rather not.",
            "length.sse": "Once upon a",
        ]
        #expect(reply.text.contains(expected[name] ?? "?"))
    }

    /// What goes wrong, and what it is called in the end.
    static let failures: [(FakeModelBehaviour, AgentError.Kind)] = [
        (.status(401), .auth), (.status(403), .auth), (.status(404, body: "model gone"), .modelNotFound),
        (.status(429), .rateLimit), (.status(500), .transient), (.status(503), .overloaded),
        (.status(529), .overloaded),
        (.status(400), .invalidRequest), (.status(413), .contextOverflow), (.truncate, .transient), (.cut, .transient),
        (.failInStream(afterText: true), .transient), (.failInStream(afterText: false), .transient),
        (.page, .invalidRequest), (.raw(contentType: "text/event-stream", ""), .transient),
        (.raw(contentType: "application/json", "{}"), .transient),
        (.raw(contentType: "image/png", "\u{89}PNG"), .transient),
    ]

    @Test(arguments: failures)
    func `names each failure and answers the next message`(
        _ behaviour: FakeModelBehaviour, _ kind: AgentError.Kind
    ) async throws {
        let server = FakeModelServer(clock: clock)
        server.prepare(behaviour, times: 10, matching: "first")
        let agent = agent(server, window: ContextWindow(total: 2048, output: 512))
        let error = await #expect(throws: AgentError.self) { try await agent.reply(to: .make("first try")) { _ in } }
        #expect(error?.kind == kind)
        let reply = try await agent.reply(to: .make("second")) { _ in }
        #expect(reply.text == "echo: second")
    }

    @Test func `forgets more when the conversation is too long for the model`() async throws {
        let overflow = HTTPResponse.failing(400, "maximum context length", code: "context_length_exceeded")
        let server = ScriptedServer([overflow, .answer("ok")])
        let history = (0..<200).flatMap { number in
            [
                ChatMessage(.user, "question \(number) " + String(repeating: "x", count: 300)),
                ChatMessage(.assistant, "yes"),
            ]
        }
        let reply = try await agent(server).reply(to: .make("and now?", history: history)) { _ in }
        #expect(reply.text == "ok")
        #expect(server.seen.count == 2)
        #expect((server.seen.last?.body.count ?? 0) < (server.seen.first?.body.count ?? 0))
    }

    @Test func `gives up when even the shortest is too long`() async {
        let server = ScriptedServer([.failing(400, "prompt is too long")])
        let error = await #expect(throws: AgentError.self) { try await agent(server).reply(to: .make("x")) { _ in } }
        #expect(error?.kind == .contextOverflow)
        #expect(server.seen.count <= 6)
    }
}

@Suite struct `an agent's prompt` {
    private func messages(
        _ turn: Turn, _ settings: AgentSettings = AgentSettings(name: "a", instructions: "I."), budget: Int = 10_000
    ) -> [ChatMessage] {
        AgentPrompt(settings).messages(for: turn, budget: budget)
    }

    private func lines(_ messages: [ChatMessage]) -> [String] { messages.map { "\($0.role): \($0.text)" } }

    @Test func `says role, goal and story`() {
        let settings = AgentSettings(name: "a", instructions: " I. ", role: "R", goal: "G", backstory: "B")
        #expect(AgentPrompt(settings).system == "I.\n\nYour role: R\n\nYour goal: G\n\nAbout you: B")
        #expect(AgentPrompt(AgentSettings(name: "ada")).system.contains("You are ada"))
        #expect(AgentPrompt(AgentSettings(name: "ada", displayName: "Ms Ada")).system == "Your name: Ms Ada")
    }

    @Test func `starts with a question and alternates`() {
        let history = [
            ChatMessage(.assistant, "orphan"), ChatMessage(.user, "one"), ChatMessage(.user, "two"),
            ChatMessage(.assistant, "a"), ChatMessage(.assistant, " "), ChatMessage(.assistant, "b"),
            ChatMessage(.user, ""),
        ]
        #expect(
            lines(messages(.make("now", history: history)))
                == ["system: I.", "user: one\n\ntwo", "assistant: a\n\nb", "user: now"])
    }

    @Test func `loses whole turns, the oldest first, and never the question`() {
        let history = (1...5).flatMap {
            [ChatMessage(.user, "question \($0)"), ChatMessage(.assistant, "answer \($0)")]
        }
        let turn = Turn.make("now", history: history)
        let all = messages(turn)
        #expect(all.count == 12)
        for budget in stride(from: 0, through: 200, by: 7) {
            let kept = messages(turn, budget: budget)
            #expect(kept.last?.text == "now")
            #expect(kept.dropFirst().first?.role == .user)
            #expect(kept.count.isMultiple(of: 2))
            #expect(Array(all.suffix(kept.count - 1)) == Array(kept.dropFirst()))
            #expect(kept.count == 2 || TokenEstimate.tokens(of: kept) <= budget)
        }
    }

    @Test func `keeps tool calls and their results together`() {
        let history = [
            ChatMessage(.user, "weather?"),
            ChatMessage(.assistant, "", toolCalls: [ToolCall(id: "c", name: "w", arguments: "{}")]),
            ChatMessage(.tool, "rain", toolCallID: "c"), ChatMessage(.assistant, "It rains."),
        ]
        #expect(
            messages(.make("ok", history: history)).map(\.role) == [
                .system, .user, .assistant, .tool, .assistant, .user,
            ])
        #expect(messages(.make("ok", history: history), budget: 40).map(\.role) == [.system, .user])
    }

    @Test func `lifts summaries to the head`() {
        let history = [
            ChatMessage(.system, "They spoke of maps."), ChatMessage(.user, "hi"), ChatMessage(.assistant, "hello"),
        ]
        #expect(messages(.make("now", history: history)).first?.text == "I.\n\nThey spoke of maps.")
    }

    @Test func `names attachments and times in words`() {
        let photo = Attachment(kind: .image, fileName: "photo.jpg")
        #expect(messages(.make("look", attachments: [photo])).last?.text == "[image: photo.jpg]\nlook")
        #expect(messages(.make("", attachments: [Attachment(kind: .voice)])).last?.text == "[voice]")
        #expect(messages(.make("")).last?.text == "(an empty message)")
        var turn = Turn.make("hi")
        turn.input[0].timestamp = Timestamp(microseconds: 1_795_356_300_000_000)
        #expect(messages(turn).last?.text == "[2026-11-22 14:05 UTC] hi")
    }

    @Test func `knows how much a model takes in`() {
        #expect(ContextWindow(model: "gpt-4o-mini").total == 128_000)
        #expect(ContextWindow(model: "openrouter/anthropic/claude-x").total == 200_000)
        #expect(ContextWindow(model: "who-knows").total == 8192)
        #expect(ContextWindow(model: "gpt-5-mini").output > ContextWindow(model: "gpt-4o").output)
        #expect(ContextWindow(model: "gpt-4-0613").total == 8192)
    }
}
