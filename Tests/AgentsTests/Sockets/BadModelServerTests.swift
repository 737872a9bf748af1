import PraisonCore
import PraisonNet
import PraisonSimulation
import Testing

@testable import PraisonAgents

/// The promises of ``BadInputTests`` once more, by real sockets and in all five protocols: each fault ends in its named
/// outcome after as many tries as make sense, and the next message is answered.
@Suite(.serialized, .timeLimit(.minutes(2))) struct `a model's server that misbehaves on a socket` {
    enum Fault: String, CaseIterable, CustomTestStringConvertible {
        case page, errorInside, errorInStream, brokenOffBeforeWords, brokenOffAfterWords, cutAtOnce, cutAfterWords
        case wrongType, nothing, halfJSON, unauthorized, badGateway, tooManyFor7Seconds, tooMany, tooManyForTooLong
        case busy529, busy503

        var testDescription: String { rawValue }
    }

    @Test(arguments: ModelFixture.Wire.allCases, Fault.allCases)
    func `is told of by name, and the next message is answered`(
        _ wire: ModelFixture.Wire, _ fault: Fault
    ) async throws {
        let good = wire.goodAnswer
        let waits = fault.waits(wire)
        let bad = (0...waits.count).map { _ in fault.response(in: wire) }
        let server = ScriptedServer(bad + [good.response])
        try await onSockets(server) { url, http in
            let clock = VirtualClock()
            let agent = Self.agent(wire, at: url, http, clock)
            let work = Task { try await agent.reply(to: .make("hello")) { _ in } }
            for wait in waits {
                let slept = await clock.advanceToNextSleeper().inSeconds
                #expect(wait.contains(slept))
            }
            let ended = await work.result
            let error = #expect(throws: AgentError.self) { try ended.get() }
            #expect(error?.kind == fault.kind(in: wire), "\(error?.detail ?? "")")
            #expect(error?.detail.contains(Self.key) == false)
            #expect(server.seen.count == bad.count)
            let reply = try await agent.reply(to: .make("hello?")) { _ in }
            #expect(reply.text == good.expectation.text)
        }
    }

    @Test(arguments: ModelFixture.Wire.allCases, ["application/octet-stream", "text/plain", "text/html", ""])
    func `is understood under a wrong content type`(_ wire: ModelFixture.Wire, _ type: String) async throws {
        let good = wire.goodAnswer
        let response = HTTPResponse(status: 200, headers: ["Content-Type": type], body: .bytes(good.bytes))
        try await onSockets(ScriptedServer([response])) { url, http in
            let reply = try await Self.agent(wire, at: url, http, VirtualClock()).reply(to: .make("hello")) { _ in }
            #expect(reply.text == good.expectation.text)
        }
    }

    private static let key = "k-test-1234567890"

    private static func agent(
        _ wire: ModelFixture.Wire, at url: String, _ http: any HTTPClient, _ clock: VirtualClock
    ) -> any Agent {
        let factory = AgentFactory(
            environment: [:], http: http, clock: clock, entropy: SeededEntropy(), logger: silent)
        let settings = AgentSettings(name: "a", model: wire.model, baseURL: url, apiKey: Secret(key))
        return factory.agents(for: [settings], fallbackModel: nil)[0].agent
    }
}

extension `a model's server that misbehaves on a socket`.Fault {
    private static let twice = [0.375...0.5, 0.75...1.0]

    /// Before further tries; none where trying again is no use, or something was shown.
    func waits(_ wire: ModelFixture.Wire) -> [ClosedRange<Double>] {
        switch self {
        case .page, .unauthorized, .tooManyForTooLong, .brokenOffAfterWords, .cutAfterWords: []
        case .tooManyFor7Seconds: [7...7, 7...7]
        default: Self.twice
        }
    }

    func kind(in wire: ModelFixture.Wire) -> AgentError.Kind {
        switch self {
        case .page: .invalidRequest
        case .unauthorized: .auth
        case .tooMany, .tooManyFor7Seconds, .tooManyForTooLong: .rateLimit
        case .busy529, .busy503: .overloaded
        // Ollama's errors are words; within a good status nothing says what they mean.
        case .errorInside: wire == .ollama ? .transient : .rateLimit
        case .errorInStream: wire == .ollama || wire == .responses ? .transient : .overloaded
        default: .transient
        }
    }

