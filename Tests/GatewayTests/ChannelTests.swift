import PraisonCore
import PraisonGateway
import PraisonSimulation
import Synchronization
import Testing

/// An adapter whose runs end as a test says, made by the hub itself.
private struct MoodyAdapter: ChannelAdapter {
    static let platform: Platform = "moody"
    static var capabilities: ChannelCapabilities { .make() }
    let context: ChannelContext
    let mood: String

    init(settings: ChannelSettings, context: ChannelContext) throws {
        mood = settings.options["mood"]?.string ?? ""
        self.context = context
        if mood == "impossible" { throw ChannelSettingsError(key: "mood", problem: "can't be; try cheerful") }
    }

    func run() async throws {
        let runs = (try await context.cursors.cursor("runs")).flatMap(Int.init) ?? 0
        try await context.cursors.save("\(runs + 1)", for: "runs")
        context.report(.receiving)
        switch mood {
        case "gloomy": throw ChannelError.unavailable(reason: "no network")
        case "refused": throw ChannelError.unauthorized(reason: "the token is refused")
        default: while true { try await SystemClock().sleep(for: .seconds(3600)) }
        }
    }

    func send(_ message: OutboundMessage) async throws(ChannelError) -> MessageReceipt { MessageReceipt(id: "1") }
    static func events(in payload: JSONDocument, for receiver: Receiver) -> [GatewayEvent] { [] }
}

@Suite(.timeLimit(.minutes(2))) struct `a channel` {
    private func withHub(
        _ mood: String, on scene: Scene, _ body: @escaping @Sendable (Gateway) async throws -> Void
    ) async throws {
        var settings = ChannelSettings(name: "house", platform: "moody", routing: Routing(fallback: "echo"))
        settings.options = ["mood": .string(mood)]
        let hub = Gateway(
            GatewayConfiguration(agents: [AgentSettings(name: "echo")], channels: [settings]),
            agents: [FakeAgent.echo], descriptions: [], adapters: [MoodyAdapter.self], journal: scene.store,
            surroundings: scene.surroundings)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await hub.run() }
            defer { group.cancelAll() }
            try await body(hub)
        }
    }

    private func health(of hub: Gateway, is word: String) async -> ChannelHealth? {
        while true {
            let health = await hub.status().channels.first?.health
            if health?.word == word { return health }
            await Task.yield()
        }
    }

    private func runs(_ count: Int, on scene: Scene) async throws {
        while try await scene.store.cursor("house/runs") != "\(count)" { await Task.yield() }
    }

    @Test func `whose adapter can't be made is shown with the reason, and may be tried again`() async throws {
        let scene = try Scene()
        try await withHub("impossible", on: scene) { hub in
            let reason = "channels.house.mood: can't be; try cheerful"
            #expect(await hub.status().channels.first?.health == .failed(reason: reason))
            #expect(await hub.reconnect("house").isDone)
            #expect(await health(of: hub, is: "failed") == .failed(reason: reason))
        }
    }

    @Test func `is started again with growing pauses`() async throws {
        let scene = try Scene()
        try await withHub("gloomy", on: scene) { hub in
            for count in 1...4 {
                try await runs(count, on: scene)
                #expect(await health(of: hub, is: "degraded")?.reason == "unavailable: no network")
                let pause = await scene.clock.advanceToNextSleeper()
                #expect(
                    pause.inSeconds <= Double(1 << (count - 1)) && pause.inSeconds >= 0.7 * Double(1 << (count - 1)))
            }
        }
    }

    @Test func `whose token is refused is left alone until somebody says so`() async throws {
        let scene = try Scene()
        try await withHub("refused", on: scene) { hub in
            #expect(await health(of: hub, is: "failed")?.reason == "the token is refused")
            scene.clock.advance(by: .seconds(3600))
            #expect(try await scene.store.cursor("house/runs") == "1")
            #expect(await hub.reconnect("house") == ChannelChange(isDone: true, message: "reconnecting house"))
            try await runs(2, on: scene)
        }
    }

    @Test func `is paused and resumed, and stays paused over a restart`() async throws {
        let scene = try Scene()
        try await withHub("cheerful", on: scene) { hub in
            try await runs(1, on: scene)
            #expect(await hub.pause("house") == ChannelChange(isDone: true, message: "paused house"))
            #expect(await hub.status().channels.first?.health == .off(reason: "paused by an operator"))
            #expect(await !hub.reconnect("house").isDone)
        }
        try await withHub("cheerful", on: scene) { hub in
            #expect(await health(of: hub, is: "off")?.reason == "paused by an operator")
            #expect(await hub.resume("house") == ChannelChange(isDone: true, message: "resumed house"))
            try await runs(2, on: scene)
            #expect(await health(of: hub, is: "receiving") == .receiving)
            #expect(await hub.reconnect("house").isDone)
            try await runs(3, on: scene)
            #expect(await hub.pause("hose") == ChannelChange(isDone: false, message: "there is no channel hose"))
        }
    }

    @Test func `comes and goes as events`() async throws {
        let scene = try Scene()
        try await withHub("cheerful", on: scene) { hub in
            var events = hub.events.subscribe().makeAsyncIterator()
            _ = await health(of: hub, is: "receiving")
            _ = await hub.pause("house")
            _ = await hub.resume("house")
            var heard: [EventType] = []
            while heard.suffix(2) != [.disconnect, .connect], let event = await events.next() {
                heard.append(event.type)
            }
            #expect(heard.suffix(2) == [.disconnect, .connect])
        }
    }

    @Test func `that is off takes no webhooks and keeps its messages`() async throws {
        let scene = try Scene()
        try await scene.withHub(channels: [.make(), .make("garden", offReason: "TOKEN is not set")]) { hub, journal in
            #expect(hub.webhooks["garden"] == nil)
            let change = await hub.resume("garden")
            #expect(change == ChannelChange(isDone: false, message: "garden is off: TOKEN is not set"))
        }
    }
}
