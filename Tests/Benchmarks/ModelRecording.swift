import Foundation

/// A model's streamed answer: recorded, where `PRAISON_CORPUS` names the folder of recordings, else one of
/// `Fixtures/models`.
struct ModelRecording: Sendable {
    /// Events with words in the long version.
    static let longTokens = 500

    /// The protocol, by the name of its folder in `Fixtures/models`.
    var wire: String
    var protocolName: String
    /// What stands before a model's name in gateway.yaml.
    var prefix: String
    /// The operation's path.
    var path: String
    var type: String
    private var events: [[UInt8]]
    private var words: [Int]

    /// Events with words in it.
    var shortTokens: Int { words.count }

    static let all = [
        ModelRecording(
            "chat", "Chat Completions", "openai", path: "/chat/completions", fixture: "text-with-usage.sse",
            corpus: "openai/chat-text-usage.sse", word: "\"delta\":{\"content\":\""),
        ModelRecording(
            "responses", "Responses", "responses", path: "/responses", fixture: "text.sse",
            corpus: "openai/responses-text.sse", word: "response.output_text.delta"),
        ModelRecording(
            "anthropic", "Anthropic Messages", "anthropic", path: "/messages", fixture: "text.sse",
            corpus: "anthropic/text-basic.sse", word: "text_delta"),
        ModelRecording(
            "gemini", "Gemini", "gemini", path: "streamGenerateContent", fixture: "text.sse",
            corpus: "gemini/text-long.sse", word: "\"text\""),
        ModelRecording(
            "ollama", "Ollama", "ollama", path: "/api/chat", fixture: "text.ndjson",
            corpus: "ollama/chat-stream.ndjson", word: "\"done\":false"),
    ].compactMap { $0 }

    /// - Parameter word: what the events with words have in them, in the recording; white space does not count.
    private init?(
        _ wire: String, _ protocolName: String, _ prefix: String, path: String, fixture: String, corpus: String,
        word: String
    ) {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let recordings = ProcessInfo.processInfo.environment["PRAISON_CORPUS"]
            .map { URL(filePath: $0).appending(path: "llm/\(corpus)") }
        let file = recordings ?? root.appending(path: "Fixtures/models/\(wire)/\(fixture)")
        guard let text = try? String(contentsOf: file, encoding: .utf8) else { return nil }
        self.wire = wire
        self.protocolName = protocolName
        self.prefix = prefix
        self.path = path
        let isLines = fixture.hasSuffix(".ndjson")
        type = isLines ? "application/x-ndjson" : "text/event-stream"
        let end = isLines ? "\n" : "\n\n"
        let parts = text.replacing("\r\n", with: "\n").split(separator: end)
        events = parts.map { Array("\($0)\(end)".utf8) }
        words = parts.indices.filter { parts[$0].filter { !$0.isWhitespace }.contains(word) }
        guard !words.isEmpty else { return nil }
    }

    /// The events as they were, or with those that have words repeated up to ``longTokens``.
    func events(isLong: Bool) -> [[UInt8]] {
        guard isLong, let first = words.first, let last = words.last else { return events }
        let middle = (0..<Self.longTokens).map { events[words[$0 % words.count]] }
        return Array(events[..<first]) + middle + Array(events[(last + 1)...])
    }
}
