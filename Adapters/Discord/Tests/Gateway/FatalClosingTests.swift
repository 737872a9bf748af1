import PraisonCore
import PraisonSimulation
import PraisonTesting
import Testing

@testable import DiscordAdapter
@testable import DiscordSimulator

@Suite(.timeLimit(.minutes(2))) struct `a bot that only people can help` {
    @Test(arguments: [4004, 4012, 4013, 4014]) func `stops and says why`(code: Int) async throws {
        let stage = DiscordStage()
        let error = await #expect(throws: ChannelError.self) {
            try await stage.running { _ in
                try stage.say("hello")
                try await stage.until { $0.texts.contains("hello") }
                try stage.fault("close", ["code": JSONValue(code)])
                try await stage.until { _ in false }
            }
        }
        guard case .unauthorized(let reason) = error else {
            Issue.record("it became \(error.map { "\($0)" } ?? "nothing")")
            return
        }
        #expect(reason.contains("\(code)"))
        #expect(reason.contains("channels.discord.token") == (code == 4004))
        #expect(!reason.contains("401 "))
    }

    @Test(
        arguments: [
            ("auto", true, ["Message Content Intent", "Server Members Intent"]),
            ("auto", false, ["Message Content Intent"]), ("off", true, ["Server Members Intent"]), ("off", false, []),
        ] as [(String, Bool, [String])])
    func `names what it asked for where that is not allowed`(
        content: String, members: Bool, names: [String]
    ) async throws {
        var stage = DiscordStage()
        stage.options = ["message_content": .string(content), "member_events": .bool(members)]
        let curious = stage
        let error = await #expect(throws: ChannelError.self) {
            try await curious.running { _ in
                try await curious.until { $0.health.contains(.receiving) }
                try curious.fault("close", ["code": 4014])
                try await curious.until { _ in false }
            }
        }
        let reason = "\(String(describing: error))"
        for name in ["Message Content Intent", "Server Members Intent"] {
            #expect(reason.contains(name) == names.contains(name))
        }
        #expect(reason.contains("message_content: off") == (content == "auto"))
        #expect(reason.contains("member_events: false") == members)
        #expect(reason.contains("switch on  at") == false)
    }
}
