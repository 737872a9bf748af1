import PraisonCore

extension ModelPrice {
    static let nothing = ModelPrice(input: .zero, cachedInput: .zero, output: .zero)

    /// What makers ask for whole names without a version, as far as it is known for sure: by the name alone, wherever the
    /// model is served, or by `PROVIDER/MODEL`. Where longer questions cost more, it is the price of the shorter.
    ///
    /// Sources: LiteLLM 1.106, model_prices_and_context_window.json; the makers' pages.
    static let known: [String: ModelPrice] = {
        // In billionths of a dollar a token, which are thousandths of a dollar a million: in, in from a cache, out.
        let prices: [(String, Int64, Int64, Int64)] = [
            ("gpt-4o-mini", 150, 75, 600), ("gpt-4o", 2500, 1250, 10_000), ("gpt-4o-2024-05-13", 5000, 5000, 15_000),
            ("chatgpt-4o", 5000, 5000, 15_000), ("gpt-4.1", 2000, 500, 8000), ("gpt-4.1-mini", 400, 100, 1600),
            ("gpt-4.1-nano", 100, 25, 400), ("gpt-4.5", 75_000, 37_500, 150_000), ("gpt-5", 1250, 125, 10_000),
            ("gpt-5-chat", 1250, 125, 10_000), ("gpt-5-codex", 1250, 125, 10_000), ("gpt-5-mini", 250, 25, 2000),
            ("gpt-5-nano", 50, 5, 400), ("gpt-5-pro", 15_000, 15_000, 120_000), ("gpt-5.1", 1250, 125, 10_000),
            ("gpt-5.1-chat", 1250, 125, 10_000), ("gpt-5.1-codex", 1250, 125, 10_000), ("o1", 15_000, 7500, 60_000),
            ("o1-mini", 1100, 550, 4400), ("o1-pro", 150_000, 150_000, 600_000), ("o3", 2000, 500, 8000),
            ("o3-mini", 1100, 550, 4400), ("o3-pro", 20_000, 20_000, 80_000), ("o4-mini", 1100, 275, 4400),
            ("gpt-4-turbo", 10_000, 10_000, 30_000), ("gpt-4-1106-preview", 10_000, 10_000, 30_000),
            ("gpt-4-0125-preview", 10_000, 10_000, 30_000), ("gpt-4", 30_000, 30_000, 60_000),
            ("gpt-4-32k", 60_000, 60_000, 120_000), ("gpt-3.5-turbo", 500, 500, 1500),
            ("gpt-3.5-turbo-1106", 1000, 1000, 2000), ("gpt-3.5-turbo-0613", 1500, 1500, 2000),
            ("gpt-3.5-turbo-instruct", 1500, 1500, 2000), ("gpt-3.5-turbo-16k", 3000, 3000, 4000),

            ("claude-opus-4-5", 5000, 500, 25_000), ("claude-opus-4-1", 15_000, 1500, 75_000),
            ("claude-opus-4", 15_000, 1500, 75_000), ("claude-opus-4-0", 15_000, 1500, 75_000),
            ("claude-3-opus", 15_000, 1500, 75_000), ("claude-sonnet-4-5", 3000, 300, 15_000),
            ("claude-sonnet-4", 3000, 300, 15_000), ("claude-sonnet-4-0", 3000, 300, 15_000),
            ("claude-3-7-sonnet", 3000, 300, 15_000), ("claude-3-5-sonnet", 3000, 300, 15_000),
            ("claude-3-sonnet", 3000, 300, 15_000), ("claude-haiku-4-5", 1000, 100, 5000),
            ("claude-3-5-haiku", 800, 80, 4000), ("claude-3-haiku", 250, 30, 1250),
            ("claude-opus-4.5", 5000, 500, 25_000), ("claude-opus-4.1", 15_000, 1500, 75_000),
            ("claude-sonnet-4.5", 3000, 300, 15_000), ("claude-haiku-4.5", 1000, 100, 5000),
            ("claude-3.7-sonnet", 3000, 300, 15_000), ("claude-3.5-sonnet", 3000, 300, 15_000),
            ("claude-3.5-haiku", 800, 80, 4000),

            ("gemini-2.5-pro", 1250, 125, 10_000), ("gemini-2.5-flash", 300, 30, 2500),
            ("gemini-2.5-flash-lite", 100, 10, 400), ("gemini-2.0-flash", 100, 25, 400),
            ("gemini-2.0-flash-lite", 75, 75, 300), ("gemini-1.5-pro", 1250, 1250, 5000),
            ("gemini-1.5-flash", 75, 75, 300),

            ("deepseek-chat", 280, 28, 420), ("deepseek-reasoner", 280, 28, 420), ("grok-4", 3000, 750, 15_000),
            ("grok-4-fast-reasoning", 200, 50, 500), ("grok-4-fast-non-reasoning", 200, 50, 500),
            ("grok-3", 3000, 750, 15_000), ("grok-3-mini", 300, 75, 500), ("grok-2", 2000, 2000, 10_000),
            ("grok-code-fast-1", 200, 20, 1500), ("mistral-large", 2000, 2000, 6000),
            ("mistral-medium", 400, 400, 2000), ("mistral-small", 100, 100, 300), ("codestral", 300, 300, 900),
            ("ministral-8b", 100, 100, 100), ("ministral-3b", 40, 40, 40), ("pixtral-large", 2000, 2000, 6000),
            ("pixtral-12b", 150, 150, 150), ("open-mistral-nemo", 150, 150, 150),
            ("groq/llama-3.3-70b-versatile", 590, 590, 790), ("groq/llama-3.1-8b-instant", 50, 50, 80),
            ("groq/openai/gpt-oss-120b", 150, 150, 750), ("groq/openai/gpt-oss-20b", 100, 100, 500),
            ("groq/gemma2-9b-it", 200, 200, 200),
        ]
        return Dictionary(
            prices.map { name, input, cached, output in
                (
                    name,
                    ModelPrice(
                        input: NanoDollars(input), cachedInput: NanoDollars(cached), output: NanoDollars(output))
                )
            }
        ) { first, _ in first }
    }()
}
