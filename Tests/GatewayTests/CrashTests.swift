import PraisonCore
import PraisonGateway
import PraisonSimulation
import PraisonStore
import Testing

/// What the hub promises over crashes: each message has one outcome, replies come in order, and what people may have
/// read before is marked.
struct Audit {
    static let mark = "(this may be a repeat) "

    /// The replies of one conversation as people read them: each once, or again and then marked, in order.
    ///
    /// - Parameter expected: what was said there, in order; the agents repeat it.
    static func replies(_ shown: [String], to expected: [String]) -> String? {
        var position = -1
        for text in shown {
            let isMarked = text.hasPrefix(mark)
            let plain = isMarked ? String(text.dropFirst(mark.count)) : text
            guard let place = expected.firstIndex(of: plain) else { return "nobody said \(text)" }
            if place == position + 1 {
                position = place
            } else if place != position || !isMarked {
                return "after \(position): \(text) in \(shown)"
            }
        }
        return position == expected.count - 1 ? nil : "\(expected.count - 1 - position) missing in \(shown)"
    }
}

@Suite(.timeLimit(.minutes(5))) struct `a hub that is killed` {
    /// One process after the other on the same journal; the platform delivers until it is told that an event arrived.
    private func live(
        _ scene: Scene, _ events: [GatewayEvent], deaths: [MortalJournal.Death?],
        adapter: @escaping (FakePlatform) -> any ChannelAdapter = PlainAdapter.init, busy: BusyPolicy = .queue
    ) async throws -> Int {
        var calls = 0
        for death in deaths {
            calls = try await scene.withHub(
                channels: [.make(busy: busy)], adapter: adapter, death: death
            ) { hub, journal in
                try await scene.passingTime {
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        // Never told that they arrived when the process dies: then the next one gets them again.
                        group.addTask { for event in events { _ = try? await hub.accept([event]) } }
                        try await journal.allSettled(events)
                        group.cancelAll()
                    }
                    return journal.calls
                }
            }
        }
        return calls
    }

    private static let said = [
        GatewayEvent.said("one", 1), .said("two", 2), .said("other", 3, chat: "43"), .said("/whoami", 4, chat: "44"),
        .said("three", 5),
    ]

    @Test(arguments: ["plain", "reconciling", "idempotent"])
    func `at any step loses nothing, and repeats nothing unmarked`(_ kind: String) async throws {
        let adapter: @Sendable (FakePlatform) -> any ChannelAdapter =
            switch kind {
            case "reconciling": { ReconcilingAdapter($0) }
            case "idempotent": { IdempotentAdapter($0) }
            default: { PlainAdapter($0) }
            }
        let steps = try await live(Scene(), Self.said, deaths: [nil], adapter: adapter)
        #expect(steps > 20)
        for call in 1...steps {
            for isAfterwards in [false, true] {
                let scene = try Scene()
                _ = try await live(
                    scene, Self.said, deaths: [.init(call: call, isAfterwards: isAfterwards), nil], adapter: adapter)
                let house = scene.stage.shown.filter { $0.conversation.id == "42" }.map(\.text)
                let other = scene.stage.shown.filter { $0.conversation.id == "43" }.map(\.text)
                #expect(Audit.replies(house, to: ["one", "two", "three"]) == nil, "step \(call), \(isAfterwards)")
                #expect(Audit.replies(other, to: ["other"]) == nil, "step \(call), \(isAfterwards)")
                if kind != "plain" { #expect(scene.stage.shown.count == 5, "step \(call), \(isAfterwards)") }
                for event in Self.said { #expect(try await scene.store.outcome(of: event.id) != nil) }
            }
        }
    }

    @Test func `while running the same message again and again puts it aside, and nothing else`() async throws {
        let scene = try Scene()
        let gate = Gate()
        let agent = FakeAgent { turn, _ in
            if turn.input.first?.text == "poison" { try await gate.pass(turn) }
            return Reply(text: turn.input.map(\.text).joined(separator: "|"))
        }
        try await scene.withHub(agents: [agent]) { hub, journal in
            try await hub.accept([.said("poison", 1), .said("after", 2), .said("other", 3, chat: "43")])
            await gate.turns(1)
            try await scene.stage.text("other")
            try await journal.allSent()
            journal.kill()
        }
        for start in 2...8 {
            try await scene.withHub(agents: [agent]) { _, journal in
                try await scene.passingTime { await gate.turns(start) }
                journal.kill()
            }
        }
        try await scene.withHub(agents: [agent]) { _, journal in
            try await scene.passingTime {
                #expect(try await journal.settled("house/1").status == .quarantined)
                #expect(try await journal.settled("house/2").status == .answered)
                try await journal.isQuiet()
            }
        }
        #expect(scene.stage.texts.count == 3 && scene.stage.texts.last == "after")
    }

    @Test func `holds it against no message when it never lives for long`() async throws {
        let scene = try Scene()
        let gate = Gate()
        for start in 1...30 {
            try await scene.withHub(agents: [gate.agent()]) { hub, journal in
                if start == 1 { try await hub.accept([.said("unlucky", 1)]) }
                if start <= 3 {
                    await gate.turns(start)
                } else {
                    // From now on it waits for the process to have lived for a second.
                    await scene.clock.nextSleeper()
                }
                journal.kill()
            }
        }
        gate.open()
        try await scene.withHub(agents: [gate.agent()]) { _, journal in
            try await scene.passingTime { try await journal.isQuiet() }
        }
        #expect(scene.stage.texts == ["unlucky"])
    }

    @Test func `stops at once while a suspect waits for its turn`() async throws {
        let scene = try Scene()
        let gate = Gate()
        for start in 1...3 {
            try await scene.withHub(agents: [gate.agent()]) { hub, journal in
                if start == 1 { try await hub.accept([.said("unlucky", 1)]) }
                await gate.turns(start)
                journal.kill()
            }
        }
        let hub = Gateway(
            GatewayConfiguration(agents: [AgentSettings(name: "echo")], channels: [.make()]), agents: [gate.agent()],
            descriptions: [AgentDescription(name: "echo", model: "fake/fake")], adapters: [], journal: scene.store,
            surroundings: scene.surroundings)
        hub.attach(PlainAdapter(scene.stage), as: "house")
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await hub.run() }
            await scene.clock.nextSleeper()
            hub.shutdown()
            try await group.next()
        }
        #expect(scene.clock.uptime == .zero)
        #expect(try await scene.store.outcome(of: "house/1") == nil)
    }

    @Test func `takes up what waited before what came later`() async throws {
        let scene = try Scene()
        let gate = Gate()
        try await scene.withHub(agents: [gate.agent()]) { hub, journal in
            try await hub.accept((1...300).map { .said("\($0)", $0) })
            await gate.turns(1)
            journal.kill()
        }
        gate.open()
        try await scene.withHub(agents: [gate.agent()]) { hub, journal in
            try await hub.accept((301...310).map { .said("\($0)", $0) })
            try await journal.isQuiet()
        }
        #expect(scene.stage.texts == (1...310).map(String.init))
    }

    /// Events, redeliveries, faults of the platform, troubles of the journal, stops and crashes, in any order.
    @Test(arguments: 1...12) func `keeps its promises on a random walk`(seed: Int) async throws {
        let entropy = SeededEntropy(seed: UInt64(seed))
        @Sendable func pick(_ count: Int) -> Int { Int(entropy.fraction() * Double(count)) }
        let scene = try Scene()
        var said: [GatewayEvent] = []
        let chats: [Conversation.ID] = ["a", "b", "c"]
        for _ in 0..<6 {
            for _ in 0..<pick(12) + 1 {
                said.append(.said("\(said.count + 1)", said.count + 1, chat: chats[pick(3)]))
            }
            for _ in 0..<pick(4) {
                scene.stage.next(
                    [
                        .refuse(.unavailable(reason: "502")), .refuse(.rateLimited(retryAfter: .seconds(7))),
                        .deliverInSilence, .refuse(.ambiguous(reason: "reset")), .deliver,
                    ][pick(5)])
            }
            let death = pick(3) == 0 ? nil : MortalJournal.Death(call: pick(80) + 1, isAfterwards: pick(2) == 0)
            // The platform repeats what came before, now and then.
            let deliveries = said.flatMap { pick(4) == 0 ? [$0, $0] : [$0] }
            _ = try await live(scene, deliveries, deaths: [death])
        }
        _ = try await live(scene, said, deaths: [nil])
        for chat in chats {
            let shown = scene.stage.shown.filter { $0.conversation.id == chat }.map(\.text)
            let expected = said.filter { $0.message?.conversation.id == chat }.compactMap(\.message?.text)
            #expect(Audit.replies(shown, to: expected) == nil)
        }
        for event in said { #expect(try await scene.store.outcome(of: event.id)?.status == .answered) }
    }
}

