import Foundation
import PraisonCore
import PraisonSimulation
import Testing

@testable import PraisonAgents

/// The recordings of `PRAISON_CORPUS` that no official client reads as a stream: answers in one piece, by lines, and
/// refusals. What they mean is read off them by hand.
@Suite(
    .enabled(
        if: ProcessInfo.processInfo.environment["PRAISON_CORPUS"] != nil,
        "PRAISON_CORPUS does not name the folder of recordings"))
struct `a recorded answer` {
    typealias Wire = ModelFixture.Wire

    private static func fixture(_ name: String, _ wire: Wire, _ change: (inout ModelFixture.Expectation) -> Void) throws
        -> ModelFixture
    {
        var expectation = ModelFixture.Expectation()
        change(&expectation)
        return ModelFixture(
            name: name, wire: wire, bytes: try bytes(name), type: "application/json", expectation: expectation)
    }

    private static func bytes(_ name: String) throws -> [UInt8] {
        let root = try #require(ProcessInfo.processInfo.environment["PRAISON_CORPUS"])
        return Array(try Data(contentsOf: URL(filePath: root).appending(path: "llm/\(name)")))
    }

    @Test(arguments: ["ollama/chat-stream.ndjson", "ollama/generate-stream.ndjson"], Framing.allCases)
    func `by lines is read to its end`(_ name: String, _ framing: Framing) async throws {
        let fixture = try Self.fixture(name, .ollama) { expected in
            expected.text = "Okay, here we go!\n\n1, 2, 3, 4, 5\n"
            expected.finish = "stop"
            expected.usage = TokenUsage(input: 16, output: 22)
        }
        await Answer.read(fixture, framing).expectMatch(with: fixture.expectation)
    }

    @Test(arguments: [Framing.whole, .oneByteAtATime])
    func `in one piece has its calls`(_ framing: Framing) async throws {
        let parallel = try Self.fixture("ollama/v1-parallel.json", .chat) { expected in
            expected.tools = [
                ToolCall(
                    id: "call_blwig54z", name: "weather", arguments: #"{"latitude":"52.5200","longitude":"13.4050"}"#),
                ToolCall(id: "call_k7oscaqs", name: "best_language_to_learn", arguments: "{}"),
            ]
            expected.finish = "tool_calls"
            expected.usage = TokenUsage(input: 235, output: 320)
        }
        var answer = await Answer.read(parallel, framing)
        #expect(answer.reasoning.hasPrefix("Okay, let me tackle this user query."))
        answer.reasoning = ""
        answer.expectMatch(with: parallel.expectation)

        let sums = try Self.fixture("gemini/parallel-calls.json", .gemini) { expected in
            expected.tools = [(2, 1), (4, 3), (6, 5)].map { x, y in
                ToolCall(id: "*", name: "sum", arguments: #"{"x":\#(x),"y":\#(y)}"#)
            }
            expected.finish = "tool_calls"
        }
        await Answer.read(sums, framing).expectMatch(with: sums.expectation)

        let array = try Self.fixture("gemini/json-array-stream-tools.json", .gemini) { expected in
            expected.tools = [ToolCall(id: "*", name: "pelican_name_generator", arguments: "{}")]
            expected.finish = "tool_calls"
            expected.usage = TokenUsage(input: 32, output: 54)
        }
        answer = await Answer.read(array, framing)
        #expect(answer.reasoning.hasPrefix("**Generating Pelican Names**"))
        answer.reasoning = ""
        answer.expectMatch(with: array.expectation)
    }

    @Test(arguments: [
        ("anthropic/error-401-auth.json", Wire.anthropic, 401, "invalid x-api-key"),
        ("gemini/error-400-bad-key.json", .gemini, 400, "API key not valid"),
        ("ollama/error-401.json", .ollama, 401, "Unauthorized"),
        ("openai/error-401-auth.json", .chat, 401, "Incorrect API key provided"),
    ])
    func `that refuses the key says so`(_ name: String, _ wire: Wire, _ status: Int, _ words: String) async throws {
        let response = HTTPResponse(
            status: status, headers: ["Content-Type": "application/json"], body: .bytes(try Self.bytes(name)))
        let error = await #expect(throws: ModelError.self) {
            try await WireProvider.make(ScriptedServer([response]), wire: wire.value).complete(.make()) { _ in }
        }
        #expect(error?.kind == .auth)
        #expect(error?.detail.contains(words) == true)
        #expect(error?.isRetryable == false)
    }
}
