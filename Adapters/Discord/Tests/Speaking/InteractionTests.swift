import PraisonCore
import PraisonSimulation
import PraisonTesting
import Testing

@testable import DiscordAdapter
@testable import DiscordSimulator

@Suite(.timeLimit(.minutes(2))) struct `slash commands and buttons` {
    private static let commands = [
        ChannelCommand(name: "new", summary: "starts afresh"), ChannelCommand(name: "help", summary: "shows a list"),
    ]

    private func stage() -> DiscordStage {
        var stage = DiscordStage()
        stage.commands = Self.commands
        return stage
    }

    private func registered(_ stage: DiscordStage) async throws {
        try await stage.called { calls in calls.contains { $0.name.hasPrefix("PUT /applications/") } }
    }

    @Test func `are announced once`() async throws {
        let stage = stage()
        try await stage.running { _ in try await registered(stage) }
        try await stage.running { _ in
            try stage.say("hello")
            try await stage.until { $0.texts.contains("hello") }
            try await stage.pass(.seconds(10))
        }
        let calls = stage.calls.filter { $0.name.hasPrefix("PUT /applications/") }
        #expect(calls.count == 1)
        #expect(calls.first?.parameters["body"]?.array?.compactMap { $0["name"]?.string } == ["new", "help"])
    }

    @Test func `are not announced where that is switched off`() async throws {
        var quiet = stage()
        quiet.options["slash_commands"] = false
        let stage = quiet
        try await stage.running { _ in
            try await stage.until { $0.health.contains(.receiving) }
            try await stage.pass(.seconds(10))
        }
        #expect(!stage.calls.contains { $0.name.hasPrefix("PUT") })
    }

    @Test func `are taken back where they were announced before that`() async throws {
        let stage = stage()
        try await stage.running { _ in try await registered(stage) }
        var quiet = stage
        quiet.options["slash_commands"] = false
        let silent = quiet
        for _ in 1...2 {
            try await silent.running { _ in
                try silent.say("hello")
                try await silent.until { $0.texts.contains("hello") }
                try await silent.pass(.seconds(10))
            }
        }
        let calls = stage.calls.filter { $0.name.hasPrefix("PUT /applications/") }
        #expect(calls.map { $0.parameters["body"]?.array?.count } == [2, 0])
        #expect(stage.simulator.change { $0.bots[$0.firstCaller]?.commands.isEmpty } == true)
    }

    @Test func `are acknowledged at once, and answered where the waiting sign is`() async throws {
        let stage = stage()
        try await stage.running { adapter in
            try await registered(stage)
            let said = try stage.say("/new please", in: "general", .group)
            let heard = try await stage.until { $0.messages.contains { $0.command != nil } }
            let event = try #require(heard.events.last { $0.message?.command != nil })
            #expect(event.message?.command == .init(name: "new", arguments: "please"))
            #expect(event.id.rawValue == "discord/interaction/\(said.id)")
            try await stage.called { calls in calls.contains { $0.name.hasSuffix("/callback") && $0.status == 204 } }
            // As the outbox does it: in two messages, the first one twice.
            let first = stage.message(
                "part one", to: said, .group, key: "1", replyTo: said.id, answers: event.id)
            let receipt = try await adapter.send(first)
            #expect(try await adapter.send(first).id == receipt.id)
            _ = try await adapter.send(stage.message("part two", to: said, .group, key: "2", answers: event.id))
            #expect(stage.simulator.sent.map(\.text) == ["part one", "part two"])
            #expect(!stage.calls.contains { $0.name.hasSuffix("/messages") && $0.name.hasPrefix("POST") })
        }
    }

    @Test(
        arguments: [
            (.reset(afterwards: false), 2), (.reset(afterwards: true), 1), (.rateLimit(retryAfter: 0.5), 1),
            (.status(503, body: "<html>", description: nil, headers: [:]), 3), (.hang(seconds: 60), 1),
        ] as [(SimulatorFault.Kind, Int)])
    func `are acknowledged in time when that fails at first`(fault: SimulatorFault.Kind, times: Int) async throws {
        let stage = stage()
        try await stage.running { adapter in
            try await registered(stage)
            try stage.fault(fault, times: times, match: "/callback")
            let said = try stage.say("/help", in: "general", .group)
            try await stage.until { $0.messages.contains { $0.command != nil } }
            let event = EventID("discord/interaction/\(said.id)")
            _ = try await adapter.send(stage.message("the list", to: said, .group, answers: event))
            #expect(stage.calls.contains { $0.name.hasSuffix("/messages/@original") && $0.status == 200 })
            #expect(stage.simulator.sent.map(\.text) == ["the list"])
        }
    }

    @Test func `are answered by an ordinary message when nobody could be told that they were heard`() async throws {
        let stage = stage()
        try await stage.running { adapter in
            try await registered(stage)
            try stage.fault(.reset(afterwards: false), times: nil, match: "/callback")
            let said = try stage.say("/help", in: "general", .group)
            try await stage.until { $0.messages.contains { $0.command != nil } }
            let event = EventID("discord/interaction/\(said.id)")
            let receipt = try await adapter.send(stage.message("the list", to: said, .group, answers: event))
            #expect(stage.simulator.sent.map(\.id) == [receipt.id])
            #expect(stage.calls.count { $0.name.hasSuffix("/callback") } > 3)
        }
    }

    @Test func `are acknowledged in time though others wait before them`() async throws {
        let stage = stage()
        try await stage.running { _ in
            try await registered(stage)
            try stage.simulator.change { world in
                let place = try #require(world.places["710000000000000001"])
                _ = try world.openThread(["name": "games"], in: place, from: nil, by: world.person("ada"))
            }
            try await stage.pass(.seconds(1))
        }
        try await stage.running { _ in
            try await stage.pass(.seconds(5))
            try stage.fault(.hang(seconds: 12), match: "GET /channels")
            try stage.say("this needs to be asked for", in: "general", .group, thread: "games")
            try stage.say("/help", in: "general", .group)
            let now = stage.clock.now
            try await stage.called { calls in calls.contains { $0.name.hasSuffix("/callback") && $0.status == 204 } }
            #expect(stage.clock.now - now < .seconds(1))
            try await stage.until { $0.messages.contains { $0.command != nil } }
            #expect(stage.recorder.snapshot.distinct.texts.suffix(2) == ["this needs to be asked for", "/help"])
        }
    }

    @Test func `are answered after a restart too`() async throws {
        let stage = stage()
        let event = try await stage.running { _ in
            try await registered(stage)
            try stage.say("/help", in: "general", .group)
            try await stage.called { calls in calls.contains { $0.name.hasSuffix("/callback") } }
            return try #require(stage.recorder.snapshot.events.last { $0.message?.command != nil })
        }
        try await stage.running { adapter in
            try await stage.until { $0.health.filter { $0 == .receiving }.count > 1 }
            let conversation = try #require(event.message?.conversation)
            _ = try await adapter.send(
                OutboundMessage(key: "k", conversation: conversation, text: "the list", answers: event.id))
        }
        #expect(stage.calls.contains { $0.name.hasSuffix("/messages/@original") && $0.status == 200 })
        #expect(stage.simulator.sent.map(\.text) == ["the list"])
    }

    @Test func `are answered by an ordinary message when their time is over`() async throws {
        let stage = stage()
        try await stage.running { adapter in
            try await registered(stage)
            let said = try stage.say("/help", in: "general", .group)
            try await stage.called { calls in calls.contains { $0.name.hasSuffix("/callback") } }
            stage.clock.advance(by: .seconds(1000))
            let receipt = try await adapter.send(
                stage.message(
                    "late", to: said, .group, replyTo: said.id, answers: EventID("discord/interaction/\(said.id)")))
            #expect(stage.simulator.sent.map(\.id) == [receipt.id])
        }
    }

    @Test func `lose their waiting sign when nothing is to be said`() async throws {
        let stage = stage()
        try await stage.running { adapter in
            try await registered(stage)
            let said = try stage.say("/new", in: "general", .group)
            // As the hub does it for somebody who may not give commands, at once.
            try await stage.until { $0.messages.contains { $0.command != nil } }
            let event = EventID("discord/interaction/\(said.id)")
            #expect(DiscordAdapter.isAwaited(event))
            let nothing = stage.message("", to: said, .group, answers: event)
            _ = try await adapter.send(nothing)
            _ = try await adapter.send(nothing)
            let calls = stage.calls.filter { $0.name.contains(said.id.rawValue) || $0.name.contains("@original") }
            #expect(calls.map { $0.name.prefix { $0 != " " } } == ["POST", "DELETE"])
            #expect(calls.allSatisfy { $0.status == 204 })
            #expect(stage.simulator.sent.isEmpty)
        }
        #expect(!DiscordAdapter.isAwaited("discord/message/7"))
    }

    @Test func `show the draft of an answer where the waiting sign is, in private too`() async throws {
        let stage = stage()
        try await stage.running { adapter in
            try await registered(stage)
            let said = try stage.say("/help")
            try await stage.until { $0.messages.contains { $0.command != nil } }
            let event = EventID("discord/interaction/\(said.id)")
            let draft = stage.message("the be", to: said, key: "draft", answers: event)
            var whole = stage.message("the beginning and the end", to: said, key: "whole", answers: event)
            whole.replaces = try await adapter.send(draft).id
            _ = try await adapter.edit(whole)
            #expect(stage.simulator.sent.map(\.text) == ["the beginning and the end"])
            #expect(stage.simulator.sent.first?.id == whole.replaces)
            #expect(stage.calls.contains { $0.name.hasSuffix("/messages/@original") && $0.name.hasPrefix("PATCH") })
            #expect(!stage.calls.contains { $0.name.hasPrefix("POST /channels") })
        }
    }

    @Test func `a pressed button is acknowledged and heard`() async throws {
        let stage = stage()
        try await stage.running { adapter in
            let said = try stage.say("hello")
            try await stage.until { $0.texts.contains("hello") }
            let receipt = try await adapter.send(stage.message("choose", to: said))
            try stage.inject(["press": .string(receipt.id.rawValue), "custom_id": "yes"])
            let heard = try await stage.until { $0.events.contains { $0.message?.kind == .callback } }
            let press = try #require(heard.events.compactMap(\.message).first { $0.kind == .callback })
            #expect(press.text == "yes")
            #expect(press.id == receipt.id)
            try await stage.called { calls in
                calls.contains { $0.name.hasSuffix("/callback") && $0.parameters["type"] == 6 && $0.status == 204 }
            }
        }
    }

    @Test func `buttons are below a message, also one that answers a command, until an edit takes them away`()
        async throws
    {
        let stage = stage()
        try await stage.running { adapter in
            try await registered(stage)
            let said = try stage.say("/help")
            try await stage.until { $0.messages.contains { $0.command != nil } }
            for answers in [EventID("discord/interaction/\(said.id)"), nil] {
                var message = stage.message(
                    "Shall I?", to: said, key: answers?.rawValue ?? "plain", answers: answers)
                message.buttons = (1...6).map { .init(label: "Choice \($0)", data: "/choose \($0)") }
                message.replaces = try await adapter.send(message).id
                func components() throws -> JSONValue? {
                    let id = try #require(message.replaces).rawValue
                    return stage.simulator.change { $0.messages[id]?.members["components"] }
                }
                let rows = try #require(try components()?.array)
                #expect(rows.map { $0["components"]?.array?.count } == [5, 1])
                #expect(
                    rows.last == [
                        "type": 1,
                        "components": [["type": 2, "style": 2, "label": "Choice 6", "custom_id": "/choose 6"]],
                    ])
                (message.text, message.buttons) = ("Done", [])
                _ = try await adapter.edit(message)
                #expect(try components() == [])
            }
            #expect(stage.simulator.sent.map(\.text) == ["Done", "Done"])
        }
    }

    @Test func `tell no token in logs and errors`() async throws {
        let stage = stage()
        try await stage.running { adapter in
            try await registered(stage)
            let said = try stage.say("/help", in: "general", .group)
            try await stage.called { calls in calls.contains { $0.name.hasSuffix("/callback") } }
            let token = try #require(stage.simulator.change { $0.interactions.keys.first })
            try stage.fault(
                .status(500, body: #"{"message":"you sent \#(token)","code":0}"#, description: nil, headers: [:]),
                match: "@original")
            let error = await #expect(throws: ChannelError.self) {
                try await adapter.send(
                    stage.message("x", to: said, .group, answers: EventID("discord/interaction/\(said.id)")))
            }
            #expect(!"\(String(describing: error)) \(stage.log.lines)".contains(token))
        }
    }
}
