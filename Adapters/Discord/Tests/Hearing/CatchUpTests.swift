import PraisonCore
import PraisonSimulation
import PraisonTesting
import Testing

@testable import DiscordAdapter
@testable import DiscordSimulator
@testable import PraisonSimulation

@Suite(.timeLimit(.minutes(2))) struct `a bot that was away for longer than a session lasts` {
    /// Hears a word, is away for `absence` while `meanwhile` happens, and comes back.
    private func comeBack(
        _ stage: DiscordStage, after absence: Duration = .seconds(600),
        _ meanwhile: @escaping @Sendable () async throws -> Void,
        afterwards: @escaping @Sendable () async throws -> Void = {}
    ) async throws -> EventRecorder.Snapshot {
        try await stage.running { _ in
            try stage.say("in private")
            try stage.say("among us", in: "general", .group)
            try stage.say("in the thread", in: "general", .group, thread: "games")
            try await stage.until { $0.distinct.texts.count == 3 }
        }
        stage.clock.advance(by: absence)
        try await meanwhile()
        let reports = stage.recorder.snapshot.health.count
        return try await stage.running { _ in
            try await stage.until { $0.health.dropFirst(reports).contains(.receiving) }
            try stage.say("I am back")
            try await stage.until { $0.texts.contains("I am back") }
            // What was said on coming back may have been fetched with the first place, before the others.
            try await stage.pass(.seconds(30))
            let heard = stage.recorder.snapshot
            try await afterwards()
            return heard
        }
    }

    @Test func `fetches what was said in the places it knows, in order and with its place`() async throws {
        let stage = DiscordStage()
        let heard = try await comeBack(stage) {
            try stage.say("missed one")
            try stage.say("missed two")
            try stage.say("missed among us", in: "general", .group, mention: true)
            try stage.say("missed in the thread", in: "general", .group, thread: "games")
            try stage.say("nobody knows this place", in: "elsewhere", .group)
        }.distinct
        #expect(stage.identifies == 2)
        let fetched = heard.messages.filter { $0.text.contains("missed") }
        #expect(
            fetched.map(\.text).filter { !$0.contains("us") && !$0.contains("thread") } == ["missed one", "missed two"])
        #expect(fetched.count == 4)
        let inPrivate = heard.messages.filter { $0.conversation.scope == .dm }.map(\.text)
        #expect(inPrivate == ["in private", "missed one", "missed two", "I am back"])
        let group = try #require(fetched.first { $0.text.contains("among us") })
        #expect(group.conversation.scope == .group)
        #expect(group.mentionsBot)
        let thread = try #require(fetched.first { $0.text.contains("in the thread") }?.conversation)
        let before = try #require(heard.messages.first { $0.text == "in the thread" }?.conversation)
        #expect(thread == before)
    }

    @Test func `asks once for each place, however many shards it has`() async throws {
        var stage = DiscordStage()
        stage.options["shards"] = 3
        let divided = stage
        @Sendable func speak(_ time: String) throws {
            try divided.say("in private \(time)")
            try divided.say("among us \(time)", in: "general", .group)
        }
        try await divided.running { _ in
            try await divided.until { $0.health.contains(.receiving) }
            try speak("before")
            try await divided.until { $0.distinct.texts.count == 2 }
        }
        divided.clock.advance(by: .seconds(600))
        try speak("meanwhile")
        divided.simulator.control.calls.reset()
        try await divided.running { _ in
            try await divided.until { $0.distinct.texts.count == 4 }
            try await divided.pass(.seconds(60))
        }
        let asked = divided.calls.map(\.name).filter { $0.hasPrefix("GET /channels/") && $0.hasSuffix("/messages") }
        #expect(asked.count == 2)
        #expect(Set(asked).count == 2)
    }

    @Test func `says nothing of a new session in which nothing was missed`() async throws {
        let stage = DiscordStage()
        _ = try await comeBack(stage, after: .seconds(200)) {}
        #expect(stage.identifies == 2)
        #expect(!stage.log.lines.contains { $0.contains("fetched what was missed") && !$0.contains("messages=1") })
    }

    @Test func `belongs, by server, to one of its connections`() {
        let parts = (0..<5).map { ShardPart(number: $0, of: 5) }
        #expect(parts.filter { $0.holds("700000000000000001") }.map(\.number) == [1])
        #expect(parts.filter { $0.holds(nil) }.map(\.number) == [0])
        #expect(ShardPart.list(parts.map(\.description).joined(separator: " ")) == parts)
        // As it was written once, and whatever else there may be.
        #expect(ShardPart.list("owed") == [.all])
        #expect(ShardPart.list("7/5") == [.all])
        #expect(ShardPart.list("").isEmpty)
    }

    @Test func `fetches no more than it is told to, the newest`() async throws {
        var stage = DiscordStage()
        stage.options["catch_up_messages"] = 150
        let limited = stage
        let heard = try await comeBack(limited) {
            for number in 1...400 { try limited.say("missed \(number)") }
        }.distinct
        let fetched = heard.texts.filter { $0.hasPrefix("missed") }
        // The word that was said on coming back may have been one of them.
        #expect(fetched.count == 150 || fetched.count == 149)
        #expect(fetched == (1...400).suffix(fetched.count).map { "missed \($0)" })
    }

    @Test func `leaves alone what is too old`() async throws {
        var stage = DiscordStage()
        stage.options["catch_up_age"] = 300
        let limited = stage
        let heard = try await comeBack(limited) {
            try limited.say("long ago")
            limited.clock.advance(by: .seconds(400))
            try limited.say("just now")
        }.distinct
        #expect(heard.texts.contains("just now"))
        #expect(!heard.texts.contains("long ago"))
    }

    @Test func `fetches nothing where that is switched off`() async throws {
        var stage = DiscordStage()
        stage.options["catch_up_messages"] = 0
        let limited = stage
        let heard = try await comeBack(limited) { try limited.say("missed") }
        #expect(!heard.texts.contains("missed"))
    }

    @Test func `tries again when the API is out of order meanwhile`() async throws {
        let stage = DiscordStage()
        let heard = try await comeBack(stage) {
            try stage.say("missed")
            try stage.fault(
                .status(503, body: "<html>", description: nil, headers: [:]), times: 2, match: "/messages")
        }.distinct
        #expect(heard.texts.filter { $0 == "missed" }.count == 1)
        #expect(stage.identifies == 2)
    }

    @Test func `hears what was changed meanwhile, should it still wait for its answer`() async throws {
        let stage = DiscordStage()
        let said = try await stage.running { _ in
            let said = try stage.say("answer me")
            try await stage.until { $0.texts == ["answer me"] }
            return said
        }
        stage.clock.advance(by: .seconds(600))
        stage.simulator.change { world in
            guard var message = world.messages[said.id.rawValue] else { return }
            message.members["content"] = "answer this instead"
            message.members["edited_timestamp"] = .string(World.iso(world.now))
            world.store(message)
        }
        let heard = try await stage.running { _ in
            try await stage.until { $0.events.contains { $0.message?.kind == .edit } }
        }.distinct
        let edit = try #require(heard.events.compactMap(\.message).first { $0.kind == .edit })
        #expect(edit.text == "answer this instead")
        #expect(edit.id == said.id)
        #expect(heard.texts == ["answer me"])
    }

    @Test(arguments: [false, true])
    func `follows later when the API is out of order for long, also after a restart`(restarts: Bool) async throws {
        let stage = DiscordStage()
        let isOver: @Sendable (EventRecorder.Snapshot) -> Bool = { $0.texts.contains("missed") }
        let first = try await comeBack(stage) {
            try stage.say("missed")
            let outage = SimulatorFault.Kind.status(503, body: "<html>", description: nil, headers: [:])
            try stage.fault(outage, times: nil, match: "GET /channels")
        } afterwards: {
            guard !restarts else { return }
            try await stage.pass(.seconds(200))
            stage.simulator.control.faults.reset()
            try await stage.until(isOver)
            try await stage.pass(.seconds(10))
        }
        // What is said now is not held up for ever.
        #expect(first.texts.last == "I am back")
        #expect(stage.log.lines.contains { $0.contains("cannot fetch what was missed") })
        stage.simulator.control.faults.reset()
        if restarts {
            try await stage.running { _ in
                try await stage.until(isOver)
                try await stage.pass(.seconds(10))
            }
        }
        #expect(stage.recorder.snapshot.distinct.texts.filter { $0 == "missed" }.count == 1)
        #expect(stage.identifies == 2)
        #expect(stage.cursors.all.keys.allSatisfy { !$0.hasSuffix("/catch-up") })
    }

    @Test func `forgets places where it may not be any more`() async throws {
        let stage = DiscordStage()
        let heard = try await comeBack(stage) {
            try stage.say("missed")
            try stage.fault(.status(403, body: nil, description: nil, headers: [:]), match: "/channels/7")
        }
        #expect(heard.texts.contains("missed"))
    }

    @Test func `knows a bounded number of places`() {
        var known = KnownConversations()
        for number in 1...1_000 {
            known.heard(.init(id: "\(number)", guild: "7", type: 0, last: Snowflake(at: Timestamp(seconds: 2e9))))
        }
        #expect(known.places.count == KnownConversations.capacity)
        #expect(known.places.last?.id == "1000")
        #expect(KnownConversations(known.text) == known)
        #expect(KnownConversations("nonsense").places.isEmpty)
    }

    @Test func `tells what was said when it is asked for`() async throws {
        let stage = DiscordStage()
        try await stage.running { adapter in
            let first = try stage.say("one", in: "general", .group)
            try stage.say("two", in: "general", .group)
            try stage.say("three", in: "general", .group)
            try await stage.until { $0.texts.count == 3 }
            let history = try await adapter.history(
                of: stage.conversation(first, .group), after: first.id, limit: 10)
            #expect(history.compactMap(\.message?.text) == ["two", "three"])
            #expect(history.allSatisfy { $0.message?.conversation == stage.conversation(first, .group) })
        }
    }
}
