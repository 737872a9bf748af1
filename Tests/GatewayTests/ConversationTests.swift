import PraisonCore
import PraisonGateway
import PraisonSimulation
import Testing

extension GatewayEvent {
    /// A message with an identifier of its own.
    static func said(
        _ text: String, _ id: Int, chat: Conversation.ID = "42", channel: ChannelName = "house",
        sender: SenderID = "ada", scope: Conversation.Scope = .dm, kind: InboundMessage.Kind = .message,
        of message: Int? = nil, album: String? = nil, mentionsBot: Bool = false,
        attachments: [PraisonCore.Attachment] = []
    ) -> GatewayEvent {
        .make(
            .make(
                text, kind: kind, id: MessageID("\(message ?? id)"), scope: scope, chat: chat, channel: channel,
                sender: sender, mentionsBot: mentionsBot, attachments: attachments, album: album),
            id: EventID("\(channel)/\(id)"))
    }
}

@Suite(.timeLimit(.minutes(2))) struct `a conversation through the hub` {
    @Test func `is answered by the agent it names, or by nobody`() async throws {
        let scene = try Scene()
        try await scene.withHub { hub, journal in
            var event = GatewayEvent.said("for you only", 1)
            event.target = "far"
            try await hub.accept([event])
            let outcome = try await journal.settled("house/1")
            #expect(outcome.status == .failed && outcome.agent == "far" && outcome.errorKind == .transient)
            #expect(
                try await scene.stage.texts(1) == ["Agent far is not connected at the moment. Please try again later."])
        }
    }

    @Test func `is answered, recorded and remembered`() async throws {
        let scene = try Scene()
        let gate = Gate()
        gate.open()
        try await scene.withHub(agents: [gate.agent()]) { hub, journal in
            try await hub.accept([.said("one", 1)])
            #expect(try await journal.settled("house/1").status == .answered)
            try await hub.accept([.said("two", 2)])
            let outcome = try await journal.settled("house/2")
            #expect(outcome.agent == "echo" && outcome.reason == "routing.default")
            #expect(try await scene.stage.texts(2) == ["one", "two"])
        }
        #expect(gate.turns.last?.history.map(\.text) == ["one", "one"])
    }

    @Test func `is answered once however often the platform delivers it`() async throws {
        let scene = try Scene()
        try await scene.withHub { hub, journal in
            for _ in 1...3 { try await hub.accept([.said("one", 1)]) }
            try await hub.accept([.said("one", 1), .said("two", 2), .said("two", 2)])
            _ = try await journal.settled("house/2")
            try await journal.isQuiet()
            #expect(scene.stage.texts == ["one", "two"])
        }
    }

    @Test func `has one turn at a time, while others overtake`() async throws {
        let scene = try Scene()
        let gate = Gate()
        let agent = FakeAgent { turn, _ in
            if turn.input.first?.text == "slow" { try await gate.pass(turn) }
            return Reply(text: turn.input.map(\.text).joined(separator: "|"))
        }
        try await scene.withHub(agents: [agent]) { hub, journal in
            try await hub.accept([.said("slow", 1), .said("after", 2), .said("other", 3, chat: "43")])
            #expect(try await scene.stage.texts(1) == ["other"])
            #expect(await hub.isBusy(.init(channel: "house", id: "42", scope: .dm)))
            gate.open()
            try await journal.isQuiet()
            #expect(scene.stage.texts == ["other", "slow", "after"])
            #expect(await !hub.isBusy(.init(channel: "house", id: "42", scope: .dm)))
        }
    }

    @Test func `keeps sessions apart`() async throws {
        let scene = try Scene()
        let gate = Gate()
        gate.open()
        try await scene.withHub(agents: [gate.agent()]) { hub, journal in
            for (number, chat) in [(1, "42"), (2, "43"), (3, "44")] {
                try await hub.accept([.said("secret of \(chat)", number, chat: Conversation.ID(chat))])
                _ = try await journal.settled(EventID("house/\(number)"))
            }
            try await hub.accept([.said("again", 4, chat: "43")])
            _ = try await journal.settled("house/4")
        }
        #expect(gate.turns.prefix(3).allSatisfy { $0.history.isEmpty })
        #expect(gate.turns.last?.history.map(\.text) == ["secret of 43", "secret of 43"])
    }

    @Test func `gives each person in a group a memory of their own when asked to`() async throws {
        let scene = try Scene()
        let gate = Gate()
        gate.open()
        let channel = ChannelSettings.make(session: .init(scope: .perUser))
        try await scene.withHub(channels: [channel], agents: [gate.agent()]) { hub, journal in
            for (number, sender) in [(1, "ada"), (2, "bob"), (3, "ada")] {
                try await hub.accept([.said("\(number)", number, sender: SenderID(sender), scope: .group)])
                _ = try await journal.settled(EventID("house/\(number)"))
            }
        }
        #expect(gate.turns.map { $0.history.map(\.text) } == [[], [], ["1", "1"]])
    }

    @Test func `shows what is answered where several people talk`() async throws {
        let scene = try Scene()
        try await scene.withHub { hub, _ in
            try await hub.accept([.said("one", 1), .said("two", 2, chat: "-1", scope: .group)])
            try await scene.stage.texts(2)
        }
        #expect(Set(scene.stage.shown.map(\.replyTo)) == [nil, "2"])
    }

    @Test func `tells a failure politely, records its cause, and goes on`() async throws {
        let scene = try Scene()
        let agent = FakeAgent { turn, _ in
            if turn.input.first?.text == "bad" { throw AgentError(.auth, detail: "401 from the provider") }
            return Reply(text: "fine")
        }
        try await scene.withHub(agents: [agent]) { hub, journal in
            var events = hub.events.subscribe().makeAsyncIterator()
            try await hub.accept([.said("bad", 1), .said("good", 2)])
            let outcome = try await journal.settled("house/1")
            #expect(outcome.status == .failed && outcome.errorKind == .auth)
            #expect(outcome.reason == "auth: 401 from the provider")
            let texts = try await scene.stage.texts(2)
            #expect(texts.first?.contains("not set up correctly") == true && texts.last == "fine")
            var heard: [GatewayEvent] = []
            for _ in 1...3 { heard += [await events.next()].compactMap(\.self) }
            #expect(heard.map(\.type) == [.message, .message, .error])
            let told = heard.last?.wireJSON["data"]
            #expect(told?["code"] == "auth")
            #expect(told?["error"]?.string?.contains("not set up correctly") == true)
        }
    }

    @Test func `ends a turn that takes longer than it may`() async throws {
        let scene = try Scene()
        let gate = Gate()
        try await scene.withHub(server: ServerSettings(perTurnTimeout: .seconds(30)), agents: [gate.agent()]) {
            hub, journal in
            try await hub.accept([.said("slow", 1)])
            await scene.clock.nextSleeper()
            scene.clock.advance(by: .seconds(31))
            #expect(try await journal.settled("house/1").errorKind == .idleTimeout)
            #expect(try await scene.stage.texts(1).first?.contains("no answer in time") == true)
        }
    }

    @Test func `records why nothing is said`() async throws {
        let scene = try Scene()
        let channel = ChannelSettings.make(
            routing: Routing(byScope: [.dm: "echo"]), access: AccessSettings(owner: "ada"))
        try await scene.withHub(channels: [channel]) { hub, journal in
            try await hub.accept([
                .said("hi", 1, sender: "eve"), .said("hi", 2, scope: .group, mentionsBot: true),
                .said("hi", 3, scope: .group), .said("hi", 4, channel: "elsewhere"),
                GatewayEvent(
                    type: .broadcast, payload: .fields([:]), id: "house/5", timestamp: scene.clock.now, source: "x"),
            ])
            let words = ["not allowed", "no agent for group", "not addressed", "not configured", "broadcast"]
            for (number, words) in zip(1..., words) {
                let outcome = try await journal.settled(
                    EventID("house/\(number)".replacing("house/4", with: "elsewhere/4")))
                #expect(outcome.status == .ignored && outcome.reason?.contains(words) == true, "\(outcome)")
            }
            #expect(scene.stage.texts.isEmpty)
        }
    }

    @Test func `lets a platform that shows that an answer is on its way know that none is`() async throws {
        let scene = try Scene()
        let channel = ChannelSettings.make(access: AccessSettings(owner: "ada"))
        try await scene.withHub(channels: [channel], adapter: WaitingAdapter.init) { hub, journal in
            try await hub.accept([.said("/new", 1, sender: "eve"), .said("hi", 2, sender: "eve")])
            #expect(try await journal.settled("house/2").status == .ignored)
            #expect(try await scene.stage.texts(1) == [""])
            #expect(scene.stage.shown.map(\.key) == ["house/1/0"])
            #expect(scene.stage.shown.first?.outcome?.status == .ignored)
        }
    }

    @Test func `gives a stranger a code, lets them in by it, and gives no second one at once`() async throws {
        let scene = try Scene()
        let channel = ChannelSettings.make(access: AccessSettings(owner: "ada", unknownUserPolicy: .pair))
        try await scene.withHub(channels: [channel]) { hub, journal in
            try await hub.accept([.said("hello", 1, sender: "eve")])
            let outcome = try await journal.settled("house/1")
            #expect(outcome.status == .ignored && outcome.reason?.contains("a pairing code was sent") == true)
            #expect(try await scene.stage.texts(1).first?.contains("pairing code is `") == true)
            scene.clock.advance(by: .seconds(59))
            try await hub.accept([.said("hello?", 2, sender: "eve")])
            #expect(try await journal.settled("house/2").reason?.contains("less than a minute ago") == true)
            let request = try #require(try await scene.store.pendingPairings().first)
            #expect(scene.stage.texts.first?.contains(request.code) == true)
            _ = try await scene.store.approvePairing(channel: "house", code: request.code, at: scene.clock.now)
            try await hub.accept([.said("thanks", 3, sender: "eve")])
            #expect(try await journal.settled("house/3").status == .answered)
        }
    }
}
