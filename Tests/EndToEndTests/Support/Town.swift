import Logging
import PraisonCore
import PraisonNet
import PraisonSimulation
import TelegramSimulator

/// Everything around a gateway, on real sockets of this machine: a simulated platform and a language model's server.
struct Town: Sendable {
    struct Refusal: Error { var text: String }

    static let apiKey = "sk-never-to-be-seen-0123456789"

    let platformURL: String
    let modelURL: String
    let model: FakeModelServer
    let http: any HTTPClient

    static func with<Value: Sendable>(_ body: @escaping @Sendable (Town) async throws -> Value) async throws -> Value {
        let logger = Logger(label: "town") { _ in SwiftLogNoOpLogHandler() }
        let http = CurlHTTPClient(logger: logger)
        let simulator = TelegramSimulator(
            clock: SystemClock(), entropy: SystemEntropy(), client: http, cryptography: OpenSSLCryptography())
        let model = FakeModelServer(clock: SystemClock(), key: apiKey)
        let result: Result<Value, any Error>
        do {
            result = .success(
                try await HTTPServer.withServer(simulator, logger: logger) { platform in
                    try await HTTPServer.withServer(model, logger: logger) { modelAddress in
                        try await body(
                            Town(platformURL: platform.url, modelURL: modelAddress.url, model: model, http: http))
                    }
                })
        } catch {
            result = .failure(error)
        }
        await http.shutdown()
        return try result.get()
    }

    /// A gateway.yaml with one channel to this town's platform.
    func configuration(gateway: String = "", channel: String = "") -> String {
        """
        gateway:
          drain_timeout: 20
        \(gateway)
        agents:
          personal: {model: gpt-4o-mini, base_url: "\(modelURL)/v1", api_key: "\(Self.apiKey)"}
          helper: {model: gpt-4o-mini, base_url: "\(modelURL)/v1", api_key: "\(Self.apiKey)"}
          herald: {model: gpt-4o-mini, base_url: "\(modelURL)/v1", api_key: "\(Self.apiKey)"}
        channels:
          telegram:
            token: "\(TelegramSimulator.token)"
            api_base: "\(platformURL)"
            poll_timeout: 5
            routing: {dm: personal, group: helper, channel: herald}
        \(channel)
        """
    }

    // MARK: The platform, as people use it

    @discardableResult
    func control(_ path: String, _ body: JSONValue) async throws -> JSONValue {
        let response = try await http.execute(HTTPRequest(.post, "\(platformURL)/_sim/\(path)", body: body.bytes()))
        let answer = try JSONDocument(parsing: response.bytes).value
        guard response.status == 200 else { throw Refusal(text: answer.text()) }
        return answer
    }

    /// - Returns: what the platform made of it: `{id, conversation, …}`.
    @discardableResult
    func say(_ body: JSONValue) async throws -> JSONValue { try await control("say", body) }

    /// What people see of the bot, oldest first.
    func sent() async throws -> [JSONValue] {
        let response = try await http.execute(HTTPRequest(.get, "\(platformURL)/_sim/sent"))
        return try JSONDocument(parsing: response.bytes).value.array ?? []
    }

    /// Waits until people see a message of the bot with these words, whatever they are without any, and returns it.
    @discardableResult
    func hears(_ words: String = "") async throws -> JSONValue {
        let found = try await sent(waitingFor: 1, with: words).first { $0["text"]?.string?.contains(words) == true }
        return try found ?? { throw Refusal(text: "nobody heard \(words)") }()
    }

    /// What people see of the bot once there are `count` messages with these words, or patience is at an end.
    func sent(waitingFor count: Int, with words: String = "") async throws -> [JSONValue] {
        let query = FormEncoding.encode([
            ("count", "\(count)"), ("text", words), ("wait", "\(CommandProcess.patience.components.seconds)"),
        ])
        var request = HTTPRequest(.get, "\(platformURL)/_sim/sent?\(query)")
        (request.limits.firstByte, request.limits.total) = (CommandProcess.patience * 2, nil)
        let response = try await http.execute(request)
        let answer = try JSONDocument(parsing: response.bytes).value
        return try answer.array ?? { throw Refusal(text: answer.text()) }()
    }
}