    func response(in wire: ModelFixture.Wire) -> HTTPResponse {
        switch self {
        case .page: .text("<!doctype html><html>login</html>", type: "text/html")
        case .errorInside: .json(wire.error("slow down", type: wire.rateLimitWord))
        case .errorInStream: .text(wire.streamedError, type: wire.streamType)
        case .brokenOffBeforeWords: .text(wire.beginning, type: wire.streamType)
        case .brokenOffAfterWords: wire.fixture("truncated").response
        case .cutAtOnce: .cut(after: [], type: wire.streamType)
        case .cutAfterWords: .cut(after: wire.fixture("truncated").bytes, type: wire.streamType)
        case .wrongType: .text("hello", type: "application/octet-stream")
        case .nothing: .text("", type: wire.streamType)
        case .halfJSON: .text(#"{"choices": [{"mess"#, type: "application/json")
        case .unauthorized: wire.failure(wire == .gemini ? 400 : 401)
        case .badGateway: .text("<html><h1>502 Bad Gateway</h1></html>", status: 502, type: "text/html")
        case .tooManyFor7Seconds: wire.failure(429, retryAfter: "7")
        case .tooMany: wire.failure(429)
        case .tooManyForTooLong: wire.failure(429, retryAfter: "600")
        case .busy529: wire.failure(529)
        case .busy503: .text("", status: 503)
        }
    }
}

extension ModelFixture.Wire {
    fileprivate var streamType: String { self == .ollama ? "application/x-ndjson" : "text/event-stream" }

    fileprivate var rateLimitWord: String {
        switch self {
        case .anthropic: "rate_limit_error"
        case .gemini: "RESOURCE_EXHAUSTED"
        default: "rate_limit_exceeded"
        }
    }

    /// An error's body in the protocol's own shape.
    fileprivate func error(_ message: String, type: String) -> JSONValue {
        let words = JSONValue.string(message)
        return switch self {
        case .chat, .responses:
            ["error": ["message": words, "type": .string(type), "param": .null, "code": .string(type)]]
        case .anthropic: ["type": "error", "error": ["type": .string(type), "message": words], "request_id": "req_1"]
        case .gemini: [["error": ["code": 429, "message": words, "status": .string(type)]]]
        case .ollama: ["error": words]
        }
    }

    fileprivate func failure(_ status: Int, retryAfter: String? = nil) -> HTTPResponse {
        let isKey = status == 401 || status == 400
        let type =
            switch self {
            case .gemini: isKey ? "INVALID_ARGUMENT" : status == 429 ? "RESOURCE_EXHAUSTED" : "UNAVAILABLE"
            case .anthropic:
                isKey ? "authentication_error" : status == 429 ? "rate_limit_error" : "overloaded_error"
            default: isKey ? "invalid_api_key" : ""
            }
        var response = HTTPResponse.json(
            error(isKey ? "API key not valid: k-test-1234567890" : "not now", type: type), status: status)
        if let retryAfter { response.headers["Retry-After"] = retryAfter }
        return response
    }

    /// An error where the first event should be.
    fileprivate var streamedError: String {
        switch self {
        case .chat: "data: {\"error\":{\"message\":\"busy\",\"type\":\"overloaded_error\"}}\n\ndata: [DONE]\n\n"
        case .responses:
            "event: error\ndata: {\"type\":\"error\",\"code\":\"server_error\",\"message\":\"busy\",\"param\":null}\n\n"
        case .anthropic:
            "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"busy\"}}\n\n"
        case .gemini: "data: {\"error\":{\"code\":503,\"message\":\"busy\",\"status\":\"UNAVAILABLE\"}}\r\n\r\n"
        case .ollama: "{\"error\":\"busy\"}\n"
        }
    }

    /// A stream that ends before the first word.
    fileprivate var beginning: String {
        switch self {
        case .chat: "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\"}}]}\n\n"
        case .responses:
            "event: response.created\ndata: {\"type\":\"response.created\",\"response\":{\"id\":\"r\"}}\n\n"
        case .anthropic: "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"m\"}}\n\n"
        case .gemini: "data: {\"candidates\":[{\"index\":0}]}\r\n\r\n"
        case .ollama: "{\"message\":{\"role\":\"assistant\",\"content\":\"\"},\"done\":false}\n"
        }
    }
}
