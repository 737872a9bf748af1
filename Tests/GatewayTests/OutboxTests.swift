import PraisonCore
import PraisonGateway
import PraisonSimulation
import Testing

@Suite(.timeLimit(.minutes(2))) struct `an outbox` {
    private static let mark = "(this may be a repeat) "

    @Test func `keeps a conversation in order while its platform is out of reach, and others go on`() async throws {
        let scene = try Scene()
        scene.stage.next(.refuse(.unavailable(reason: "502")), .refuse(.unavailable(reason: "502")), in: "42")
        try await scene.withHub { hub, journal in
            try await hub.accept([.said("one", 1), .said("two", 2), .said("other", 3, chat: "43")])
            #expect(try await scene.stage.texts(1) == ["other"])
            try await scene.passingTime { try await journal.isQuiet() }
            #expect(scene.stage.texts == ["other", "one", "two"])
        }
    }

    @Test func `marks what may be a repeat, once, and not on platforms that can tell`() async throws {
        for (adapter, expected) in [
            (PlainAdapter.init as (FakePlatform) -> any ChannelAdapter, ["one", mark + "one", mark + "one", "two"]),
            (ReconcilingAdapter.init, ["one", "two"]), (IdempotentAdapter.init, ["one", "two"]),
        ] {
            let scene = try Scene()
            scene.stage.next(.deliverInSilence, .deliverInSilence)
            if expected.count == 2 { scene.stage.next() }
            try await scene.withHub(adapter: adapter) { hub, journal in
                try await hub.accept([.said("one", 1)])
                try await scene.passingTime { try await journal.isQuiet() }
                try await hub.accept([.said("two", 2)])
                try await scene.passingTime { try await journal.isQuiet() }
            }
            #expect(Array(scene.stage.texts.reduced(to: expected.count)) == expected)
        }
    }

    private var mark: String { Self.mark }

    @Test func `says separately that a long message may be a repeat`() async throws {
        let scene = try Scene()
        let long = String(repeating: "x", count: 395)
        scene.stage.next(.deliverInSilence)
        try await scene.withHub { hub, journal in
            try await hub.accept([.said(long, 1)])
            try await scene.passingTime { try await journal.isQuiet() }
            #expect(scene.stage.texts == [long, mark, long])
        }
    }

    @Test func `waits exactly as long as it is told, and no other conversation does`() async throws {
        let scene = try Scene()
        scene.stage.next(.refuse(.rateLimited(retryAfter: .seconds(30))), in: "42")
        try await scene.withHub { hub, journal in
            try await hub.accept([.said("one", 1), .said("two", 2)])
            await scene.clock.nextSleeper()
            try await hub.accept([.said("other", 3, chat: "43")])
            #expect(try await scene.stage.texts(1) == ["other"])
            scene.clock.advance(by: .seconds(29))
            #expect(scene.stage.calls == 2)
            scene.clock.advance(by: .seconds(1))
            #expect(try await scene.stage.texts(3) == ["other", "one", "two"])
            #expect(scene.stage.callTimes.map(\.inSeconds) == [0, 0, 30, 30])
            try await journal.isQuiet()
        }
    }

    @Test func `keeps the platform's pace`() async throws {
        let scene = try Scene()
        try await scene.withHub(adapter: PacedAdapter.init) { hub, journal in
            try await hub.accept((1...4).map { .said("\($0)", $0) })
            try await scene.passingTime { try await journal.isQuiet() }
            #expect(scene.stage.callTimes.map(\.inSeconds) == [0, 1, 2, 3])
        }
    }

    @Test func `leaves a channel alone whose token is refused, and loses nothing`() async throws {
        let scene = try Scene()
        scene.stage.next(.refuse(.unauthorized(reason: "401: check channels.house.token")))
        try await scene.withHub { hub, journal in
            try await hub.accept([.said("one", 1), .said("two", 2), .said("three", 3, chat: "43")])
            for number in 1...3 { _ = try await journal.settled(EventID("house/\(number)")) }
            while await hub.status().channels.first?.health.word != "failed" { await Task.yield() }
            let calls = scene.stage.calls
            #expect(await hub.status().channels.first?.health.reason == "401: check channels.house.token")
            // One that was on its way already may have arrived.
            #expect(await hub.status().outboxPending >= 2)
            #expect(await hub.reconnect("house").isDone)
            try await journal.isQuiet()
            #expect(Set(scene.stage.texts) == ["one", "two", "three"] && calls <= 2)
        }
    }

    @Test func `gives up what will never be, tells so, and goes on`() async throws {
        let scene = try Scene()
        scene.stage.next(.refuse(.rejected(reason: "blocked by the user")))
        try await scene.withHub { hub, journal in
            var events = hub.events.subscribe().makeAsyncIterator()
            try await hub.accept([.said("one", 1), .said("two", 2)])
            try await journal.isQuiet()
            #expect(scene.stage.texts == ["two"])
            var errors: [GatewayEvent.Payload] = []
            while errors.isEmpty, let event = await events.next() {
                if event.type == .error { errors = [event.payload] }
            }
            guard case .fields(let fields)? = errors.first else { return }
            #expect(fields["error"] == "blocked by the user" && fields["event_id"] == "house/1")
        }
    }

    @Test func `sends plainly what the platform can't read as markup`() async throws {
        let scene = try Scene()
        scene.stage.next(.refuse(.malformed(reason: "bad entity")))
        try await scene.withHub { hub, journal in
            try await hub.accept([.said("**one", 1)])
            try await journal.isQuiet()
            #expect(scene.stage.texts == ["**one"] && scene.stage.calls == 2)
        }
    }

    @Test func `follows a conversation that moved, with its memory and what waits`() async throws {
        let scene = try Scene()
        let gate = Gate()
        gate.open()
        try await scene.withHub(agents: [gate.agent()]) { hub, journal in
            try await hub.accept([.said("one", 1, chat: "-1", scope: .group)])
            try await journal.isQuiet()
            scene.stage.next(.refuse(.moved(to: "-100")), in: "-1")
            try await hub.accept([
                .said("two", 2, chat: "-1", scope: .group), .said("three", 3, chat: "-1", scope: .group),
            ])
            try await journal.isQuiet()
            try await hub.accept([.said("four", 4, chat: "-100", scope: .group)])
            try await journal.isQuiet()
            #expect(scene.stage.shown.map(\.conversation.id) == ["-1", "-100", "-100", "-100"])
            #expect(scene.stage.texts == ["one", "two", "three", "four"])
            #expect(gate.turns.last?.history.count == 6)
        }
    }

    @Test func `hears of a move from the platform, too`() async throws {
        let scene = try Scene()
        try await scene.withHub { hub, journal in
            var message = InboundMessage.make("", kind: .migration, id: "9", scope: .group, chat: "-1")
            message.migratedTo = "-100"
            try await hub.accept([.said("one", 1, chat: "-1", scope: .group), .make(message, id: "house/9")])
            #expect(try await journal.settled("house/9").reason == "conversation moved to -100")
            try await hub.accept([.said("two", 2, chat: "-1", scope: .group)])
            try await journal.isQuiet()
            #expect(scene.stage.shown.last?.conversation.id == "-100")
        }
    }

    @Test func `sends a long reply in pieces, in order`() async throws {
        let scene = try Scene()
        let words = (1...400).map { "word\($0)" }.joined(separator: " ")
        let agent = FakeAgent { _, _ in Reply(text: words) }
        scene.stage.next(.deliver, .refuse(.unavailable(reason: "503")))
        try await scene.withHub(agents: [agent]) { hub, journal in
            try await hub.accept([.said("go", 1)])
            try await scene.passingTime { try await journal.isQuiet() }
            #expect(scene.stage.texts.joined(separator: " ") == words && scene.stage.texts.count > 5)
            #expect(
                scene.stage.shown.map { $0.outcome != nil } == (1..<scene.stage.shown.count).map { _ in false } + [true]
            )
        }
    }

    @Test func `keeps what it can't note for as long as the journal is in trouble`() async throws {
        let scene = try Scene()
        try await scene.withHub { hub, journal in
            try await hub.accept([.said("one", 1)])
            try await journal.isQuiet()
            for number in 2...6 {
                journal.beInTrouble(for: number)
                // Refused as well while the trouble lasts; the platform repeats it.
                while true {
                    do { try await hub.accept([.said("\(number)", number)]) } catch { continue }
                    break
                }
                try await scene.passingTime { try await journal.isQuiet() }
            }
            #expect(scene.stage.texts == ["one", "2", "3", "4", "5", "6"])
        }
    }

    @Test func `keeps a dead channel's messages on disk beyond its window, and sends all of them when it is back`()
        async throws
    {
        let scene = try Scene()
        try await scene.withHub(channels: [.make("house"), .make("garden")]) { hub, journal in
            #expect(await hub.pause("house").isDone)
            for start in stride(from: 1, through: 1500, by: 250) {
                try await hub.accept(
                    (start..<start + 250).map { .said("\($0)", $0, chat: Conversation.ID("c\($0 % 7)")) })
            }
            _ = try await journal.settled("house/1500")
            try await hub.accept([.said("hello", 1, channel: "garden")])
            #expect(try await scene.stage.texts(1) == ["hello"])
            #expect(await hub.resume("house").isDone)
            try await journal.isQuiet()
            for chat in 0..<7 {
                let shown = scene.stage.shown.filter { $0.conversation.id == Conversation.ID("c\(chat)") }
                #expect(shown.map(\.text) == (1...1500).filter { $0 % 7 == chat }.map(String.init))
            }
        }
    }
}

extension Array {
    /// All of it, or as much as is asked for.
    fileprivate func reduced(to count: Int) -> ArraySlice<Element> { count < self.count ? self[..<count] : self[...] }
}
