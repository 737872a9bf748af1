import PraisonCore
import PraisonSimulation
import PraisonTesting
import TelegramAdapter
import Testing

@testable import TelegramSimulator

@Suite(.timeLimit(.minutes(1))) struct `two bots on one platform` {
    @Test func `hear and speak each for itself`() async throws {
        let api = SimulatedAPI()
        let cursors = MemoryCursors()
        var house = TestChannel(api.simulator, clock: api.clock, cursors: cursors)
        var vip = TestChannel(api.simulator, clock: api.clock, cursors: cursors)
        (house.name, vip.name, vip.token) = ("telegram-house", "telegram-vip", "222:SECOND")
        let (first, second) = (house, vip)
        try await first.running { houseBot in
            try await second.running { vipBot in
                await first.until { $0.health.contains(.receiving) }
                await second.until { $0.health.contains(.receiving) }
                let private1 = try api.simulator.say(SimulatedUtterance("to the house", sender: "ada", bot: "@sim_bot"))
                let private2 = try api.simulator.say(SimulatedUtterance("to the vip", sender: "ada", bot: "222"))
                _ = try api.simulator.say(
                    SimulatedUtterance("to @sim_222_bot", conversation: "family", scope: .group))
                await first.until { $0.texts.count == 2 }
                await second.until { $0.texts.count == 2 }
                // One person, two private chats.
                #expect(private1.conversation == private2.conversation)
                _ = try await houseBot.send(
                    OutboundMessage(key: "1", conversation: first.conversation(private1.conversation), text: "house"))
                _ = try await vipBot.send(
                    OutboundMessage(key: "2", conversation: second.conversation(private2.conversation), text: "vip"))
            }
        }
        #expect(first.recorder.snapshot.texts == ["to the house", "to @sim_222_bot"])
        #expect(second.recorder.snapshot.texts == ["to the vip", "to @sim_222_bot"])
        #expect(first.recorder.snapshot.messages.map(\.mentionsBot) == [false, false])
        #expect(second.recorder.snapshot.messages.map(\.mentionsBot) == [false, true])
        let ids = (first.recorder.snapshot.events + second.recorder.snapshot.events).map(\.id)
        #expect(Set(ids).count == 4)
        #expect(api.simulator.sent.map { $0.extras["bot"] } == [123456, 222])
    }

    @Test func `with one number are one bot, whose right token is the first`() async throws {
        var api = SimulatedAPI()
        #expect(try await api.call("getMe")["username"] == "sim_bot")
        api.token = "123456:ANOTHER"
        #expect(try await api.refusal("getMe") == "Unauthorized")
    }
}
