import PraisonCore
import PraisonGateway
import PraisonSimulation
import PraisonStore
import Testing

@Suite(.timeLimit(.minutes(2))) struct `what is on record about a person` {
    private func answers(
        to commands: [String], sender: SenderID = "ada", access: AccessSettings? = nil,
        _ prepare: (SQLiteJournal) async throws -> Void
    ) async throws -> [String] {
        let scene = try Scene()
        let journal = try #require(scene.store as? SQLiteJournal)
        try await prepare(journal)
        var channel = ChannelSettings.make()
        if let access { channel.access = access }
        try await scene.withHub(channels: [channel]) { hub, mortal in
            for (index, command) in commands.enumerated() {
                try await hub.accept([.said(command, index + 1, sender: sender)])
                _ = try await mortal.settled(EventID("house/\(index + 1)"))
                try await scene.stage.texts(index + 1)
            }
        }
        return try await scene.stage.texts(commands.count)
    }

    @Test func `is shown to them, and deleted by them`() async throws {
        let now = VirtualClock().now
        let shown = try await answers(to: ["/memory", "/forget 2", "/forget 1", "/memory", "/forget it", "/forget all"])
        {
            _ = try await $0.remember("likes tea", about: "echo/person/house/ada", at: now)
            _ = try await $0.remember("likes gin", about: "echo/person/house/eve", at: now)
        }
        #expect(shown[0].contains("1. likes tea") && !shown[0].contains("gin"))
        #expect(shown[1] == "There is nothing like that.")
        #expect(shown[2] == "Forgotten.")
        #expect(shown[3] == "I remember nothing beyond this conversation.")
        #expect(shown[4].contains("/forget all"))
        #expect(shown[5] == "There is nothing like that.")
    }

    @Test func `tells what they have cost, and what everybody has to those who run the bot`() async throws {
        func spend(_ journal: SQLiteJournal) async throws {
            for sender in ["house/ada", "house/eve"] {
                let spender = Spender(
                    agent: "echo", channel: "house", sender: sender,
                    day: Int(VirtualClock().now.microseconds / 86_400_000_000))
                guard case .reserved(let id) = try await journal.reserve(.zero, for: spender, within: []) else {
                    return
                }
                try await journal.settle(
                    id, of: spender, model: "m",
                    SpendTotal(calls: 1, usage: TokenUsage(input: 10, output: 2), cost: NanoDollars(3_000_000)))
            }
        }
        let mine = try await answers(to: ["/usage"], spend)[0]
        #expect(
            mine == """
                You, today: 1 call, 10 tokens in, 2 out, 0.003 USD
                You, the last 30 days: 1 call, 10 tokens in, 2 out, 0.003 USD
                """)
        var access = AccessSettings(unknownUserPolicy: .allow)
        access.owner = "ada"
        let all = try await answers(to: ["/usage"], access: access, spend)[0]
        #expect(all.contains("Everybody, today: 2 calls, 20 tokens in, 4 out, 0.006 USD"))
        #expect(all.hasSuffix("More: /usage agents, /usage channels, /usage people, /usage models, /usage days."))
    }

    @Test func `tells what is set aside`() async throws {
        let spender = Spender(
            agent: "echo", channel: "house", sender: "house/ada",
            day: Int(VirtualClock().now.microseconds / 86_400_000_000))
        let told = try await answers(to: ["/usage"]) {
            _ = try await $0.reserve(NanoDollars(21_000_000), for: spender, within: [])
        }
        let line = "Set aside for you today, for answers that are being written or broke off: 0.021 USD"
        #expect(told[0].hasSuffix("\n\(line)"))
    }

    @Test func `is broken down for those who run the bot, the dearest first`() async throws {
        let today = Int(VirtualClock().now.microseconds / 86_400_000_000)
        func spend(_ journal: SQLiteJournal) async throws {
            for (agent, sender, day, cost) in [
                ("echo", "house/ada", today, 1), ("sales", "house/eve", today - 1, 5), ("echo", "house/eve", today, 2),
                ("old", "house/old", today - 30, 9),
            ] {
                let spender = Spender(agent: AgentName(rawValue: agent), channel: "house", sender: sender, day: day)
                guard case .reserved(let id) = try await journal.reserve(.zero, for: spender, within: []) else {
                    return
                }
                try await journal.settle(
                    id, of: spender, model: "m",
                    SpendTotal(
                        calls: 1, usage: TokenUsage(input: 10, output: 2), cost: NanoDollars(Int64(cost) * 1_000_000)))
            }
        }
        let questions = ["/usage agents", "/usage People", "/usage days", "/usage everything"]
        let strangers = try await answers(to: questions, spend)
        #expect(Set(strangers) == ["What others have cost is told to those only who run this bot."])
        var access = AccessSettings(unknownUserPolicy: .allow)
        access.owner = "ada"
        let told = try await answers(to: questions, access: access, spend)
        #expect(
            told[0] == """
                The last 30 days, by agent:
                sales: 1 call, 10 tokens in, 2 out, 0.005 USD
                echo: 2 calls, 20 tokens in, 4 out, 0.003 USD
                """)
        #expect(
            told[1] == """
                The last 30 days, by person:
                house/eve: 2 calls, 20 tokens in, 4 out, 0.007 USD
                house/ada: 1 call, 10 tokens in, 2 out, 0.001 USD
                """)
        #expect(
            told[2] == """
                The last 30 days, by day:
                Today: 2 calls, 20 tokens in, 4 out, 0.003 USD
                Yesterday: 1 call, 10 tokens in, 2 out, 0.005 USD
                """)
        #expect(told[3].hasPrefix("I can tell /usage agents, "))
    }
}
