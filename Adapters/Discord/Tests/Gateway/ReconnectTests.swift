import PraisonCore
import PraisonSimulation
import PraisonTesting
import Testing

@testable import DiscordAdapter
@testable import DiscordSimulator

@Suite(.timeLimit(.minutes(2))) struct `a bot whose gateway fails` {
    /// Says a word before and after the fault, and expects both once, in order.
    private func survives(
        _ stage: DiscordStage, identifies: Int, _ fault: @escaping @Sendable (DiscordStage) throws -> Void
    ) async throws {
        try await stage.running { _ in
            try stage.say("before", in: "general", .group)
            try await stage.until { $0.texts.contains("before") }
            try fault(stage)
            try stage.say("meanwhile", in: "general", .group)
            try await stage.until { $0.texts.contains("meanwhile") }
            try stage.say("afterwards", in: "general", .group)
            try await stage.until { $0.texts.contains("afterwards") }
        }
        #expect(stage.recorder.snapshot.distinct.texts == ["before", "meanwhile", "afterwards"])
        #expect(stage.identifies == identifies)
    }

    @Test func `comes back when asked to, in the same session`() async throws {
        try await survives(DiscordStage(), identifies: 1) { try $0.fault("reconnect") }
    }

    @Test func `comes back when its session is not ready yet`() async throws {
        try await survives(DiscordStage(), identifies: 1) { try $0.fault("invalid_session", ["resumable": true]) }
    }

    @Test func `begins anew when its session is gone, and fetches what it missed`() async throws {
        try await survives(DiscordStage(), identifies: 2) { try $0.fault("invalid_session", ["resumable": false]) }
    }

    @Test func `comes back after its cable was pulled`() async throws {
        try await survives(DiscordStage(), identifies: 1) { try $0.fault("drop") }
    }

    @Test func `notices that nobody is there any more`() async throws {
        try await survives(DiscordStage(), identifies: 1) { try $0.fault("silence") }
    }

    @Test func `takes a heartbeat without an answer for the end of the connection`() async throws {
        try await survives(DiscordStage(), identifies: 1) { try $0.fault("missed_ack") }
    }

    @Test(arguments: [1000, 1001, 4000, 4001, 4002, 4003, 4005, 4007, 4008, 4009])
    func `comes back after close code`(code: Int) async throws {
        let keeps = [4000, 4001, 4002, 4008].contains(code)
        try await survives(DiscordStage(), identifies: keeps ? 1 : 2) {
            try $0.fault("close", ["code": JSONValue(code)])
        }
    }

    @Test(arguments: [4010, 4011]) func `divides itself anew when told`(code: Int) async throws {
        try await survives(DiscordStage(), identifies: 2) { try $0.fault("close", ["code": JSONValue(code)]) }
    }

    @Test func `says that a fixed number of shards is wrong`() async throws {
        var stage = DiscordStage()
        stage.options["shards"] = "1"
        let fixed = stage
        let error = await #expect(throws: ChannelError.self) {
            try await fixed.running { _ in
                try fixed.say("hello")
                try await fixed.until { $0.texts.contains("hello") }
                try fixed.fault("close", ["code": 4011])
                try await fixed.until { _ in false }
            }
        }
        #expect("\(String(describing: error))".contains("channels.discord.shards"))
    }

    @Test func `hears on several shards, each with a session of its own`() async throws {
        var stage = DiscordStage()
        stage.options["shards"] = 3
        let divided = stage
        try await divided.running { _ in
            try await divided.until { $0.health.contains(.receiving) }
            try divided.say("to shard zero")
            try divided.say("to the server's shard", in: "general", .group)
            try await divided.until { $0.distinct.texts.count == 2 }
            #expect(divided.simulator.change { $0.sessions.count } == 3)
            // One bucket: five seconds between two.
            let times = divided.simulator.change { $0.bots[$0.firstCaller]?.identifies ?? [] }
            #expect(zip(times, times.dropFirst()).allSatisfy { $1 - $0 >= .seconds(5) })
        }
        #expect(divided.cursors.all.keys.filter { $0.contains("/session/") }.count == 3)
    }

    @Test func `has as many shards as it is told to have, of which so many identify at once`() async throws {
        let stage = DiscordStage()
        stage.simulator.change { world in
            world.update(world.firstCaller) { ($0.shards, $0.maxConcurrency) = (5, 2) }
        }
        try await stage.running { _ in
            try await stage.until { $0.health.contains(.receiving) }
            try stage.say("to shard zero")
            try await stage.until { $0.texts == ["to shard zero"] }
        }
        let times = stage.simulator.change { $0.bots[$0.firstCaller]?.identifies ?? [] }
        let first = try #require(times.first)
        #expect(times.map { Int(($0 - first).inSeconds) } == [0, 0, 5, 5, 10])
    }

    @Test func `waits for the next day where the server says that hardly any sessions are left`() async throws {
        let stage = DiscordStage()
        stage.simulator.change { world in
            world.update(world.firstCaller) { $0.identifies = Array(repeating: .zero, count: 985) }
        }
        try await stage.running { _ in
            try await stage.pass(.seconds(23 * 3600))
            #expect(stage.identifies == 985)
            // Nobody takes it for one that hears, and no connection is kept open for a day.
            guard case .degraded(let reason) = stage.recorder.snapshot.health.last else {
                Issue.record("it looks well")
                return
            }
            #expect(reason.contains("for a new session; discord allows only so many a day"))
            #expect(stage.line.entries.filter { $0.payload == nil }.count < 5)
            try await stage.until { $0.health.contains(.receiving) }
        }
        #expect(stage.clock.uptime >= .seconds(24 * 3600))
        #expect(stage.clock.uptime < .seconds(25 * 3600))
    }

    @Test func `resumes after a restart, without identifying`() async throws {
        let stage = DiscordStage()
        try await stage.running { _ in
            try stage.say("first")
            try await stage.until { $0.texts.contains("first") }
        }
        try stage.say("while away")
        try await stage.running { _ in try await stage.until { $0.texts.contains("while away") } }
        #expect(stage.identifies == 1)
        #expect(stage.recorder.snapshot.distinct.texts == ["first", "while away"])
    }

    @Test func `knows its role after a restart, though a session that goes on tells no roles`() async throws {
        let stage = DiscordStage()
        try await stage.running { _ in
            try stage.say("first", in: "general", .group)
            try await stage.until { $0.texts.contains("first") }
        }
        try await stage.running { _ in
            try stage.say("<@&900000000000000501> wake up", in: "general", .group)
            let heard = try await stage.until { $0.texts.last == "@sim_bot wake up" }
            #expect(heard.messages.last?.mentionsBot == true)
        }
        #expect(stage.identifies == 1)
    }

    @Test func `beats as often as told, the first time after a part of that`() async throws {
        let stage = DiscordStage()
        try await stage.running { _ in
            try await stage.until { $0.health.contains(.receiving) }
            try await stage.pass(.seconds(300))
        }
        let entries = stage.line.entries
        let opened = try #require(entries.first { $0.payload == nil }?.at)
        let beats = entries.filter { $0.opcode == 1 }.map(\.at)
        let interval = Duration.milliseconds(GatewayServer.heartbeatInterval)
        #expect(beats.count >= 7)
        #expect((.zero..<interval).contains((beats.first ?? .zero) - opened))
        #expect(zip(beats, beats.dropFirst()).allSatisfy { $1 - $0 == interval })
    }

    @Test func `resumes where READY told, with the query that every connection needs`() async throws {
        let stage = DiscordStage()
        try await stage.running { _ in
            try await stage.until { $0.health.contains(.receiving) }
            stage.simulator.change { world in
                // As Discord does it: without a query.
                world.resumeHost = "resume.discord.test"
            }
            try stage.fault("invalid_session", ["resumable": false])
            try await stage.pass(.seconds(60))
            try stage.fault("reconnect")
            try await stage.pass(.seconds(60))
            try stage.say("still there?")
            try await stage.until { $0.texts.contains("still there?") }
        }
        let query = "/?v=10&encoding=json&compress=zlib-stream"
        let openings = stage.line.entries.filter { $0.payload == nil }.map(\.url)
        #expect(
            openings == ["ws://discord.test\(query)", "ws://discord.test\(query)", "ws://resume.discord.test\(query)"])
        let resume = try #require(stage.line.entries.last { $0.opcode == 6 }?.payload?["d"])
        #expect(resume["seq"]?.int != nil && resume["session_id"]?.string?.isEmpty == false)
    }

    @Test func `carries a payload of four megabytes`() async throws {
        let stage = DiscordStage()
        try await stage.running { _ in
            try await stage.until { $0.health.contains(.receiving) }
            let filler = String(repeating: "x", count: 4 << 20)
            try stage.inject(["t": "GUILD_UPDATE", "d": ["id": "1", "description": .string(filler)]])
            try stage.say("after the large one")
            try await stage.until { $0.texts.contains("after the large one") }
        }
        #expect(stage.identifies == 1)
    }

    @Test func `does not read what is none of the gateway's, and goes on`() async throws {
        let stage = DiscordStage()
        try await stage.running { _ in
            try await stage.until { $0.health.contains(.receiving) }
            stage.simulator.change { world in
                for session in world.sessions.values {
                    session.connection?.send("not json")
                    session.connection?.send(#"{"op":0,"d":{}}"#)
                    session.connection?.send(#"{"op":99}"#)
                    session.connection?.send("[]")
                }
            }
            try stage.say("after the noise")
            try await stage.until { $0.texts.contains("after the noise") }
        }
        #expect(stage.identifies == 1)
        #expect(stage.log.lines.contains { $0.contains("a payload could not be read") })
    }
}

@Suite(.timeLimit(.minutes(2))) struct `what the gateway is asked for` {
    private func intents(of stage: DiscordStage) -> Int {
        stage.simulator.change { $0.sessions.values.first?.intents ?? 0 }
    }

    private func hear(_ stage: DiscordStage) async throws {
        try await stage.running { _ in try await stage.until { $0.health.contains(.receiving) } }
    }

    @Test func `includes texts, if the application may have them`() async throws {
        let stage = DiscordStage()
        try await stage.running { _ in
            try await stage.until { $0.health.contains(.receiving) }
            #expect(intents(of: stage) == GatewayIntents.common.union(.messageContent).rawValue)
        }
    }

    @Test func `leaves texts out where the application may not have them, and says so`() async throws {
        let stage = DiscordStage()
        stage.simulator.change { world in world.update(world.firstCaller) { $0.flags = 0 } }
        try await stage.running { _ in
            try stage.say("not for you", in: "general", .group)
            try stage.say("for you", in: "general", .group, mention: true)
            try stage.say("between us")
            try await stage.until { $0.texts.contains("between us") }
            #expect(intents(of: stage) == GatewayIntents.common.rawValue)
        }
        #expect(stage.recorder.snapshot.distinct.texts == ["", "@sim_bot for you", "between us"])
        #expect(stage.log.lines.contains { $0.contains("Message Content Intent") })
    }

    @Test(arguments: [("message_content", "required", "Message Content"), ("member_events", "true", "Server Members")])
    func `is refused with an explanation where it can't be had`(key: String, value: String, name: String) async throws {
        var stage = DiscordStage()
        stage.options[key] = value == "true" ? true : .string(value)
        stage.simulator.change { world in world.update(world.firstCaller) { $0.flags = 0 } }
        let refused = stage
        let error = await #expect(throws: ChannelError.self) { try await hear(refused) }
        guard case .unauthorized(let reason) = error else {
            Issue.record("it became \(error.map { "\($0)" } ?? "nothing")")
            return
        }
        #expect(reason.contains(name))
        #expect(reason.contains("channels.discord.\(key)"))
    }

    @Test func `includes members and typing when they are wanted`() async throws {
        var stage = DiscordStage()
        stage.options = ["member_events": true, "typing_events": true, "message_content": "off"]
        let curious = stage
        try await curious.running { _ in
            try await curious.until { $0.health.contains(.receiving) }
            #expect(
                intents(of: curious)
                    == GatewayIntents.common.union([.guildMembers, .guildTyping, .directTyping]).rawValue)
        }
    }
}
