import PraisonCore
import PraisonSimulation
import Testing

@testable import PraisonAgents

/// Whatever a server answers, the turn ends in its named outcome after as many tries as make sense, and the next message
/// is answered.
@Suite(.timeLimit(.minutes(1))) struct `an agent whose model's server misbehaves` {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var response: HTTPResponse
        var kind: AgentError.Kind
        /// Waits before further tries; none where trying again is no use.
        var waits: [ClosedRange<Double>] = []

        static let twice = [0.375...0.5, 0.75...1.0]
    }

    static let cases = [
        Case(
            testDescription: "a web page in place of JSON",
            response: .text("<!doctype html><html>login</html>", type: "text/html"), kind: .invalidRequest),
        Case(
            testDescription: "200 with an error inside",
            response: .failing(200, "slow down", code: "rate_limit_exceeded"),
            kind: .rateLimit, waits: Case.twice),
        Case(
            testDescription: "a stream with an error inside",
            response: .text(
                "data: {\"error\":{\"message\":\"busy\",\"type\":\"overloaded_error\"}}\n\ndata: [DONE]\n\n",
                type: "text/event-stream"),
            kind: .overloaded, waits: Case.twice),
        Case(
            testDescription: "a stream that is cut short",
            response: .text(
                "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\"}}]}\n\n", type: "text/event-stream"),
            kind: .transient, waits: Case.twice),
        Case(
            testDescription: "the wrong content type", response: .text("hello", type: "application/octet-stream"),
            kind: .transient, waits: Case.twice),
        Case(testDescription: "nothing at all", response: .text(""), kind: .transient, waits: Case.twice),
        Case(
            testDescription: "half a JSON text", response: .text("{\"choices\": [", type: "application/json"),
            kind: .transient, waits: Case.twice),
        Case(testDescription: "401", response: .failing(401), kind: .auth),
        Case(
            testDescription: "429 with Retry-After", response: .failing(429, headers: ["Retry-After": "7"]),
            kind: .rateLimit, waits: [7...7, 7...7]),
        Case(testDescription: "429 without Retry-After", response: .failing(429), kind: .rateLimit, waits: Case.twice),
        Case(
            testDescription: "429 for lack of money", response: .failing(429, code: "insufficient_quota"),
            kind: .billing),
        Case(
            testDescription: "429 with a wait that nobody waits",
            response: .failing(429, headers: ["Retry-After": "600"]), kind: .rateLimit),
        Case(testDescription: "529", response: .failing(529), kind: .overloaded, waits: Case.twice),
        Case(
            testDescription: "no connection",
            response: InMemoryHTTPClient.failure(.couldNotConnect, mayHaveReachedServer: false), kind: .transient,
            waits: Case.twice),
    ]

    @Test(arguments: cases)
    func `tells what is wrong, and answers the next message`(_ bad: Case) async throws {
        let clock = VirtualClock()
        let tries = bad.waits.count + 1
        let server = ScriptedServer(Array(repeating: bad.response, count: tries) + [.answer("here I am")])
        let factory = AgentFactory(
            environment: ["OPENAI_API_KEY": "sk-1"], http: InMemoryHTTPClient(server), clock: clock,
            entropy: SeededEntropy(), logger: silent)
        let agent = factory.agents(for: [AgentSettings(name: "a")], fallbackModel: nil)[0].agent
        let work = Task { try await agent.reply(to: .make("hello")) { _ in } }
        for wait in bad.waits {
            let slept = await clock.advanceToNextSleeper().inSeconds
            #expect(wait.contains(slept))
        }
        let ended = await work.result
        let error = #expect(throws: AgentError.self) { try ended.get() }
        #expect(error?.kind == bad.kind)
        #expect(server.seen.count == tries)
        let reply = try await agent.reply(to: .make("hello?")) { _ in }
        #expect(reply.text == "here I am")
        #expect(clock.sleeperCount == 0)
    }
}
