import PraisonCore
import PraisonSimulation
import Testing

@testable import PraisonAgents

@Suite struct `a failing model` {
    private func error(_ response: HTTPResponse, key: String = "sk-test-1234567890") async -> ModelError? {
        await #expect(throws: ModelError.self) {
            try await WireProvider.make(ScriptedServer([response]), key: key).complete(.make()) { _ in }
        }
    }

    @Test(arguments: [
        (400, AgentError.Kind.invalidRequest, false), (401, .auth, false), (402, .billing, false), (403, .auth, false),
        (404, .modelNotFound, false), (408, .transient, true), (409, .transient, true), (413, .contextOverflow, false),
        (418, .invalidRequest, false), (422, .invalidRequest, false), (429, .rateLimit, true), (500, .transient, true),
        (502, .transient, true), (503, .overloaded, true), (504, .transient, true), (529, .overloaded, true),
        (301, .invalidRequest, false),
    ])
    func `is known by its status`(_ status: Int, _ kind: AgentError.Kind, _ isRetryable: Bool) async {
        let error = await error(.failing(status))
        #expect(error?.kind == kind)
        #expect(error?.isRetryable == isRetryable)
        #expect(error?.status == status)
    }

    @Test(arguments: [
        (429, "You exceeded your current quota", "insufficient_quota", AgentError.Kind.billing, false),
        (400, "This model's maximum context length is 8192 tokens", "context_length_exceeded", .contextOverflow, false),
        (400, "request (9000 tokens) exceeds the available context size", "", .contextOverflow, false),
        (
            400, "The input token count (1048600) exceeds the maximum number of tokens allowed (1048576).",
            "INVALID_ARGUMENT", .contextOverflow, false
        ),
        (
            400, "This model's maximum prompt length is 131072 but the request contains 537812 tokens.", "",
            .contextOverflow, false
        ),
        (
            400, "input length and `max_tokens` exceed context limit: 188240 + 21333 > 200000", "", .contextOverflow,
            false
        ),
        (400, "Input is too long for requested model.", "", .contextOverflow, false),
        (400, "Your request exceeded model token limit: 262144", "", .contextOverflow, false),
        (400, "Please reduce the length of the messages or completion.", "", .contextOverflow, false),
        (
            400,
            "Trying to keep the first 5000 tokens when context the overflows. However, the model is loaded with context length of only 4096 tokens, which is not enough.",
            "", .contextOverflow, false
        ),
        (
            400, "The number of tokens to keep from the initial prompt is greater than the context length.", "",
            .contextOverflow, false
        ),
        (400, "no such model", "model_not_found", .modelNotFound, false),
        (
            400, "/chat/completions: Invalid model name passed in model=x. Call `/v1/models`", "400", .modelNotFound,
            false
        ),
        (400, "bad key", "invalid_api_key", .auth, false),
        (400, "slow down", "rate_limit_exceeded", .rateLimit, true),
    ])
    func `is known better by its words`(
        _ status: Int, _ message: String, _ code: String, _ kind: AgentError.Kind, _ isRetryable: Bool
    ) async {
        let error = await error(.failing(status, message, code: .string(code)))
        #expect(error?.kind == kind)
        #expect(error?.isRetryable == isRetryable)
    }

    @Test(arguments: [
        "", "<html><h1>502 Bad Gateway</h1></html>", "Internal Server Error", #"{"error":"text"}"#, "[1]", "{", "null",
        #"{"detail":[{"loc":["body"],"msg":"no"}]}"#, #"{"message":"no"}"#, "\u{0}\u{1}",
    ])
    func `may say anything`(_ body: String) async {
        let error = await error(.text(body, status: 502))
        #expect(error?.kind == .transient)
        #expect(error?.detail.hasPrefix("models.example: HTTP 502") == true)
        #expect(error?.detail.utf8.allSatisfy { $0 >= 0x20 } == true)
    }

    @Test func `is quoted in short`() async {
        let error = await error(.text(String(repeating: "long ", count: 10_000), status: 500))
        #expect((error?.detail.utf8.count ?? 0) < 700)
        #expect(error?.detail.contains("long long") == true)
    }

    @Test func `names its request, so that the provider can be asked about it`() async {
        let error = await error(.failing(500, headers: ["x-request-id": "req_42"]))
        #expect(error?.detail.contains("[request req_42]") == true)
    }

    @Test(arguments: [
        "Incorrect API key provided: sk-live-ABCDEFGH.", "\"sk-live-ABCDEFGH\"", "sk-live-ABCDEFGH\u{301}",
        String(repeating: "x", count: 495) + "sk-live-ABCDEFGH",
    ])
    func `never gives the key away, though the server repeats it`(_ message: String) async {
        for response in [
            HTTPResponse.failing(401, message), .text(message, status: 500), .text(message, status: 200),
            .text("<html>\(message)", status: 200, type: "text/html; key=sk-live-ABCDEFGH"),
            .failing(200, message, code: .string(message)), .text("{\(message)", status: 200),
            .failing(500, headers: ["x-request-id": message]),
        ] {
            let error = await error(response, key: "sk-live-ABCDEFGH")
            #expect(error != nil)
            #expect(error?.description.contains("ABCDEFGH") == false)
            #expect(error?.description.contains("sk-live-") == false)
        }
    }

    @Test(arguments: [
        (HTTPError.Reason.couldNotConnect, AgentError.Kind.transient, true),
        (.couldNotResolve, .transient, true), (.connectTimeout, .transient, true), (.closed, .transient, true),
        (.firstByteTimeout, .idleTimeout, true), (.idleTimeout, .idleTimeout, true),
        (.totalTimeout, .idleTimeout, false), (.bodyTooLarge, .transient, false), (.tls, .invalidRequest, false),
        (.invalidURL, .invalidRequest, false),
    ])
    func `is known by what happened to the connection`(
        _ reason: HTTPError.Reason, _ kind: AgentError.Kind, _ isRetryable: Bool
    ) async {
        for server in [BrokenNetwork(reason, afterHead: false), BrokenNetwork(reason, afterHead: true)] {
            let error = await #expect(throws: ModelError.self) {
                guard let endpoint = ServerEndpoint(baseURL: "http://models.example") else { return }
                let provider = WireProvider(
                    name: "openai/x", model: "x", wire: ChatCompletionsWire(), account: .init(endpoint: endpoint),
                    http: server,
                    clock: VirtualClock(), entropy: SeededEntropy(), logger: silent)
                _ = try await provider.complete(.make()) { _ in }
            }
            #expect(error?.kind == kind)
            #expect(error?.isRetryable == isRetryable)
            #expect(error?.detail.contains("models.example") == true)
        }
    }
}

/// A client whose every request fails the same way, before or after the response's head.
private struct BrokenNetwork: HTTPClient {
    let error: HTTPError
    let afterHead: Bool

    init(_ reason: HTTPError.Reason, afterHead: Bool) {
        error = HTTPError(reason, mayHaveReachedServer: true, detail: "\(reason)")
        self.afterHead = afterHead
    }

    func execute(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse { throw error }

    func withStream<Value: Sendable>(
        _ request: HTTPRequest, _ consume: @Sendable (Int, HTTPHeaders, HTTPBodyStream) async throws -> Value
    ) async throws -> Value {
        guard afterHead else { throw error }
        return try await consume(200, [:], HTTPBodyStream { [error] in throw error })
    }
}
