import PraisonCore
import PraisonSimulation
import Testing

@testable import PraisonAgents

@Suite(.timeLimit(.minutes(1))) struct `a model that never answers` {
    private let clock = VirtualClock()

    private func provider(_ server: FakeModelServer, baseURL: String = "https://models.example") -> WireProvider {
        .make(server, baseURL: baseURL, clock: clock, keepsTime: true)
    }

    @Test(arguments: [("https://models.example", Duration.seconds(60)), ("http://localhost:8000", .seconds(300))])
    func `is waited for until the first byte is due`(_ baseURL: String, _ patience: Duration) async {
        let server = FakeModelServer(clock: clock)
        server.prepare(.hang)
        let provider = provider(server, baseURL: baseURL)
        async let outcome = #expect(throws: ModelError.self) { try await provider.complete(.make()) { _ in } }
        await clock.nextSleeper(count: 2)
        #expect(await clock.advanceToNextSleeper() == patience)
        let error = await outcome
        #expect(error?.kind == .idleTimeout)
        #expect(error?.isRetryable == true)
        #expect(server.calls.map(\.end) == [.cancelled])
    }

    @Test func `is given up when it falls silent`() async {
        let server = FakeModelServer(clock: clock)
        server.prepare(.stall)
        let provider = provider(server)
        let shown = Collected<ModelEvent>()
        async let outcome = #expect(throws: ModelError.self) {
            try await provider.complete(.make()) { shown.add($0) }
        }
        await clock.nextSleeper(count: 2)
        #expect(await clock.advanceToNextSleeper() == .seconds(90))
        #expect(await outcome?.kind == .idleTimeout)
        #expect(shown.all == [.text("echo:")])
        #expect(server.calls.map(\.end) == [.cancelled])
    }

    @Test func `is given up when it goes on for ever`() async {
        let server = FakeModelServer(clock: clock)
        server.prepare(.slow(.seconds(40)))
        let provider = provider(server)
        var request = ModelRequest.make("one two three four five six")
        request.timeLimit = .seconds(100)
        let asked = request
        async let outcome = #expect(throws: ModelError.self) { try await provider.complete(asked) { _ in } }
        for _ in 0..<3 {
            await clock.nextSleeper(count: 2)
            await clock.advanceToNextSleeper()
        }
        let error = await outcome
        #expect(error?.kind == .idleTimeout)
        #expect(error?.isRetryable == false)
        #expect(clock.uptime == .seconds(100))
    }

    @Test(arguments: [FakeModelBehaviour.hang, .stall, .slow(.seconds(1))])
    func `is hung up on at once when the turn is stopped`(_ behaviour: FakeModelBehaviour) async {
        let server = FakeModelServer(clock: clock)
        server.prepare(behaviour)
        let provider = WireProvider.make(server, clock: clock)
        let task = Task { try await provider.complete(.make()) { _ in } }
        await clock.nextSleeper()
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(server.calls.map(\.end) == [.cancelled])
        #expect(clock.sleeperCount == 0)
    }

    @Test func `is hung up on when nobody takes its words any more`() async {
        struct Gone: Error {}
        let server = FakeModelServer(clock: clock)
        await #expect(throws: Gone.self) {
            try await WireProvider.make(server).complete(.make()) { _ in throw Gone() }
        }
    }
}
