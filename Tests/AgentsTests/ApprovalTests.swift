import PraisonCore
import PraisonSimulation
import Testing

@testable import PraisonAgents

@Suite(.timeLimit(.minutes(1))) struct `a tool that needs somebody's word` {
    private let clock = VirtualClock()
    private let ran = Collected<String>()

    private func desk() -> ApprovalDesk {
        ApprovalDesk(cursors: nil, clock: clock, entropy: SeededEntropy(), logger: silent)
    }

    private func agent(
        _ model: ScriptedModel, _ rule: ToolApproval, _ approvals: (any Approvals)?, approvesItself: Bool = false
    ) -> ModelAgent {
        var settings = AgentSettings(name: "a")
        settings.approvesItself = approvesItself
        let tools = ["send", "look"].map { [ran] name in
            StubTool(name) { _ in
                ran.add(name)
                return "done"
            }
        }
        return ModelAgent(
            settings, model: model, tools: ToolBox(tools, access: ["send": ToolAccess(approval: rule)]),
            window: ContextWindow(total: 8192, output: 1024), approvals: approvals, clock: clock, logger: silent)
    }

    private func calling() -> ScriptedModel {
        ScriptedModel([
            .calling([("1", "send", #"{"text":"hi"}"#), ("2", "look", "{}")]), .saying("that is all"),
        ])
    }

    /// Answers the next question that is put.
    private func answer(_ desk: ApprovalDesk, _ decision: ApprovalDecision) -> SingleAnswer {
        let answer = SingleAnswer(desk: desk, decision: decision)
        desk.add(answer)
        return answer
    }

    /// Waits until the question is put and the other tool has run. That somebody sleeps does not say so: the other tool
    /// has a limit, too.
    private func asked(_ desk: ApprovalDesk) async {
        while await desk.pending.isEmpty || ran.all.isEmpty, !Task.isCancelled { await Task.yield() }
    }

    @Test func `runs when it is given, and other tools do not wait for it`() async throws {
        let (desk, model) = (desk(), calling())
        let asked = answer(desk, .allowed(by: "ada"))
        let reply = try await agent(model, ToolApproval(level: .always), desk).reply(to: .make("go")) { _ in }
        #expect(reply.text == "that is all")
        #expect(Set(ran.all) == ["send", "look"])
        #expect(asked.seen.all.map(\.tool) == ["send"])
        #expect(asked.seen.all.first?.arguments == #"{"text":"hi"}"#)
        #expect(model.requests.last?.messages.suffix(2).map(\.text) == ["done", "done"])
    }

    @Test(arguments: [
        (ApprovalDecision.denied(by: "ada", reason: nil), "permission to use send was denied; do not ask for it again"),
        (.denied(by: "ada", reason: "not <tool_result> now"), "denied: not <\\tool_result> now;"),
        (.expired, "nobody gave permission to use send within 300 s"),
    ])
    func `does not run when it is denied, and the model is told why`(_ decision: ApprovalDecision, _ words: String)
        async throws
    {
        let (desk, model) = (desk(), calling())
        _ = answer(desk, decision)
        let reply = try await agent(model, ToolApproval(level: .always), desk).reply(to: .make("go")) { _ in }
        #expect(reply.text == "that is all")
        #expect(ran.all == ["look"])
        let results = try #require(model.requests.last?.messages.suffix(2))
        #expect(results.map(\.toolCallID) == ["1", "2"])
        #expect(results.first?.isError == true)
        #expect(results.first?.text.contains(words) == true)
    }

    @Test func `does not run when time is up`() async throws {
        let (desk, model) = (desk(), calling())
        let agent = agent(model, ToolApproval(level: .always, timeout: .seconds(60)), desk)
        async let reply = agent.reply(to: .make("go")) { _ in }
        await asked(desk)
        while await !desk.pending.isEmpty, !Task.isCancelled { clock.advance(by: .seconds(60)) }
        #expect(try await reply.text == "that is all")
        #expect(ran.all == ["look"])
        #expect(model.requests.last?.messages.suffix(2).first?.text.contains("within 60 s") == true)
    }

    @Test func `is not asked for any more when the turn is stopped`() async throws {
        let (desk, model) = (desk(), calling())
        let watcher = SingleAnswer(desk: desk, decision: nil)
        desk.add(watcher)
        let work = Task { try await agent(model, ToolApproval(level: .always), desk).reply(to: .make("go")) { _ in } }
        await asked(desk)
        #expect(await desk.pending.count == 1)
        work.cancel()
        await #expect(throws: CancellationError.self) { try await work.value }
        #expect(await desk.pending.isEmpty)
        #expect(watcher.withdrawn.all == [nil])
        #expect(!ran.all.contains("send"))
    }

    @Test(arguments: [
        (ToolApproval.Level.never, Routing.Binding.Trust.untrusted, false), (.untrusted, .untrusted, true),
        (.untrusted, .standard, false), (.standard, .untrusted, true), (.standard, .standard, true),
        (.standard, .trusted, false), (.always, .trusted, true),
    ])
    func `waits for it by the trust of whoever uses it`(
        _ level: ToolApproval.Level, _ trust: Routing.Binding.Trust, _ isAsked: Bool
    ) async throws {
        let (desk, model) = (desk(), calling())
        let asked = answer(desk, .allowed(by: "ada"))
        var turn = Turn.make("go")
        turn.trust = trust
        _ = try await agent(model, ToolApproval(level: level), desk).reply(to: turn) { _ in }
        #expect(asked.seen.all.isEmpty != isAsked)
        #expect(ran.all.contains("send"))
        if isAsked { #expect(asked.seen.all.first?.trust == trust) }
    }

    @Test func `does not wait for people who are exempt, nor for an agent that approves itself`() async throws {
        for (exempt, approvesItself) in [(["7"], false), (["test/7"], false), ([], true)] as [(Set<String>, Bool)] {
            let rule = ToolApproval(level: .always, exempt: exempt)
            let reply = try await agent(calling(), rule, nil, approvesItself: approvesItself).reply(to: .make("go")) {
                _ in
            }
            #expect(reply.text == "that is all")
        }
        #expect(ran.all.filter { $0 == "send" }.count == 3)
    }

    @Test func `never runs where nobody can be asked`() async throws {
        let model = calling()
        _ = try await agent(model, ToolApproval(level: .always), nil).reply(to: .make("go")) { _ in }
        #expect(ran.all == ["look"])
        #expect(model.requests.last?.messages.suffix(2).first?.text.contains("nobody can be asked") == true)
    }

    @Test func `is not asked for when its arguments can't be read`() async throws {
        let desk = desk()
        let asked = answer(desk, .allowed(by: "ada"))
        let model = ScriptedModel([.calling([("1", "send", "{")]), .saying("sorry")])
        _ = try await agent(model, ToolApproval(level: .always), desk).reply(to: .make("go")) { _ in }
        #expect(asked.seen.all.isEmpty)
    }
}

/// Answers each question at once.
struct SingleAnswer: ApprovalPresenter {
    let desk: ApprovalDesk
    /// `nil` for no answer at all.
    let decision: ApprovalDecision?
    let seen = Collected<ApprovalRequest>()
    let withdrawn = Collected<ApprovalDecision?>()

    func present(_ request: ApprovalRequest) async {
        seen.add(request)
        if let decision { _ = await desk.resolve(request.id, decision) }
    }

    func withdraw(_ request: ApprovalRequest, _ decision: ApprovalDecision?) async { withdrawn.add(decision) }
}
