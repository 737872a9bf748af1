import PraisonCore
import Testing

@Suite struct `a gateway under kill -9` {
    private static let kills = 100

    /// Whoever looks from outside sees each message answered once and in order, whatever the process went through. A
    /// reply that was on its way at the moment of death may come again; then it is marked.
    @Test(.timeLimit(.minutes(10)))
    func `answers each message once and in order`() async throws {
        try await Workspace.with { workspace in
            let platform = LinesPlatform()
            var random = SystemRandomNumberGenerator()
            for _ in 1...Self.kills {
                // From before the store is open to well into the traffic.
                try await live(workspace.store, platform, .milliseconds(Int.random(in: 10...220, using: &random)))
            }
            try await finish(workspace.store, platform)
            let (said, seen) = await (platform.said, platform.seen)
            #expect(said.values.map(\.count).reduce(0, +) > Self.kills, "hardly anything was said")
            #expect(seen.problems(given: said) == [])
        }
    }

    /// One life: people write all the time, until it is killed.
    private func live(_ store: String, _ platform: LinesPlatform, _ time: Duration) async throws {
        let gateway = try LinesGateway(store: store)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { for await line in gateway.lines { await platform.hear(line, from: gateway) } }
            await talk(to: gateway, platform, time)
            // What it said up to its last moment was seen, so the group goes on to the end of its lines.
            gateway.kill()
        }
    }

    private func talk(to gateway: LinesGateway, _ platform: LinesPlatform, _ time: Duration) async {
        let end = ContinuousClock.now + time
        while ContinuousClock.now < end {
            try? await Task.sleep(for: min(.milliseconds(7), end - .now))
            await platform.say(to: gateway)
        }
    }

    /// The last life goes on until nothing is owed to anybody.
    private func finish(_ store: String, _ platform: LinesPlatform) async throws {
        let gateway = try LinesGateway(store: store)
        defer { gateway.kill() }
        try await withTimeout(.seconds(120), clock: SystemClock()) {
            for await line in gateway.lines {
                await platform.hear(line, from: gateway)
                if await platform.isQuiet { return }
            }
        }
    }
}

@Suite struct `an audit of what people saw` {
    private func problems(_ texts: [(Int, String)]) -> [String] {
        SeenMessages(messages: texts.map { SeenMessages.Message(answers: $0.0, chat: "ada", text: $0.1) })
            .problems(given: ["ada": [1, 2]])
    }

    private let one = (1, "answer to 1 after nothing")
    private let two = (2, "answer to 2 after 1")

    @Test func `finds nothing wrong with one answer each, or with a marked repeat`() {
        #expect(problems([one, two]).isEmpty)
        #expect(problems([one, (1, SeenMessages.mark + one.1), two]).isEmpty)
        #expect(problems([(1, SeenMessages.mark + one.1), two]).isEmpty)
    }

    @Test func `finds what is missing, repeated, out of order or forgetful`() {
        #expect(!problems([one]).isEmpty)
        #expect(!problems([one, one, two]).isEmpty)
        #expect(!problems([two, one]).isEmpty)
        #expect(!problems([one, (2, "answer to 2 after nothing")]).isEmpty)
    }
}
