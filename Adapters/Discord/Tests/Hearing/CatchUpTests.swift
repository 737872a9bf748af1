import PraisonCore
import PraisonSimulation
import PraisonTesting
import Testing

@testable import DiscordAdapter

@Suite(.timeLimit(.minutes(2))) struct `a bot that was away for longer than a session lasts` {
    /// Hears a word, is away for `absence` while `meanwhile` happens, and comes back.
    private func comeBack(
        _ stage: DiscordStage, after absence: Duration = .seconds(600),
        _ meanwhile: @escaping @Sendable () async throws -> Void, hearing last: String = "I am back"
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
            return try await stage.until { $0.texts.contains(last) }
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
        #expect(heard.texts.last == "I am back")
        let group = try #require(fetched.first { $0.text.contains("among us") })
        #expect(group.conversation.scope == .group)
        #expect(group.mentionsBot)
        let thread = try #require(fetched.first { $0.text.contains("in the thread") }?.conversation)
        let before = try #require(heard.messages.first { $0.text == "in the thread" }?.conversation)
        #expect(thread == before)
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