@Suite(.timeLimit(.minutes(2))) struct `a hub that stops` {
    @Test func `finishes what it thinks and says it, and takes nothing new`() async throws {
        let scene = try Scene()
        let gate = Gate()
        try await scene.withHub(agents: [gate.agent()]) { hub, journal in
            try await hub.accept([.said("one", 1), .said("two", 2)])
            await gate.turns(1)
            hub.shutdown()
            while await !hub.status().isDraining { await Task.yield() }
            await #expect(throws: (any Error).self) { try await hub.accept([.said("three", 3)]) }
            gate.open()
            #expect(try await scene.stage.texts(1) == ["one"])
        }
        #expect(try await scene.store.outcome(of: "house/1")?.status == .answered)
        #expect(try await scene.store.outcome(of: "house/2") == nil)
        try await scene.withHub { _, journal in try await journal.isQuiet() }
        #expect(scene.stage.texts == ["one", "two"])
    }

    @Test func `does not wait longer than it may for a turn that hangs`() async throws {
        let scene = try Scene()
        let gate = Gate()
        let hub = Gateway(
            GatewayConfiguration(
                server: ServerSettings(drainTimeout: .seconds(10)), agents: [AgentSettings(name: "echo")],
                channels: [.make()]),
            agents: [gate.agent()], descriptions: [AgentDescription(name: "echo", model: "fake/fake")], adapters: [],
            journal: scene.store,
            surroundings: scene.surroundings)
        hub.attach(PlainAdapter(scene.stage), as: "house")
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await hub.run()
                #expect((.seconds(8)...(.seconds(10))).contains(scene.clock.uptime))
            }
            try await hub.accept([.said("one", 1)])
            await gate.turns(1)
            hub.shutdown()
            // A fifth of the time is kept for replies. Then time stops: a hub that waited longer would never end.
            while scene.clock.uptime < .seconds(8) { await scene.clock.advanceToNextSleeper() }
            try await group.next()
        }
        #expect(try await scene.store.outcome(of: "house/1") == nil)
    }
}
