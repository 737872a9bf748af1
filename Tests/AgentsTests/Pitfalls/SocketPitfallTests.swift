import Logging
import PraisonCore
import PraisonNet
import PraisonSimulation
import Testing

@testable import PraisonAgents

/// Pitfalls that only show on a real connection. Numbers are those of the table in `README.md`.
@Suite(.serialized, .timeLimit(.minutes(2))) struct `a model behind a socket` {
    typealias Wire = ModelFixture.Wire
    private static let key = "k-test-1234567890"

    private static func provider(
        _ wire: Wire, at url: String, _ http: any HTTPClient
    ) throws -> WireProvider {
        WireProvider(
            name: wire.model, model: "small-1", wire: wire.value,
            account: .init(endpoint: try #require(ServerEndpoint(baseURL: url)), key: Secret(key)), http: http,
            clock: VirtualClock(), entropy: SeededEntropy(), logger: silent)
    }

    @Test(arguments: Wire.allCases, [301, 302, 307, 308])
    func `8 is not followed to another server, which would get the key`(_ wire: Wire, _ status: Int) async throws {
        let other = ScriptedServer([wire.goodAnswer.response])
        try await onSockets(other) { elsewhere, http in
            let server = ScriptedServer([HTTPResponse(status: status, headers: ["Location": "\(elsewhere)/v1"])])
            try await onSockets(server) { url, _ in
                let error = await #expect(throws: ModelError.self) {
                    try await Self.provider(wire, at: url, http).complete(.make()) { _ in }
                }
                #expect(error?.kind == .invalidRequest)
                #expect(error?.detail.contains("base_url") == true)
            }
        }
        #expect(other.seen.isEmpty)
    }

    @Test(arguments: Wire.allCases)
    func `9 leaves no key and no word of the conversation in any log`(_ wire: Wire) async throws {
        let lines = Collected<String>()
        let logger = LogRecorder.logger(lines)
        let server = ScriptedServer([.failing(500, "bad key \(Self.key)"), .failing(401), wire.goodAnswer.response])
        try await onSockets(server) { url, _ in
            let http = CurlHTTPClient(logger: logger)
            let clock = VirtualClock()
            let factory = AgentFactory(
                environment: [:], http: http, clock: clock, entropy: SeededEntropy(), logger: logger)
            let settings = AgentSettings(
                name: "a", instructions: "private rules", model: wire.model, baseURL: url, apiKey: Secret(Self.key))
            let agent = factory.agents(for: [settings], fallbackModel: nil)[0].agent
            async let failed = #expect(throws: AgentError.self) {
                try await agent.reply(to: .make("private words")) { _ in }
            }
            await clock.advanceToNextSleeper()
            #expect(await failed?.kind == .auth)
            _ = try await agent.reply(to: .make("private words")) { _ in }
            await http.shutdown()
        }
        #expect(server.seen.count == 3)
        #expect(!lines.all.isEmpty)
        for line in lines.all {
            #expect(!line.contains(Self.key) && !line.contains("private") && !line.contains("ferry"))
        }
        // Nor in an address, which others would log.
        #expect(server.seen.allSatisfy { !$0.target.contains(Self.key) })
    }

    @Test(arguments: Wire.allCases)
    func `19 is asked again on a new connection when the one in the pool was dead`(_ wire: Wire) async throws {
        // Each connection serves one request and is then closed by the server, without a word.
        let good = wire.goodAnswer
        let server = ScriptedServer([good.response])
        try await HTTPServer.withServer(
            server, configuration: .init(keepAliveTimeout: .milliseconds(1)), logger: silent
        ) { address in
            let http = CurlHTTPClient(logger: silent)
            let model = RetryingModel(
                model: try Self.provider(wire, at: address.url, http), policy: RetryPolicy(), clock: SystemClock(),
                entropy: SeededEntropy(), logger: silent)
            for _ in 0..<5 {
                #expect(try await model.complete(.make()) { _ in }.text == good.expectation.text)
            }
            await http.shutdown()
        }
    }
}
