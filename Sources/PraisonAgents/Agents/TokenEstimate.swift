import PraisonCore

/// How many tokens a text may take, without the model's own vocabulary.
enum TokenEstimate {
    /// Tokens that go with every message besides its text.
    private static let perMessage = 6
    /// About what a picture of common size takes; providers count between 85 and 1600.
    private static let perImage = 1200
    /// About what a page of a PDF takes, as text and as a picture.
    private static let perPage = 2000
    /// Bytes of a PDF that are about one page, and pages that providers read at most.
    private static let (pageSize, maximumPages) = (50 << 10, 100)

    /// Three bytes of UTF-8 for one token: more than English takes, about what Chinese does.
    static func tokens(of text: String) -> Int { (text.utf8.count + 2) / 3 }

    static func tokens(of tools: [ModelRequest.Tool]) -> Int {
        tools.reduce(0) { $0 + perMessage + tokens(of: $1.name + $1.description) + tokens(of: $1.parameters.text()) }
    }

    static func tokens(of messages: [ChatMessage]) -> Int {
        messages.reduce(0) { sum, message in
            let calls = message.toolCalls.reduce(0) { $0 + tokens(of: $1.name) + tokens(of: $1.arguments) + perMessage }
            return sum + perMessage + tokens(of: message.text) + calls + perImage * message.images.count
                + message.files.reduce(0) { $0 + perPage * min($1.bytes.count / pageSize + 1, maximumPages) }
        }
    }
}

/// How much a model takes in and gives out at once, in tokens.
struct ContextWindow: Hashable, Sendable {
    var total: Int
    var output: Int

    /// What is left for the question and its history.
    var input: Int { max(total - output, total / 4) }

    /// The window of the model as its maker states it; a small one where nothing is known, since servers at home are
    /// often started with 8192 or less and cut longer questions without a word.
    init(model: String) {
        let name = (model.split(separator: "/").last ?? "").lowercased()
        let total = Self.known.first { name.hasPrefix($0.prefix) }?.total ?? 8192
        self.init(total: total, output: total <= 8192 ? 2048 : RequestDialect.isReasoning(name) ? 16_384 : 4096)
    }

    init(total: Int, output: Int) {
        self.total = total
        self.output = output
    }

    private static let known: [(prefix: String, total: Int)] = [
        ("gpt-4o", 128_000), ("gpt-4.1", 1_000_000), ("gpt-4-turbo", 128_000), ("gpt-4-", 8192), ("gpt-4", 8192),
        ("gpt-5", 272_000), ("gpt-3.5", 16_385), ("chatgpt-4o", 128_000), ("codex-", 200_000), ("o1", 128_000),
        ("o3", 200_000), ("o4", 200_000), ("claude", 200_000), ("gemini", 1_000_000), ("deepseek", 128_000),
        ("mistral-large", 128_000), ("mistral-medium", 128_000), ("mistral-small", 32_000), ("grok", 131_072),
        ("gpt-oss", 131_072),
    ]
}
