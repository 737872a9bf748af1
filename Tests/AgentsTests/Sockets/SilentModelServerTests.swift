import PraisonCore
import PraisonNet
import PraisonSimulation
import Testing

@testable import PraisonAgents

/// The promises of ``ModelLimitsTests`` once more, by real sockets and in all five protocols.
@Suite(.timeLimit(.minutes(5))) struct `a model behind a socket that falls silent` {
    /// Real time: the limits are kept by the HTTP client, on its own clock.
    @Test(arguments: ModelFixture.Wire.allCases, [false, true])
    func `is given up, and the next message is answered`(
        _ wire: ModelFixture.Wire, _ afterWords: Bool
    ) async throws {
        // Nothing was shown: the model is asked three times, as after other failures that pass.
        let server = SilentServer(
            afterWords ? wire.fixture("truncated") : nil, times: afterWords ? 1 : 3, wire.goodAnswer)
        try await onSockets(server) { url, http in
            let limits = HTTPLimits(firstByte: .seconds(2), idle: .seconds(2), total: .seconds(60))
            let agent = try Self.agent(wire, at: url, http, limits)
            let error = await #expect(throws: AgentError.self) { try await agent.reply(to: .make("hello")) { _ in } }
            #expect(error?.kind == .idleTimeout)
            // The server notices that nobody waits any more.
            await server.hungUp.wait { $0 > 0 }
            let reply = try await agent.reply(to: .make("hello?")) { _ in }
            #expect(reply.text == wire.goodAnswer.expectation.text)
        }
    }

    @Test(arguments: ModelFixture.Wire.allCases, [false, true])
    func `is hung up on at once when the turn is stopped`(
        _ wire: ModelFixture.Wire, _ afterWords: Bool
    ) async throws {
        let server = SilentServer(afterWords ? wire.fixture("truncated") : nil, times: 1, wire.goodAnswer)
        try await onSockets(server) { url, http in
            let agent = try Self.agent(wire, at: url, http, HTTPLimits(firstByte: .seconds(60), idle: .seconds(60)))
            let shown = Observed(0)
            let work = Task {
                try await agent.reply(to: .make("hello")) { part in
                    if case .text = part { shown.change { $0 += 1 } }
                }
            }
            await server.asked.wait { $0 == 1 }
            if afterWords { await shown.wait { $0 > 0 } }
            work.cancel()
            await #expect(throws: CancellationError.self) { try await work.value }
            await server.hungUp.wait { $0 == 1 }
            let reply = try await agent.reply(to: .make("hello?")) { _ in }
            #expect(reply.text == wire.goodAnswer.expectation.text)
        }
    }

    private static func agent(
        _ wire: ModelFixture.Wire, at url: String, _ http: any HTTPClient, _ limits: HTTPLimits
    ) throws -> any Agent {
        let endpoint = try #require(ServerEndpoint(baseURL: url))
        let provider = WireProvider(
            name: wire.model, model: "small-1", wire: wire.value, account: .init(endpoint: endpoint), limits: limits,
            http: http, clock: SystemClock(), entropy: SeededEntropy(), logger: silent)
        let model = RetryingModel(
            model: provider, policy: RetryPolicy(), clock: SystemClock(), entropy: SeededEntropy(), logger: silent)
        return ModelAgent(
            AgentSettings(name: "a"), model: model, window: ContextWindow(total: 8192, output: 1024),
            clock: SystemClock(), logger: silent)
    }
}

/// Takes requests and says nothing, or stops after some words; later ones it answers.
private final class SilentServer: HTTPHandler {
    private let words: ModelFixture?
    private let times: Int
    private let good: ModelFixture
    let asked = Observed(0)
    /// Requests whose asker went away.
    let hungUp = Observed(0)

    init(_ words: ModelFixture?, times: Int, _ good: ModelFixture) {
        self.words = words
        self.times = times
        self.good = good
    }

    func respond(to request: HTTPRequest) async -> HTTPResponse {
        let number = asked.change { count in
            count += 1
            return count
        }
        guard number <= times else { return good.response }
        guard let words else {
            await wait()
            return HTTPResponse(status: 500)
        }
        let said = Collected<Int>()
        return HTTPResponse(
            status: 200, headers: ["Content-Type": words.type],
            body: .stream(
                HTTPBodyStream { [self] in
                    if said.all.isEmpty {
                        said.add(1)
                        return words.bytes
                    }
                    await wait()
                    return nil
                }))
    }

    /// Until nobody waits for the answer.
    private func wait() async {
        try? await VirtualClock().sleep(for: .seconds(1))
        hungUp.change { $0 += 1 }
    }
}
