import Foundation
import PraisonCore
import Testing

@testable import PraisonAgents

/// A server's answer in a file and what a correct client makes of it.
struct ModelFixture: Sendable, CustomTestStringConvertible {
    struct Expectation: Hashable, Sendable {
        var text = ""
        var reasoning = ""
        var refusal = ""
        var tools: [ToolCall] = []
        var finish: String?
        var usage: TokenUsage?
        var errorKind: String?
        var errorSays: String?
        /// Whether the failure passes, whatever was shown before.
        var isRetryable: Bool?
        /// Whether the model is asked once more: the failure passes, and nothing was shown.
        var isAskedAgain: Bool?
    }

    var name: String
    var wire = Wire.chat
    var bytes: [UInt8]
    var type: String
    var expectation: Expectation

    /// The protocol a file is in; also the name of its folder.
    enum Wire: String, CaseIterable, Sendable {
        case chat, responses, anthropic, gemini, ollama

        var value: any ModelWire {
            switch self {
            case .chat: ChatCompletionsWire()
            case .responses: ResponsesWire()
            case .anthropic: AnthropicWire()
            case .gemini: GeminiWire()
            case .ollama: OllamaWire(contextLength: 8192)
            }
        }
    }

    var testDescription: String { name }

    /// Our own, in `Fixtures/models`.
    static let ours = Wire.allCases.flatMap(ours)

