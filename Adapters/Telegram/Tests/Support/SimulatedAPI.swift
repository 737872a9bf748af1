import PraisonCore
import PraisonNet
import PraisonSimulation
import Testing

@testable import TelegramSimulator

/// A simulated Bot API in the same process, and a bot that asks it.
struct SimulatedAPI: Sendable {
    let clock: VirtualClock
    let simulator: TelegramSimulator
    var token = TelegramSimulator.token

    init(clock: VirtualClock = VirtualClock(), client: (any HTTPClient)? = nil) {
        self.clock = clock
        simulator = TelegramSimulator(
            clock: clock, entropy: SeededEntropy(), client: client ?? InMemoryHTTPClient(NobodyThere()),
            cryptography: OpenSSLCryptography())
    }

    /// - Returns: the answer's `result`.
    @discardableResult
    func call(_ method: String, _ parameters: [String: JSONValue] = [:]) async throws -> JSONValue {
        let (status, body) = try await ask(method, parameters)
        try #require(status == 200, "\(method): \(body.text())")
        return try #require(body["result"])
    }

    /// - Returns: what a call that is refused is told.
    func refusal(_ method: String, _ parameters: [String: JSONValue] = [:]) async throws -> String {
        let (status, body) = try await ask(method, parameters)
        #expect(body["ok"] == false)
        #expect(body["error_code"]?.int == status)
        return body["description"]?.string ?? ""
    }

    func ask(_ method: String, _ parameters: [String: JSONValue] = [:]) async throws -> (Int, JSONValue) {
        let request = HTTPRequest(
            .post, "/bot\(token)/\(method)", headers: ["Content-Type": "application/json"],
            body: JSONValue.object(parameters).bytes())
        let response = await simulator.respond(to: request)
        return (response.status, try JSONDocument(parsing: response.bytes).value)
    }

    @discardableResult
    func say(_ text: String, in conversation: String? = nil, scope: Conversation.Scope = .dm) throws -> Int {
        let receipt = try simulator.say(SimulatedUtterance(text, conversation: conversation, scope: scope))
        return try #require(Int(receipt.id.rawValue))
    }

    func inject(_ update: JSONValue) throws { try simulator.inject(JSONDocument(parsing: update.bytes())) }

    /// What waits, without waiting.
    func updates(_ parameters: [String: JSONValue] = [:]) async throws -> [JSONValue] {
        try #require(await call("getUpdates", parameters).array)
    }

    /// What the control API answers.
    @discardableResult
    func control(
        _ method: HTTPRequest.Method, _ path: String, _ body: JSONValue? = nil
    ) async throws -> (status: Int, body: JSONValue) {
        let response = await simulator.respond(to: HTTPRequest(method, "/_sim/\(path)", body: body?.bytes() ?? []))
        return (response.status, try JSONDocument(parsing: response.bytes).value)
    }
}

/// Where nobody answers.
struct NobodyThere: HTTPHandler {
    func respond(to request: HTTPRequest) async -> HTTPResponse {
        InMemoryHTTPClient.failure(.couldNotConnect, mayHaveReachedServer: false)
    }
}
