import PraisonCore

/// What models cost by the token. Those that aren't here, and aren't in the file, have no known price, which is not the
/// same as none.
struct PriceTable: Sendable {
    private struct Entry: Sendable {
        var prefix: String
        var price: ModelPrice

        /// In billionths of a dollar a token, which are thousandths of a dollar a million.
        init(_ prefix: String, _ input: Int64, _ cached: Int64, _ output: Int64) {
            self.prefix = prefix
            price = ModelPrice(
                input: NanoDollars(input), cachedInput: NanoDollars(cached), output: NanoDollars(output))
        }

        init(_ prefix: String, _ price: ModelPrice) {
            self.prefix = prefix
            self.price = price
        }
    }

    private let own: [Entry]

    init(_ settings: SpendingSettings = SpendingSettings()) {
        own = settings.prices.map { Entry($0.key.lowercased(), $0.value) }
            .sorted { $0.prefix.utf8.count > $1.prefix.utf8.count }
    }

    /// - Parameter label: `PROVIDER/MODEL`.
    func price(of label: String) -> ModelPrice? {
        let label = label.lowercased()
        let model = label.split(separator: "/", maxSplits: 1).last.map(String.init) ?? label
        let bare = label.split(separator: "/").last.map(String.init) ?? label
        if let own = own.first(where: { own in [label, model, bare].contains { $0.hasPrefix(own.prefix) } }) {
            return own.price
        }
        if Self.free.contains(where: label.hasPrefix) {
            return ModelPrice(input: .zero, cachedInput: .zero, output: .zero)
        }
        return Self.known.first { bare.hasPrefix($0.prefix) }?.price
    }

    /// Served on one's own machine.
    private static let free = ["ollama/", "lm_studio/", "hosted_vllm/", "llamafile/", "offline/"]

    /// The longer names first.
    ///
    /// Source: LiteLLM 1.106, model_prices_and_context_window.json
    private static let known = [
        Entry("gpt-4o-mini", 150, 75, 600), Entry("gpt-4o", 2500, 1250, 10_000), Entry("gpt-4.1-mini", 400, 100, 1600),
        Entry("gpt-4.1-nano", 100, 25, 400), Entry("gpt-4.1", 2000, 500, 8000), Entry("gpt-5-mini", 250, 25, 2000),
        Entry("gpt-5-nano", 50, 5, 400), Entry("gpt-5", 1250, 125, 10_000), Entry("o3-mini", 1100, 550, 4400),
        Entry("claude-sonnet-4", 3000, 300, 15_000), Entry("claude-haiku-4-5", 1000, 100, 5000),
        Entry("claude-3-5-sonnet", 3000, 300, 15_000), Entry("claude-3-5-haiku", 800, 80, 4000),
        Entry("gemini-2.5-flash", 300, 30, 2500), Entry("gemini-2.5-pro", 1250, 125, 10_000),
        Entry("deepseek-chat", 280, 28, 420),
    ]
}
