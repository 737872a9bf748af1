import PraisonCore
import PraisonGateway
import PraisonSimulation
import Testing

@Suite(.timeLimit(.minutes(2))) struct `a busy conversation` {
    private let here = Conversation(channel: "house", id: "42", scope: .dm)

    /// Runs a hub whose agent is held up by a gate.
    private func withGate(
        _ channel: ChannelSettings = .make(),
        adapter: @escaping (FakePlatform) -> any ChannelAdapter = PlainAdapter.init,
        _ body: @escaping @Sendable (Gateway, MortalJournal, Gate, Scene) async throws -> Void
    ) async throws {
        let scene = try Scene()
        let gate = Gate()
        try await scene.withHub(channels: [channel], agents: [gate.agent()], adapter: adapter) { hub, journal in
            try await body(hub, journal, gate, scene)
        }
    }

    @Test func `is stopped by a command that overtakes, with what waits behind`() async throws {
        try await withGate { hub, journal, gate, scene in
            try await hub.accept([.said("one", 1)])
            await gate.turns(1)
            try await hub.accept([.said("two", 2), .said("/stop", 3), .said("three", 4)])
            #expect(try await journal.settled("house/3").status == .command)
            #expect(try await journal.settled("house/1").status == .stopped)
            #expect(try await journal.settled("house/2").reason == "dropped before its turn")
            gate.open()
            #expect(try await journal.settled("house/4").status == .answered)
            try await journal.isQuiet()
            #expect(scene.stage.texts == ["Stopped. 1 waiting message was dropped.", "three"])
        }
    }

    @Test func `says so when there is nothing to stop`() async throws {
        try await withGate { hub, _, _, scene in
            try await hub.accept([.said("/stop", 1)])
            #expect(try await scene.stage.texts(1) == ["Nothing is running."])
        }
    }

    @Test func `is stopped from outside as well`() async throws {
        try await withGate { [here] hub, journal, gate, _ in
            try await hub.accept([.said("one", 1), .said("two", 2), .said("three", 3)])
            await gate.turns(1)
            #expect(
                await hub.stop(here, includingQueued: false)
                    == StoppedTurns(turnAborted: true, pendingCancelled: 0, events: ["house/1"]))
            await gate.turns(2)
            #expect(
                await hub.stop(here, includingQueued: true)
                    == StoppedTurns(turnAborted: true, pendingCancelled: 1, events: ["house/2", "house/3"]))
            for number in 1...3 { #expect(try await journal.settled(EventID("house/\(number)")).status == .stopped) }
        }
    }

    /// A process that was killed in its first turn; then the next one.
    private func inSecondLife(
        after events: [GatewayEvent] = [.said("one", 1), .said("two", 2)],
        _ body: @escaping @Sendable (Gateway, MortalJournal, Gate, Scene) async throws -> Void
    ) async throws {
        let scene = try Scene()
        let gate = Gate()
        try await scene.withHub(agents: [gate.agent()]) { hub, journal in
            try await hub.accept(events)
            await gate.turns(1)
            journal.kill()
        }
        try await scene.withHub(agents: [gate.agent()]) { hub, journal in try await body(hub, journal, gate, scene) }
    }

    @Test func `stops a turn that an earlier process had begun`() async throws {
        try await inSecondLife { [here] hub, journal, gate, scene in
            await gate.turns(2)
            #expect(
                await hub.stop(here, includingQueued: false)
                    == StoppedTurns(turnAborted: true, pendingCancelled: 0, events: ["house/1"]))
            await gate.turns(3)
            gate.open()
            try await journal.isQuiet()
            #expect(scene.stage.texts == ["two"])
        }
    }

    @Test func `is not answered anew to a program that waited for an earlier process`() async throws {
        let said = GatewayEvent.said("one", 1)
        var message = try #require(said.message)
        message.caller = CallerContext(input: [ChatMessage(.user, "one")])
        let question = GatewayEvent(message: message, id: said.id, timestamp: said.timestamp)
        try await inSecondLife(after: [question]) { hub, journal, gate, _ in
            try await journal.isQuiet()
            #expect(try await hub.outcome(of: question.id)?.status == .stopped)
            #expect(gate.turns.count == 1)
        }
    }

    @Test func `drops what an earlier process had taken`() async throws {
        try await inSecondLife { [here] hub, journal, gate, scene in
            await gate.turns(2)
            #expect(try await hub.unanswered(in: here, limit: 10).map(\.id) == ["house/1", "house/2"])
            #expect(
                await hub.stop(here, includingQueued: true)
                    == StoppedTurns(turnAborted: true, pendingCancelled: 1, events: ["house/1", "house/2"]))
            gate.open()
            try await journal.isQuiet()
            #expect(scene.stage.texts.isEmpty)
            #expect(try await hub.outcome(of: "house/2")?.status == .stopped)
        }
    }

    @Test func `is stopped by a command although an earlier process began it`() async throws {
        try await inSecondLife { hub, journal, gate, scene in
            await gate.turns(2)
            try await hub.accept([.said("/stop", 3)])
            #expect(try await journal.settled("house/2").status == .stopped)
            gate.open()
            try await journal.isQuiet()
            #expect(scene.stage.texts == ["Stopped. 1 waiting message was dropped."])
        }
    }

    @Test func `tells how it fares while an answer is being written`() async throws {
        try await withGate(.make(access: AccessSettings(owner: "ada", groupPolicy: .respondAll))) {
            hub, journal, gate, scene in
            try await hub.accept([.said("one", 1)])
            await gate.turns(1)
            try await hub.accept([.said("two", 2), .said("/status", 3)])
            let text = try #require(try await scene.stage.texts(1).first)
            #expect(
                text == "The gateway is running.\nAn answer is being written here, 1 more waiting.\nhouse: receiving")
        }
    }

    @Test func `starts afresh in its turn, after what was said before`() async throws {
        try await withGate { hub, journal, gate, scene in
            try await hub.accept([.said("one", 1)])
            await gate.turns(1)
            try await hub.accept([.said("two", 2), .said("/new", 3), .said("three", 4)])
            gate.open()
            try await journal.isQuiet()
            #expect(gate.turns.map(\.history.count) == [0, 2, 0])
            #expect(scene.stage.texts[2].hasPrefix("A fresh start."))
        }
    }

    @Test func `merges what waits when asked to, each message with its one outcome`() async throws {
        try await withGate(.make(busy: .merge)) { hub, journal, gate, scene in
            try await hub.accept([.said("one", 1)])
            await gate.turns(1)
            try await hub.accept([.said("two", 2), .said("three", 3), .said("/new", 4), .said("four", 5)])
            gate.open()
            try await journal.isQuiet()
            #expect(scene.stage.texts.filter { !$0.hasPrefix("A fresh") } == ["one", "two|three", "four"])
            for number in [1, 2, 3, 5] {
                #expect(try await journal.settled(EventID("house/\(number)")).status == .answered)
            }
        }
    }

    @Test func `never answers a stranger's words with a trusted person's rights`() async throws {
        let access = AccessSettings(owner: "ada", groupPolicy: .respondAll, unknownUserPolicy: .allow)
        try await withGate(.make(access: access, busy: .merge)) { hub, journal, gate, _ in
            try await hub.accept([.said("one", 1, scope: .group)])
            await gate.turns(1)
            try await hub.accept([
                .said("do it", 2, scope: .group), .said("and that", 3, sender: "eve", scope: .group),
            ])
            gate.open()
            try await journal.isQuiet()
            #expect(gate.turns.map(\.trust) == [.trusted, .trusted, .untrusted])
        }
    }

    @Test func `is interrupted when asked to, and remembers what was asked`() async throws {
        try await withGate(.make(busy: .interrupt)) { hub, journal, gate, scene in
            try await hub.accept([.said("one", 1)])
            await gate.turns(1)
            try await hub.accept([.said("two", 2)])
            #expect(try await journal.settled("house/1").status == .stopped)
            await gate.turns(2)
            gate.open()
            #expect(try await journal.settled("house/2").status == .answered)
            #expect(try await scene.stage.texts(1) == ["two"])
            #expect(gate.turns.last?.history.map(\.text) == ["one"])
        }
    }

    @Test func `remembers what was asked in a turn that is stopped before it begins`() async throws {
        let scene = try Scene()
        let gate = Gate()
        let there = Conversation(channel: "house", id: "43", scope: .dm)
        try await scene.withHub(
            channels: [.make(busy: .interrupt)], server: ServerSettings(maxConcurrentRuns: 1), agents: [gate.agent()]
        ) { hub, journal in
            try await hub.accept([.said("the only slot", 1)])
            await gate.turns(1)
            try await hub.accept([.said("two", 2, chat: "43")])
            while await !hub.stop(there, includingQueued: false).turnAborted { await Task.yield() }
            try await hub.accept([.said("three", 3, chat: "43")])
            gate.open()
            #expect(try await journal.settled("house/2").status == .stopped)
            #expect(try await journal.settled("house/3").status == .answered)
            #expect(gate.turns.map { $0.input.map(\.text) } == [["the only slot"], ["three"]])
            #expect(gate.turns.last?.history.map(\.text) == ["two"])
        }
    }

    @Test func `takes an edit for the message that still waits`() async throws {
        try await withGate { hub, journal, gate, scene in
            try await hub.accept([.said("one", 1)])
            await gate.turns(1)
            try await hub.accept([
                .said("tow", 2), .said("two", 3, kind: .edit, of: 2), .said("two!", 4, kind: .edit, of: 2),
                .said("not yours", 5, sender: "eve", kind: .edit, of: 2),
            ])
            gate.open()
            try await journal.isQuiet()
            #expect(scene.stage.texts == ["one", "two!"])
            let outcomes = try await [
                journal.settled("house/2"), journal.settled("house/3"), journal.settled("house/4"),
                journal.settled("house/5"),
            ]
            #expect(outcomes.map(\.status) == [.answered, .ignored, .answered, .ignored])
        }
    }

    @Test func `does not answer what was deleted`() async throws {
        try await withGate { hub, journal, gate, scene in
            try await hub.accept([.said("one", 1)])
            await gate.turns(1)
            try await hub.accept([
                .said("two", 2), .said("", 3, kind: .delete, of: 2), .said("", 4, kind: .delete, of: 1),
            ])
            #expect(try await journal.settled("house/2").reason == "deleted before it was answered")
            #expect(try await journal.settled("house/1").status == .stopped)
            try await journal.isQuiet()
            #expect(scene.stage.texts.isEmpty)
        }
    }

    @Test func `answers an album once, whichever part calls the bot`() async throws {
        let scene = try Scene()
        let gate = Gate()
        gate.open()
        let channel = ChannelSettings.make(access: AccessSettings(unknownUserPolicy: .allow))
        try await scene.withHub(channels: [channel], agents: [gate.agent()]) { hub, journal in
            try await hub.accept([
                .said("", 1, scope: .group, album: "x", attachments: [.init(kind: .image, reference: "a")]),
                .said(
                    "look", 2, scope: .group, album: "x", mentionsBot: true,
                    attachments: [.init(kind: .image, reference: "b")]),
                .said("", 3, scope: .group, album: "x", attachments: [.init(kind: .image, reference: "c")]),
                .said("", 4, scope: .group, album: "y", attachments: [.init(kind: .image, reference: "d")]),
            ])
            try await scene.passingTime { try await journal.isQuiet() }
            #expect(scene.stage.texts.map { $0.prefix { $0 != "\n" } } == ["look"])
            #expect(gate.turns.first?.input.first?.attachments.map(\.reference) == ["a", "b", "c"])
            for number in 1...3 { #expect(try await journal.settled(EventID("house/\(number)")).status == .answered) }
            #expect(try await journal.settled("house/4").status == .ignored)
        }
    }

    @Test func `keeps its place in memory whatever floods it, and others go on`() async throws {
        let scene = try Scene()
        let gate = Gate()
        let agent = FakeAgent { turn, _ in
            if turn.conversation.id == "42" { try await gate.pass(turn) }
            return Reply(text: turn.input.map(\.text).joined(separator: "|"))
        }
        try await scene.withHub(agents: [agent]) { hub, journal in
            for start in stride(from: 1, through: 600, by: 100) {
                try await hub.accept((start..<start + 100).map { .said("\($0)", $0) })
            }
            try await hub.accept([.said("other", 9999, chat: "43")])
            #expect(try await scene.stage.texts(1) == ["other"])
            let status = await hub.status()
            #expect(status.turnsRunning == 1 && status.turnsQueued == 599)
            gate.open()
            // Not by asking the journal after each of them.
            try await scene.stage.texts(601)
            try await journal.isQuiet()
            #expect(scene.stage.texts.dropFirst() == (1...600).map(String.init)[...])
        }
    }

    @Test func `drops a flood on command, wherever it waits`() async throws {
        try await withGate { [here] hub, journal, gate, scene in
            try await hub.accept((1...500).map { .said("\($0)", $0) })
            await gate.turns(1)
            try await hub.accept([.said("/stop", 501)])
            _ = try await journal.settled("house/501")
            try await hub.accept([.said("later", 502)])
            gate.open()
            try await journal.isQuiet()
            #expect(scene.stage.texts == ["Stopped. 499 waiting messages were dropped.", "later"])
            #expect(await !hub.isBusy(here))
        }
    }

    @Test func `leaves a flooded channel's neighbours alone`() async throws {
        let scene = try Scene()
        let gate = Gate()
        let agent = FakeAgent { turn, _ in
            if turn.conversation.channel == "house" { try await gate.pass(turn) }
            return Reply(text: turn.input.map(\.text).joined(separator: "|"))
        }
        let channels = [ChannelSettings.make("house"), .make("garden", routing: Routing(fallback: "other"))]
        let server = ServerSettings(maxConcurrentRuns: 4)
        let other = FakeAgent("other") { turn, _ in Reply(text: turn.input.map(\.text).joined(separator: "|")) }
        try await scene.withHub(channels: channels, server: server, agents: [agent, other]) { hub, journal in
            for start in stride(from: 1, through: 1200, by: 200) {
                try await hub.accept((start..<start + 200).map { .said("\($0)", $0, chat: Conversation.ID("c\($0)")) })
            }
            try await hub.accept([.said("hello", 1, channel: "garden")])
            #expect(try await scene.stage.texts(1) == ["hello"])
            #expect(await hub.status().turnsRunning <= 4)
            gate.open()
            try await journal.isQuiet()
            #expect(scene.stage.texts.count == 1201 && Set(scene.stage.texts).count == 1201)
        }
    }
}
