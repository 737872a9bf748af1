/// A place where models are served, and how people name it.
struct KnownProvider: Hashable, Sendable {
    /// How it is spoken to.
    enum Wire: String, Sendable { case chat, responses, anthropic, gemini, ollama }

    let name: String
    /// What may stand before the slash in a model's name, besides `name`.
    var aliases: [String] = []
    /// Beginnings of model names that can only mean this provider.
    var models: [String] = []
    var hosts: [String] = []
    /// `nil` where there is no common address.
    var baseURL: String?
    var keyVariables: [String] = []
    var baseVariables: [String] = []
    var wire = Wire.chat
    /// Whether it runs on one's own machine and asks for no key.
    var isLocal = false
    /// Whether its models' names have a slash themselves (`vendor/model`).
    var servesManyVendors = false
    /// What answers for agents that name no model: small, quick and able to use tools.
    var usualModel: String?

    func isCalled(_ prefix: String) -> Bool { name == prefix || aliases.contains(prefix) }

    static let openAI = KnownProvider(
        name: "openai", models: ["gpt-", "chatgpt-", "o1", "o3", "o4", "codex-", "ft:gpt-"],
        hosts: ["api.openai.com"], baseURL: "https://api.openai.com/v1", keyVariables: ["OPENAI_API_KEY"],
        baseVariables: ["OPENAI_BASE_URL", "OPENAI_API_BASE"], usualModel: "gpt-4o-mini")

    static let ollama = KnownProvider(
        name: "ollama", aliases: ["ollama_chat"], baseURL: "http://localhost:11434", baseVariables: ["OLLAMA_HOST"],
        wire: .ollama, isLocal: true)

    static let anthropic = KnownProvider(
        name: "anthropic", models: ["claude"], hosts: ["api.anthropic.com"], baseURL: "https://api.anthropic.com",
        keyVariables: ["ANTHROPIC_API_KEY"], baseVariables: ["ANTHROPIC_BASE_URL"], wire: .anthropic,
        usualModel: "claude-haiku-4-5")

    static let gemini = KnownProvider(
        name: "gemini", aliases: ["google"], models: ["gemini"], hosts: ["generativelanguage.googleapis.com"],
        baseURL: "https://generativelanguage.googleapis.com", keyVariables: ["GEMINI_API_KEY", "GOOGLE_API_KEY"],
        wire: .gemini, usualModel: "gemini-2.5-flash")

    /// OpenAI's newer protocol, for models that are offered there only.
    static let openAIResponses = KnownProvider(
        name: "openai_responses", aliases: ["openai-responses", "responses"], baseURL: "https://api.openai.com/v1",
        keyVariables: ["OPENAI_API_KEY"], baseVariables: ["OPENAI_BASE_URL", "OPENAI_API_BASE"], wire: .responses)

    static let all: [KnownProvider] = [
        openAI,
        anthropic, gemini,
        KnownProvider(
            name: "groq", hosts: ["api.groq.com"], baseURL: "https://api.groq.com/openai/v1",
            keyVariables: ["GROQ_API_KEY"], servesManyVendors: true, usualModel: "llama-3.3-70b-versatile"),
        KnownProvider(
            name: "openrouter", hosts: ["openrouter.ai"], baseURL: "https://openrouter.ai/api/v1",
            keyVariables: ["OPENROUTER_API_KEY"], servesManyVendors: true, usualModel: "openai/gpt-4o-mini"),
        KnownProvider(
            name: "together_ai", aliases: ["together"], hosts: ["api.together.xyz", "api.together.ai"],
            baseURL: "https://api.together.xyz/v1", keyVariables: ["TOGETHER_API_KEY", "TOGETHERAI_API_KEY"],
            servesManyVendors: true),
        KnownProvider(
            name: "deepseek", models: ["deepseek-"], hosts: ["api.deepseek.com"],
            baseURL: "https://api.deepseek.com/v1", keyVariables: ["DEEPSEEK_API_KEY"], usualModel: "deepseek-chat"),
        KnownProvider(
            name: "mistral", models: ["mistral", "codestral", "ministral", "pixtral"], hosts: ["api.mistral.ai"],
            baseURL: "https://api.mistral.ai/v1", keyVariables: ["MISTRAL_API_KEY"], usualModel: "mistral-small-latest"),
        KnownProvider(
            name: "xai", models: ["grok-"], hosts: ["api.x.ai"], baseURL: "https://api.x.ai/v1",
            keyVariables: ["XAI_API_KEY"]),
        KnownProvider(name: "azure", keyVariables: ["AZURE_API_KEY"], baseVariables: ["AZURE_API_BASE"]),
        ollama,
        KnownProvider(
            name: "lm_studio", aliases: ["lmstudio"], baseURL: "http://localhost:1234/v1",
            keyVariables: ["LM_STUDIO_API_KEY"], baseVariables: ["LM_STUDIO_API_BASE"], isLocal: true),
        KnownProvider(
            name: "hosted_vllm", aliases: ["vllm"], baseURL: "http://localhost:8000/v1",
            keyVariables: ["HOSTED_VLLM_API_KEY"], baseVariables: ["HOSTED_VLLM_API_BASE"], isLocal: true),
        KnownProvider(
            name: "llamafile", aliases: ["llamacpp", "llama_cpp"], baseURL: "http://127.0.0.1:8080/v1",
            keyVariables: ["LLAMAFILE_API_KEY"], baseVariables: ["LLAMAFILE_API_BASE"], isLocal: true),
        openAIResponses,
    ]

    static func called(_ prefix: some StringProtocol) -> KnownProvider? {
        all.first { $0.isCalled(prefix.lowercased()) }
    }

    static func at(host: String) -> KnownProvider? {
        all.first { $0.hosts.contains { host == $0 || host.hasSuffix(".\($0)") } }
    }

    /// Whose model a bare name is, by the way its maker names models.
    static func guessed(from model: String) -> KnownProvider? {
        let name = model.lowercased()
        if let family = taggedFamily(name) { return family }
        return all.first { $0.models.contains(where: name.hasPrefix) }
    }

    /// `name:tag` is how Ollama calls models, whoever made them. `nil` for other names, and for those with a provider
    /// before the colon, which say nothing here.
    private static func taggedFamily(_ name: String) -> KnownProvider?? {
        let parts = name.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }), parts[0] != "ft" else { return nil }
        // `mistral` is a provider and a model.
        guard let provider = called(parts[0]) else { return .some(ollama) }
        let isModel = provider.models.contains(String(parts[0])) && !provider.models.contains(where: parts[1].hasPrefix)
        return .some(isModel ? ollama : nil)
    }
}
