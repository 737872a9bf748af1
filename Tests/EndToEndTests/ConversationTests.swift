import Foundation
import PraisonCore
import PraisonSimulation
import TelegramSimulator
import Testing

@Suite(.serialized, .timeLimit(.minutes(5)))
struct `a conversation with the built command` {
    @Test func `goes on in a dm, a group, a topic and a broadcast, each with its own agent`() async throws {
        try await Town.with { town in
            try await Workspace.with { workspace in
                try await GatewayProcess.withGateway(town.configuration(), in: workspace) { _ in
                    try await town.say(["scope": "dm", "sender": "ada", "text": "hello from ada"])
                    let direct = try await town.hears("hello from ada")
                    #expect(direct["text"]?.string == "echo: hello from ada")
                    #expect(direct["thread"] == .null)

                    // A group is only answered when the bot is called, or answered.
                    try await town.say(["scope": "group", "conversation": "family", "sender": "ada", "text": "just us"])
                    let called = try await town.say([
                        "scope": "group", "conversation": "family", "sender": "ada", "text": "hello group",
                        "mention": true,
                    ])
                    let answer = try await town.hears("hello group")
                    #expect(answer["conversation"] == called["conversation"])
                    #expect(answer["reply_to"] == called["id"])
                    try await town.say([
                        "scope": "group", "conversation": "family", "sender": "ben", "text": "and me?",
                        "reply_to": answer["id"] ?? .null,
                    ])
                    #expect(try await town.hears("and me?")["conversation"] == called["conversation"])

                    let topic = try await town.say([
                        "scope": "group", "conversation": "family", "thread": "books", "sender": "ada",
                        "text": "hello topic", "mention": true,
                    ])
                    let inTopic = try await town.hears("hello topic")
                    #expect(inTopic["thread"] == topic["thread"])
                    #expect(inTopic["thread"] != .null)

                    let post = try await town.say([
                        "scope": "channel", "conversation": "news", "text": "hello everybody",
                    ])
                    #expect(try await town.hears("hello everybody")["conversation"] == post["conversation"])

                    let texts = try await town.sent().compactMap { $0["text"]?.string }
                    #expect(texts.count == 5)
                    #expect(!texts.contains { $0.contains("just us") })
                }
            }
        }
    }

    @Test func `is remembered across a restart, and shown to nobody else`() async throws {
        try await Town.with { town in
            try await Workspace.with { workspace in
                try await GatewayProcess.withGateway(town.configuration(), in: workspace) { gateway in
                    try await town.say(["scope": "dm", "sender": "ada", "text": "my cat is called Schnurr"])
                    try await town.hears("Schnurr")
                    #expect(try await gateway.stop().status == 0)
                }
                try await GatewayProcess.withGateway(town.configuration(), in: workspace) { gateway in
                    try await town.say(["scope": "dm", "sender": "ada", "text": "what is its name?"])
                    try await town.hears("what is its name?")
                    try await town.say(["scope": "dm", "sender": "ben", "text": "and who am I?"])
                    try await town.hears("and who am I?")
                    #expect(try await gateway.stop().status == 0)
                }
                func asked(_ words: String) -> String {
                    town.model.calls.first { $0.question.contains(words) }?.body.text() ?? ""
                }
                #expect(asked("what is its name?").contains("Schnurr"))
                #expect(!asked("and who am I?").contains("Schnurr"))
            }
        }
    }

    @Test func `under way is finished before the gateway stops`() async throws {
        try await Town.with { town in
            try await Workspace.with { workspace in
                try await GatewayProcess.withGateway(town.configuration(), in: workspace) { gateway in
                    town.model.prepare(.slow(.milliseconds(300)), matching: "take your time")
                    try await town.say(["scope": "dm", "sender": "ada", "text": "please take your time with this one"])
                    await town.model.waitForCalls()
                    let finished = try await gateway.stop()
                    #expect(finished.status == 0)
                    #expect(finished.errors.contains("stopping"))
                    #expect(
                        try await town.sent().map { $0["text"]?.string } == [
                            "echo: please take your time with this one"
                        ])
                }
            }
        }
    }

    @Test func `that never ends does not keep the gateway from ending when told twice`() async throws {
        try await Town.with { town in
            try await Workspace.with { workspace in
                try await GatewayProcess.withGateway(town.configuration(), in: workspace) { gateway in
                    town.model.prepare(.hang, matching: "for ever")
                    try await town.say(["scope": "dm", "sender": "ada", "text": "think for ever"])
                    await town.model.waitForCalls()
                    gateway.process.send(SIGTERM)
                    try await gateway.process.errors.waitFor("once more to stop at once")
                    #expect(try await gateway.stop().status == 128 + SIGTERM)
                }
                // What had been heard is answered after the next start.
                try await GatewayProcess.withGateway(town.configuration(), in: workspace) { _ in
                    _ = try await town.hears("think for ever")
                }
            }
        }
    }

    @Test func `leaves neither token nor key in anything the gateway says`() async throws {
        try await Town.with { town in
            try await Workspace.with { workspace in
                let configuration = town.configuration(gateway: "  auth_token: plane-token-never-to-be-seen")
                let finished = try await GatewayProcess.withGateway(
                    configuration, in: workspace, arguments: ["--log-level", "trace", "--log-format", "json"]
                ) { gateway in
                    try await town.control("faults", ["kind": "status", "code": 500, "match": "sendMessage"])
                    town.model.prepare(.status(401), matching: "refuse")
                    try await town.say(["scope": "dm", "sender": "ada", "text": "please refuse"])
                    try await town.hears()
                    try await town.say(["scope": "dm", "sender": "ada", "text": "hello again"])
                    try await town.hears("hello again")
                    return try await gateway.stop()
                }
                #expect(finished.status == 0)
                for secret in [TelegramSimulator.token, Town.apiKey, "plane-token-never-to-be-seen"] {
                    #expect(!finished.everything.contains(secret))
                }
                for line in finished.errors.split(separator: "\n") {
                    #expect((try? JSONDocument(parsing: String(line)))?["message"] != nil, "not a JSON line: \(line)")
                }
            }
        }
    }
}