    private static func ours(_ wire: Wire) -> [ModelFixture] {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Fixtures/models/\(wire.rawValue)")
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path())) ?? []
        return files.sorted().filter { !$0.hasSuffix(".expected.json") }.compactMap { file in
            let name = String(file.prefix { $0 != "." })
            guard let bytes = read(folder.appending(path: file)),
                let expected = json(folder.appending(path: "\(name).expected.json"))
            else { return nil }
            return ModelFixture(
                name: "\(wire.rawValue)/\(file)", wire: wire, bytes: bytes, type: type(of: file),
                expectation: expectation(from: expected))
        }
    }

    /// The recordings of `PRAISON_CORPUS`, with what the official clients read from them.
    static let recorded: [ModelFixture] = {
        guard let root = ProcessInfo.processInfo.environment["PRAISON_CORPUS"] else { return [] }
        let folder = URL(filePath: root).appending(path: "llm")
        let streams = json(folder.appending(path: "EXPECTED.json"))?["streams"]?.members ?? []
        var fixtures = streams.compactMap { stream -> ModelFixture? in
            guard let wire = wire(of: stream.name), let bytes = read(folder.appending(path: stream.name)) else {
                return nil
            }
            let expectation =
                wire == .chat
                ? recordedExpectation(from: stream.value) : recordedExpectation(from: stream.value, of: wire, bytes)
            return ModelFixture(
                name: stream.name, wire: wire, bytes: bytes, type: type(of: stream.name), expectation: expectation)
        }
        for wanted in json(folder.appending(path: "handmade/WANT.json"))?.members ?? [] {
            guard let bytes = read(folder.appending(path: "handmade/\(wanted.name)")) else { continue }
            fixtures.append(
                ModelFixture(
                    name: "handmade/\(wanted.name)", wire: wanted.name.hasPrefix("anthropic-") ? .anthropic : .chat,
                    bytes: bytes, type: type(of: wanted.name),
                    expectation: wantedExpectation(from: wanted.value)))
        }
        return fixtures
    }()

    /// Those of both that end in a failure of which it is known whether asking again makes sense.
    static let failing = (ours + recorded).filter { $0.expectation.isAskedAgain != nil }

    private static func read(_ url: URL) -> [UInt8]? { (try? Data(contentsOf: url)).map(Array.init) }

    private static func json(_ url: URL) -> JSONDocument? { read(url).flatMap { try? JSONDocument(parsing: $0) } }

    private static func type(of file: String) -> String {
        file.hasSuffix(".sse") ? "text/event-stream" : file.hasSuffix(".html") ? "text/html" : "application/json"
    }

    private static func expectation(from expected: JSONDocument) -> Expectation {
        Expectation(
            text: expected["text"]?.string ?? "", reasoning: expected["reasoning"]?.string ?? "",
            refusal: expected["refusal"]?.string ?? "",
            tools: (expected["tools"]?.elements ?? []).map { tool in
                ToolCall(
                    id: tool["id"]?.string ?? "", name: tool["name"]?.string ?? "",
                    arguments: tool["arguments"]?.string ?? "")
            },
            finish: expected["finish"]?.string,
            usage: expected["usage"].map { usage in
                TokenUsage(
                    input: usage["input"]?.int ?? 0, cachedInput: usage["cached"]?.int ?? 0,
                    output: usage["output"]?.int ?? 0)
            },
            errorKind: expected["error"]?["kind"]?.string, errorSays: expected["error"]?["says"]?.string,
            isRetryable: expected["error"]?["retryable"]?.bool,
            isAskedAgain: expected["error"]?["retryable"]?.bool.map { isRetryable in
                isRetryable && expected["text"]?.string?.isEmpty != false
                    && expected["refusal"]?.string?.isEmpty != false
            })
    }

    private static func recordedExpectation(from stream: JSONDocument) -> Expectation {
        let choice = stream["choices"]?["0"]
        let tools = (choice?["tools"]?.members ?? []).map { tool in
            ToolCall(
                id: tool.value["id"]?.string ?? "", name: tool.value["name"]?.string ?? "",
                arguments: tool.value["args"]?.string ?? "")
        }
        return Expectation(
            text: choice?["text"]?.string ?? "", reasoning: choice?["reasoning"]?.string ?? "",
            refusal: choice?["refusal"]?.string ?? "", tools: tools,
            // The clients report the word on the wire; where it is missing, calls still are calls to us.
            finish: stream["error"] != nil
                ? nil : choice?["finish"]?.string ?? (tools.isEmpty ? "stop" : "tool_calls"),
            usage: stream["usage"].map { TokenUsage(input: $0["in"]?.int ?? 0, output: $0["out"]?.int ?? 0) },
            errorSays: stream["error"]?["message"]?.string)
    }

    private static func wire(of name: String) -> Wire? {
        if name.hasPrefix("openai/chat-") || name.hasPrefix("ollama/v1-") { return .chat }
        if name.hasPrefix("openai/responses-") { return .responses }
        return Wire.allCases.first { name.hasPrefix("\($0.rawValue)/") }
    }

    /// What the clients of the other providers report, each in its own words.
    private static func recordedExpectation(
        from stream: JSONDocument, of wire: Wire, _ bytes: [UInt8]
    ) -> Expectation {
        let tools = (stream["tools"]?.elements ?? []).map { tool in
            let arguments = tool["args"].map { $0.string ?? String(decoding: $0.rawBytes, as: UTF8.self) } ?? ""
            return ToolCall(
                id: tool["id"]?.string ?? tool["call_id"]?.string ?? "*", name: tool["name"]?.string ?? "",
                arguments: arguments.isEmpty ? "{}" : arguments)
        }
        let word = stream["stop"]?.string ?? stream["finish"]?.string ?? stream["block"]?.string
        let finish =
            switch word {
            case "max_tokens", "MAX_TOKENS": "length"
            case "refusal", "SAFETY": "content_filter"
            default: tools.isEmpty ? "stop" : "tool_calls"
            }
        return Expectation(
            text: stream["text"]?.string ?? "", reasoning: stream["thinking"]?.string ?? "", tools: tools,
            finish: stream["error"] == nil ? finish : nil,
            usage: stream["usage"].map { usage in
                // Google's client reports the candidates' tokens; what the model thought is counted beside them.
                TokenUsage(
                    input: usage["in"]?.int ?? 0,
                    output: (usage["out"]?.int ?? 0) + (wire == .gemini ? thoughts(countedIn: bytes) : 0))
            },
            // The clients put their own words around the server's.
            errorSays: stream["error"].map { _ in wire == .gemini ? "cancelled" : "exceeded your current quota" })
    }

    /// The last `thoughtsTokenCount` of a recording.
    private static func thoughts(countedIn bytes: [UInt8]) -> Int {
        let text = String(decoding: bytes, as: UTF8.self)
        guard let last = text.split(separator: "\"thoughtsTokenCount\":").dropFirst().last else { return 0 }
        return Int(last.drop { $0 == " " }.prefix { $0.isNumber }) ?? 0
    }

    private static func wantedExpectation(from wanted: JSONDocument) -> Expectation {
        Expectation(
            text: wanted["text"]?.string ?? "",
            tools: (wanted["tools"]?.elements ?? []).map { tool in
                ToolCall(
                    id: tool["id"]?.string ?? "", name: tool["name"]?.string ?? "",
                    arguments: tool["args"]?.value.text() ?? "")
            },
            finish: wanted["finish"]?.string, errorSays: wanted["error"]?.string,
            // Where something was shown, it is not the failure that forbids to ask again, but who asks.
            isRetryable: wanted["text"] == nil ? wanted["retryable"]?.bool : nil,
            isAskedAgain: wanted["retryable"]?.bool)
    }
}

extension ModelFixture.Wire {
    /// What an agent's `model` says, so that it speaks this protocol.
    var model: String {
        switch self {
        case .chat: "openai/small-1"
        case .responses: "responses/small-1"
        case .anthropic: "anthropic/small-1"
        case .gemini: "gemini/small-1"
        case .ollama: "ollama/small-1"
        }
    }

    /// A good answer, streamed.
    var goodAnswer: ModelFixture {
        guard let fixture = ModelFixture.ours.first(where: { $0.wire == self && $0.name.contains("/text") }) else {
            fatalError("Fixtures/models/\(rawValue) has no text")
        }
        return fixture
    }

    func fixture(_ name: String) -> ModelFixture {
        guard let fixture = ModelFixture.ours.first(where: { $0.wire == self && $0.name.contains("/\(name).") }) else {
            fatalError("Fixtures/models/\(rawValue) has no \(name)")
        }
        return fixture
    }
}

extension ModelFixture {
    /// The answer as the server gave it.
    var response: HTTPResponse {
        HTTPResponse(status: 200, headers: ["Content-Type": type], body: .bytes(bytes))
    }
}
