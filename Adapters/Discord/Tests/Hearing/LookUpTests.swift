import PraisonCore
import PraisonSimulation
import PraisonTesting
import Testing

@testable import DiscordAdapter
@testable import DiscordSimulator

/// A session that goes on in another process tells no channels.
@Suite(.timeLimit(.minutes(2))) struct `a thread that a restarted bot has to ask for` {
    private static let general = "710000000000000001"

    /// Somebody opens a thread while the first process is there, and speaks in it when the second one is.
    private func hear(
        _ stage: DiscordStage, _ fault: @escaping @Sendable () throws -> Void
    ) async throws -> [InboundMessage] {
        try await stage.running { _ in
            try stage.say("before", in: "general", .group)
            try await stage.until { $0.texts.contains("before") }
            try stage.simulator.change { world in
                let place = try #require(world.places[Self.general])
                _ = try world.openThread(["name": "games"], in: place, from: nil, by: world.person("ada"))
            }
            try await stage.pass(.seconds(1))
        }
        return try await stage.running { _ in
            try await stage.pass(.seconds(5))
            try fault()
            try stage.say("in the thread", in: "general", .group, thread: "games")
            try stage.say("after it", in: "general", .group)
            try await stage.until { $0.texts.contains("in the thread") && $0.texts.contains("after it") }
            return stage.recorder.snapshot.distinct.messages.filter { $0.kind == .message }
        }
    }

    private func isRight(_ messages: [InboundMessage], _ stage: DiscordStage) {
        #expect(messages.map(\.text) == ["before", "in the thread", "after it"])
        #expect(messages.map(\.conversation.id) == [.init(Self.general), .init(Self.general), .init(Self.general)])
        #expect(messages.map { $0.conversation.thread != nil } == [false, true, false])
        #expect(stage.calls.contains { $0.name.hasPrefix("GET /channels/") && $0.status == 200 })
    }

    @Test(arguments: ["user", "global", "shared", "cloudflare"])
    func `is its parent's when the answer has to wait`(scope: String) async throws {
        let stage = DiscordStage()
        let messages = try await hear(stage) {
            try stage.fault(.rateLimit(retryAfter: 2, scope: scope), match: "GET /channels")
        }
        isRight(messages, stage)
        #expect(stage.identifies == 1)
    }

    @Test(arguments: [1, 2, 7])
    func `is its parent's when the API is out of order for some calls`(times: Int) async throws {
        let stage = DiscordStage()
        let messages = try await hear(stage) {
            try stage.fault(
                .status(503, body: "<html>", description: nil, headers: [:]), times: times, match: "GET /channels")
        }
        isRight(messages, stage)
        #expect(stage.identifies == 1)
    }

    @Test(arguments: [SimulatorFault.Kind.hang(seconds: 12), .reset(afterwards: false), .reset(afterwards: true)])
    func `is its parent's when nobody answers at first`(fault: SimulatorFault.Kind) async throws {
        let stage = DiscordStage()
        let messages = try await hear(stage) { try stage.fault(fault, match: "GET /channels") }
        isRight(messages, stage)
    }

    @Test func `is not lost with the session`() async throws {
        let stage = DiscordStage()
        let messages = try await hear(stage) {
            let outage = SimulatorFault.Kind.status(503, body: "<html>", description: nil, headers: [:])
            try stage.fault(outage, times: 20, match: "GET /channels")
        }
        // The session is not to blame, and everything comes once more with it.
        #expect(stage.identifies == 1)
        #expect(Set(messages.map(\.text)) == ["before", "in the thread", "after it"])
        #expect(messages.allSatisfy { $0.conversation.id == .init(Self.general) })
    }

    @Test func `keeps nothing from coming that nobody knew yet`() async throws {
        let stage = DiscordStage()
        let messages = try await hear(stage) {
            try stage.fault(
                .status(500, body: nil, description: nil, headers: [:]), times: 20, match: "GET /channels")
            try stage.say("in the thread", in: "general", .group, thread: "games", sender: "cyd")
            try stage.say("my first words", sender: "ben")
        }
        #expect(messages.contains { $0.text == "my first words" })
        #expect(stage.identifies == 1)
        #expect(
            stage.recorder.snapshot.health.contains { $0.reason?.contains("cannot ask where something") == true })
    }

    @Test func `does not matter to a reaction in it`() async throws {
        let stage = DiscordStage()
        try await stage.running { _ in
            try stage.say("before", in: "general", .group)
            try await stage.until { $0.texts.contains("before") }
            try stage.fault(
                .status(500, body: nil, description: nil, headers: [:]), times: nil, match: "GET /channels")
            try stage.inject([
                "t": "MESSAGE_REACTION_ADD",
                "d": [
                    "user_id": "200000000000000009", "channel_id": "760000000000000001", "message_id": "7",
                    "guild_id": .string(World.guild), "emoji": ["id": nil, "name": "x"],
                ],
            ])
            try stage.say("after it", in: "general", .group)
            let start = stage.clock.uptime
            try await stage.until { $0.texts.contains("after it") }
            #expect(stage.clock.uptime - start < .seconds(6))
        }
        #expect(!stage.recorder.snapshot.health.contains { $0.word == "degraded" })
    }

    @Test func `is a place of its own where there is no answer for it`() async throws {
        let stage = DiscordStage()
        let messages = try await hear(stage) {
            try stage.fault(.status(403, body: nil, description: nil, headers: [:]), match: "GET /channels")
        }
        #expect(messages.map(\.text) == ["before", "in the thread", "after it"])
        let thread = try #require(messages.dropFirst().first?.conversation)
        #expect(thread.id.rawValue == thread.thread?.rawValue)
    }

    @Test func `does not hold up the rest for ever`() async throws {
        let stage = DiscordStage()
        let thread = "760000000000000001"
        try await stage.running { _ in
            try stage.say("before", in: "general", .group)
            try await stage.until { $0.texts.contains("before") }
            // Of this channel only, and a new session does not tell its parent either.
            try stage.fault(
                .status(500, body: nil, description: nil, headers: [:]), times: nil, match: "GET /channels/\(thread) ")
            try stage.inject([
                "t": "MESSAGE_CREATE",
                "d": [
                    "id": .string(stage.simulator.change { $0.nextID() }), "channel_id": .string(thread),
                    "channel_type": 11, "guild_id": .string(World.guild), "type": 0, "content": "in the thread",
                    "author": ["id": "200000000000000009", "username": "eve"],
                ],
            ])
            try stage.say("after it", in: "general", .group)
            try await stage.until { $0.texts.contains("in the thread") && $0.texts.contains("after it") }
        }
        #expect(stage.log.lines.contains { $0.contains("going on without it") })
        #expect(stage.clock.uptime < .seconds(1800))
    }

    @Test func `is not asked for where something was heard in it before`() async throws {
        let stage = DiscordStage()
        try await stage.running { _ in
            try stage.say("first", in: "general", .group, thread: "games")
            try await stage.until { $0.texts.contains("first") }
        }
        try stage.fault(.hang(seconds: 3600), times: nil, match: "GET /channels")
        let heard = try await stage.running { _ in
            try stage.say("second", in: "general", .group, thread: "games")
            return try await stage.until { $0.texts.contains("second") }
        }
        let messages = heard.messages.filter { ["first", "second"].contains($0.text) }
        #expect(Set(messages.map(\.conversation)).count == 1)
        #expect(Set(messages.map(\.title)).count <= 2)
        #expect(!stage.calls.contains { $0.name.hasPrefix("GET /channels") })
    }
}
