/// How much a model takes in and gives out at once, in tokens.
struct ContextWindow: Hashable, Sendable {
    var total: Int
    var output: Int
    /// Whether the model may think before it answers, and what it thinks takes of its answer's room.
    var thinks = false

    /// What is left for the question and its history.
    var input: Int { max(total - output, total / 4) }

    /// The window of the model as its maker states it; a small one where nothing is known, since servers at home are
    /// often started with 8192 or less and cut longer questions without a word.
    ///
    /// - Parameters:
    ///   - total: what the file says; `nil` where it does not.
    ///   - output: what the file says; `nil` where it does not.
    init(model: String, total: Int? = nil, output: Int? = nil) {
        let name = (model.split(separator: "/").last ?? "").lowercased()
        let size = total ?? Self.known.first { name.hasPrefix($0.prefix) }?.total ?? 8192
        thinks = Self.thinking.contains(where: name.hasPrefix) || RequestDialect.isReasoning(name)
        self.total = size
        self.output = min(output ?? (size <= 8192 ? min(2048, size / 2) : thinks ? 16_384 : 4096), size)
    }

    /// Tokens for a short answer, which must not be thought away.
    func room(forBrief answer: Int) -> Int { thinks ? output : min(output, answer) }

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

    /// Besides those of ``RequestDialect/isReasoning(_:)``.
    private static let thinking = [
        "gpt-oss", "deepseek-r", "gemini-2.5", "gemini-3", "grok-3-mini", "grok-4", "qwen3", "qwq", "magistral",
    ]
}
