import PraisonCore
import PraisonGateway
import PraisonSimulation
import Testing

@Suite(.timeLimit(.minutes(2))) struct `asking in a chat whether a tool may run` {
    private static let call = ToolCall(id: "1", name: "send", arguments: "{\"text\":\n\"*hi*\"}")

    /// A hub with an agent that asks before it answers, and says what came of it.
    private func withHub(
        owner: SenderID? = "ada", approvals settings: ApprovalSettings = ApprovalSettings(),
        adapter: @escaping (FakePlatform) -> any ChannelAdapter = PlainAdapter.init, on scene: Scene? = nil,
        _ body: @escaping @Sendable (Gateway, MortalJournal, ApprovalDesk, Scene) async throws -> Void
    ) async throws {
        let scene = try scene ?? Scene()
        let desk = ApprovalDesk(
            cursors: scene.store, clock: scene.clock, entropy: SeededEntropy(), logger: Scene.silent)
        let agent = FakeAgent { turn, _ in
            let decision = try await desk.decision(on: Self.call, by: "echo", during: turn, within: .seconds(300))
            return Reply(text: decision.isAllowed ? "done" : "not done")
        }
        var channel = ChannelSettings.make(
            access: AccessSettings(owner: owner, groupPolicy: .respondAll, unknownUserPolicy: .allow))
        channel.approvals = settings
        try await scene.withHub(
            channels: [channel], agents: [agent], adapter: adapter, approvals: desk
        ) { hub, journal in try await body(hub, journal, desk, scene) }
    }

    private static func short(_ text: String?) -> String {
        let words = (text ?? "").split(whereSeparator: \.isWhitespace).map(String.init)
        return words.firstIndex(of: "/approve").map { words[$0 + 1] } ?? "none"
    }

    @Test func `is answered while the turn waits, and the turn goes on`() async throws {
        try await withHub { hub, journal, _, scene in
            try await hub.accept([.said("go", 1)])
            let question = try await scene.stage.texts(1)[0]
            #expect(
                question.hasPrefix(
                    #"echo wants to run send with {"text": "*hi*"}, on behalf of Ada (ada) in house/42"#))
            #expect(question.hasSuffix("Without an answer within 5 min it does not."))
            try await hub.accept([.said("/approve \(Self.short(question))", 2)])
            #expect(try await journal.settled("house/1").status == .answered)
            try await journal.isQuiet()
            #expect(scene.stage.texts.dropFirst().sorted() == ["Approved: send.", "done"])
        }
    }

    @Test(arguments: ["/deny", "/deny SHORT not today", "/deny not today", "/approve", "/Approve SHORT"])
    func `is answered by text`(_ words: String) async throws {
        try await withHub { hub, journal, desk, scene in
            try await hub.accept([.said("go", 1)])
            let short = Self.short(try await scene.stage.texts(1)[0])
            try await hub.accept([.said(words.split(separator: "SHORT").joined(separator: short), 2)])
            _ = try await journal.settled("house/1")
            try await journal.isQuiet()
            let isDenied = words.hasPrefix("/deny")
            #expect(scene.stage.texts.contains(isDenied ? "not done" : "done"))
            #expect(await desk.pending.isEmpty)
        }
    }

    @Test(arguments: ["/approve nonsense", "/approve 4f3e2d", "/deny 4f3e2d", "/approve 4f3e2d always"])
    func `is not answered by what was meant for another question`(_ words: String) async throws {
        try await withHub { hub, journal, desk, scene in
            try await hub.accept([.said("go", 1)])
            try await scene.stage.texts(1)
            try await hub.accept([.said(words, 2)])
            #expect(try await journal.settled("house/2").status == .command)
            #expect(await desk.pending.count == 1)
        }
    }

    @Test func `is answered by a button, which shows what came of it and goes`() async throws {
        try await withHub(adapter: WideEditingAdapter.init) { hub, journal, desk, scene in
            try await hub.accept([.said("go", 1)])
            try await scene.stage.texts(1)
            let buttons = try #require(scene.stage.shown[0].buttons)
            #expect(buttons.map(\.label) == ["Approve", "Deny"])
            #expect(buttons.allSatisfy { $0.data.utf8.count <= 64 })
            try await hub.accept([.said(buttons[0].data, 2, kind: .callback, of: 1)])
            _ = try await journal.settled("house/1")
            try await journal.isQuiet()
            #expect(scene.stage.texts.count == 2)
            #expect(scene.stage.texts[0].hasSuffix("\n\nApproved by Ada (ada)."))
            #expect(scene.stage.shown[0].buttons == [])
            #expect(scene.stage.texts[1] == "done")
            // Pressed once more, on a message somebody still sees.
            try await hub.accept([.said(buttons[1].data, 3, kind: .callback, of: 1)])
            try await journal.isQuiet()
            #expect(scene.stage.texts.last == "Nothing waits for your answer; perhaps it came too late.")
        }
    }

    @Test func `is put to the owner where whoever asks may not answer`() async throws {
        try await withHub { hub, journal, desk, scene in
            try await hub.accept([.said("go", 1, chat: "7", sender: "eve")])
            try await scene.stage.texts(2)
            #expect(scene.stage.shown.map(\.conversation.id) == ["ada", "7"])
            #expect(scene.stage.texts[1] == "I need permission to use send, and have asked for it.")
            let short = Self.short(scene.stage.texts[0])
            try await hub.accept([.said("/approve \(short)", 2, chat: "7", sender: "eve")])
            #expect(try await journal.settled("house/2").status == .command)
            #expect(await desk.pending.count == 1)
            try await hub.accept([.said("/deny \(short) never", 3, chat: "ada")])
            #expect(try await journal.settled("house/1").status == .answered)
            try await journal.isQuiet()
            #expect(scene.stage.texts.contains("not done") && !scene.stage.texts.contains("done"))
        }
    }

    @Test func `finds the owner where they wrote from, also after a restart`() async throws {
        let scene = try Scene()
        try await withHub(on: scene) { hub, journal, _, _ in
            try await hub.accept([.said("/whoami", 1, chat: "900")])
            try await journal.isQuiet()
        }
        try await withHub(on: scene) { hub, _, desk, scene in
            try await hub.accept([.said("go", 2, chat: "7", sender: "eve")])
            try await scene.stage.texts(3)
            #expect(scene.stage.shown.dropFirst().map(\.conversation.id) == ["900", "7"])
        }
    }

    @Test(arguments: [
        (ApprovalSettings(everybodyForThemselves: true), true), (ApprovalSettings(approvers: ["eve"]), true),
        (ApprovalSettings(approvers: ["house/eve"]), true), (ApprovalSettings(approvers: ["work/eve"]), false),
        (ApprovalSettings(), false),
    ])
    func `is put to whoever asks where the settings let them answer`(_ settings: ApprovalSettings, _ mayAnswer: Bool)
        async throws
    {
        try await withHub(owner: nil, approvals: settings) { hub, journal, desk, scene in
            try await hub.accept([.said("go", 1, sender: "eve")])
            let words = try await scene.stage.texts(1)[0]
            #expect(words.contains("/approve") == mayAnswer)
            if !mayAnswer { #expect(words.hasSuffix("Whoever runs this bot can give it on its control plane.")) }
            try await hub.accept([.said("/approve", 2, sender: "eve")])
            #expect(try await journal.settled("house/2").status == .command)
            #expect(await desk.pending.isEmpty == mayAnswer)
        }
    }

    @Test func `is not done where it is to be asked on the control plane alone`() async throws {
        try await withHub(approvals: ApprovalSettings(asksInChat: false)) { hub, journal, desk, scene in
            desk.add(Console(desk: desk))
            try await hub.accept([.said("go", 1)])
            #expect(try await journal.settled("house/1").status == .answered)
            try await journal.isQuiet()
            #expect(scene.stage.texts == ["done"])
        }
    }

    @Test func `ends without an answer when time is up, and when the turn is stopped`() async throws {
        try await withHub(adapter: WideEditingAdapter.init) { hub, journal, desk, scene in
            try await hub.accept([.said("go", 1)])
            try await scene.stage.texts(1)
            try await hub.accept([.said("/stop", 2)])
            #expect(try await journal.settled("house/1").status == .stopped)
            #expect(await desk.pending.isEmpty)
            try await hub.accept([.said("go", 3)])
            try await scene.stage.texts(3)
            await scene.clock.nextSleeper()
            scene.clock.advance(by: .seconds(301))
            #expect(try await journal.settled("house/3").status == .answered)
            try await journal.isQuiet()
            #expect(scene.stage.texts[0].hasSuffix("The turn was stopped; there is nothing to answer any more."))
            #expect(scene.stage.texts.contains("not done"))
            #expect(scene.stage.texts.contains { $0.hasSuffix("Nobody answered in time, so it does not.") })
        }
    }

    @Test func `asks anew after a crash, and takes no answer to what was asked before`() async throws {
        let scene = try Scene()
        try await withHub(on: scene) { hub, journal, _, scene in
            try await hub.accept([.said("go", 1)])
            try await scene.stage.texts(1)
            journal.kill()
        }
        try await withHub(on: scene) { hub, journal, desk, scene in
            try await scene.stage.texts(2)
            let pending = try #require(await desk.pending.first)
            try await hub.accept([.said("/approve ffffffff-none", 2, kind: .callback)])
            #expect(try await journal.settled("house/2").status == .command)
            #expect(await desk.pending.count == 1)
            try await hub.accept([.said("/approve \(pending.id)", 3, kind: .callback)])
            #expect(try await journal.settled("house/1").status == .answered)
            try await journal.isQuiet()
            #expect(scene.stage.texts.contains("done"))
        }
    }

    @Test func `says which are open where several are, and never answers the wrong one`() async throws {
        try await withHub { hub, journal, desk, scene in
            try await hub.accept([.said("go", 1), .said("go", 2, chat: "43")])
            try await scene.stage.texts(2)
            try await hub.accept([.said("/approve", 3)])
            #expect(try await journal.settled("house/3").status == .command)
            let list = try await scene.stage.texts(3)[2]
            #expect(list.hasPrefix("Please say which:\n/approve ") && list.split(separator: "\n").count == 3)
            #expect(await desk.pending.count == 2)
        }
    }

    @Test func `is done once and for all only by those who run the bot`() async throws {
        try await withHub(approvals: ApprovalSettings(approvers: ["eve"])) { hub, journal, desk, scene in
            try await hub.accept([.said("go", 1, sender: "eve")])
            try await scene.stage.texts(1)
            try await hub.accept([.said("/approve always", 2, sender: "eve")])
            _ = try await journal.settled("house/1")
            #expect(try await desk.allowList.all().isEmpty)
            try await hub.accept([.said("go", 3)])
            try await scene.stage.texts(4)
            try await hub.accept([.said("/approve always", 4)])
            _ = try await journal.settled("house/3")
            try await journal.isQuiet()
            #expect(try await desk.allowList.all().map(\.tool) == ["send"])
            let count = scene.stage.texts.count
            try await hub.accept([.said("go", 5)])
            _ = try await journal.settled("house/5")
            try await journal.isQuiet()
            #expect(scene.stage.texts.count == count + 1 && scene.stage.texts.last == "done")
        }
    }
}

/// Somebody at the control plane who says yes to everything.
private struct Console: ApprovalPresenter {
    let desk: ApprovalDesk

    func present(_ request: ApprovalRequest) async { _ = await desk.resolve(request.id, .allowed(by: "console")) }
    func withdraw(_ request: ApprovalRequest, _ decision: ApprovalDecision?) async {}
}
