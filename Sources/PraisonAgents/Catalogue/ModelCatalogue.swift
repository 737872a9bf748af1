import PraisonCore

/// Finds out where a model is served and what is needed to ask it, from an agent's block and the environment.
///
/// In this order: the agent's `provider`, a known prefix (`groq/…`), the agent's `base_url` (whose host may be a known
/// one; anything else there speaks Chat Completions), the way makers name their models (`gpt-…`), `OPENAI_BASE_URL`;
/// else the name can't be resolved.
struct ModelCatalogue: Sendable {
    /// How a model is reached.
    struct Route: Sendable {
        /// `PROVIDER/MODEL`.
        var label: String
        /// As the server wants it.
        var model: String
        var wire: KnownProvider.Wire
        var account: WireProvider.Account
    }

    enum Resolution: Sendable {
        case route(Route)
        case demonstration
        case unconfigured(label: String, AgentError)
    }

    private static let defaultModel = "gpt-4o-mini"

    /// How it could be written; the same with a slash stands before it in another
    /// way: `openai:gpt-4o`.
    private static func suggestion(for written: String) -> String {
        let parts = written.split(separator: ":", maxSplits: 1)
        if parts.count == 2, let provider = KnownProvider.called(parts[0]) { return "\(provider.name)/\(parts[1])" }
        return "PROVIDER/MODEL, such as openrouter/\(written)"
    }

    private static let names = KnownProvider.all.map(\.name).joined(separator: ", ")

    private let environment: [String: String]

    init(environment: [String: String]) { self.environment = environment }

    func resolve(_ settings: AgentSettings, model written: String) -> Resolution {
        let written = written.trimmed
        if ["offline", DemonstrationModel.label].contains(written.lowercased()) { return .demonstration }
        let parts = written.split(separator: "/", maxSplits: 1)
        var prefixed = parts.count == 2 ? KnownProvider.called(parts[0]) : nil
        var rest = parts.last.map(String.init) ?? written
        if let name = settings.provider?.trimmed, !name.isEmpty {
            guard let named = KnownProvider.called(name) else {
                return unconfigured(
                    settings, label: written, .modelNotFound,
                    "agents.\(settings.name).provider is \(name), which is none of \(Self.names)")
            }
            if prefixed != named { rest = written }
            prefixed = named
        }
        if let baseURL = settings.baseURL?.trimmed, !baseURL.isEmpty {
            return resolve(settings, written, prefixed, rest: rest, at: baseURL)
        }
        if let prefixed { return resolve(settings, rest, of: prefixed, isNamed: true) }
        if parts.count == 1, let maker = KnownProvider.guessed(from: written) {
            return resolve(settings, written, of: maker, isNamed: false)
        }
        if let baseURL = value(of: KnownProvider.openAI.baseVariables) {
            return route(settings, written, of: .openAI, at: baseURL)
        }
        return unconfigured(
            settings, label: written, .modelNotFound,
            "nobody is known to serve \(written); write \(Self.suggestion(for: written)), or set base_url")
    }

    /// The model of an agent that names none, where the file has no other: the usual one of its provider, or of the first
    /// provider the environment has a key for.
    func usualModel(for settings: AgentSettings) -> String {
        if let name = settings.provider?.trimmed, !name.isEmpty {
            return KnownProvider.called(name)?.usualModel ?? Self.defaultModel
        }
        let isElsewhere = settings.baseURL?.trimmed.isEmpty == false
        guard !isElsewhere, value(of: KnownProvider.openAI.baseVariables) == nil,
            let provider = KnownProvider.all.first(where: {
                $0.usualModel != nil && value(of: $0.keyVariables) != nil
            }), let model = provider.usualModel
        else { return Self.defaultModel }
        return "\(provider.name)/\(model)"
    }

    /// Finds a model of a fallback chain. Without a prefix it is asked where the agent's `base_url` says, if there is
    /// one; with a prefix, or where its maker is known, at its provider's own place. The agent's key goes to the provider
    /// it was written for, and to no other.
    func resolve(_ settings: AgentSettings, fallback written: String) -> Resolution {
        var own = settings
        let parts = written.trimmed.split(separator: "/", maxSplits: 1)
        let prefixed = parts.count == 2 ? KnownProvider.called(parts[0]) : nil
        if settings.baseURL?.trimmed.isEmpty == false {
            guard prefixed != nil else { return resolve(settings, model: written) }
            (own.baseURL, own.apiKey, own.provider) = (nil, nil, nil)
            return resolve(own, model: written)
        }
        guard let provider = prefixed ?? KnownProvider.guessed(from: written.trimmed) else {
            return resolve(settings, model: written)
        }
        own.provider = nil
        if provider != self.provider(of: settings) { own.apiKey = nil }
        return resolve(own, model: written)
    }

    /// The variable that would let `model` answer.
    func keyVariable(of settings: AgentSettings, model: String) -> String {
        let provider = provider(of: settings, model: model) ?? .openAI
        return (provider.keyVariables.first ?? provider.baseVariables.first) ?? "OPENAI_API_KEY"
    }

    /// Whom the agent's own key is for.
    private func provider(of settings: AgentSettings) -> KnownProvider? {
        provider(of: settings, model: settings.model?.trimmed ?? usualModel(for: settings))
    }

    private func provider(of settings: AgentSettings, model: String) -> KnownProvider? {
        if let name = settings.provider?.trimmed, !name.isEmpty { return KnownProvider.called(name) }
        let parts = model.split(separator: "/", maxSplits: 1)
        return parts.count == 2 ? KnownProvider.called(parts[0]) : KnownProvider.guessed(from: model)
    }

    /// Whether the environment names a server or a key for anybody. `OLLAMA_HOST` does not count: it belongs to a
    /// server on this machine, which matters only to agents that name it.
    var hasAccounts: Bool {
        KnownProvider.all.contains { provider in
            value(of: provider.keyVariables) != nil || !provider.isLocal && value(of: provider.baseVariables) != nil
        }
    }

    /// Whether the agent's block has a key or a server of its own.
    func hasAccount(_ settings: AgentSettings, model: String) -> Bool {
        if settings.apiKey?.isEmpty == false || settings.baseURL?.trimmed.isEmpty == false { return true }
        let resolutions = [resolve(settings, model: model)] + settings.fallback.map { resolve(settings, fallback: $0) }
        return resolutions.contains { if case .route(let route) = $0 { route.account.endpoint.isLocal } else { false } }
    }

    // MARK: Steps

    /// A `base_url` of the agent's own.
    private func resolve(
        _ settings: AgentSettings, _ written: String, _ named: KnownProvider?, rest: String, at baseURL: String
    ) -> Resolution {
        guard let endpoint = ServerEndpoint(baseURL: baseURL) else { return badAddress(settings, written) }
        let host = KnownProvider.at(host: endpoint.host)
        // The prefix is ours where it names the server's protocol; elsewhere, as at a server for many vendors,
        // `vendor/model` is what the server calls the model.
        let isOurs = named.map { named in
            guard let host else { return !named.servesManyVendors }
            return named == host || named.wire == .responses && host == .openAI
        }
        let provider = isOurs == true ? named : host
        let model = isOurs == true ? rest : written
        // Google and others serve Chat Completions too, under /openai; at Ollama's own port a version says the same.
        if endpoint.pathContains("openai"), provider?.wire != .responses {
            return route(settings, model, of: provider ?? .openAI, speaking: .chat, at: baseURL)
        }
        let isOllama = (provider == nil || provider == .ollama) && endpoint.port == 11434
        if isOllama || provider == .ollama {
            return route(settings, model, of: .ollama, speaking: endpoint.namesVersion ? .chat : .ollama, at: baseURL)
        }
        return route(settings, model, of: provider ?? .openAI, at: baseURL)
    }

    /// - Parameter isNamed: whether the person wrote the provider, rather than we guessed it.
    private func resolve(
        _ settings: AgentSettings, _ model: String, of provider: KnownProvider, isNamed: Bool
    ) -> Resolution {
        let label = "\(provider.name)/\(model)"
        if provider == .ollama, !isNamed, value(of: provider.baseVariables) == nil,
            let baseURL = value(of: KnownProvider.openAI.baseVariables)
        {
            return route(settings, model, of: .openAI, at: baseURL)
        }
        let hasKey = key(of: settings, provider) != nil
        guard let baseURL = baseURL(of: provider) else {
            return unconfigured(
                settings, label: label, .invalidRequest,
                "no address: set agents.\(settings.name).base_url or \(provider.baseVariables.joined(separator: " or "))"
            )
        }
        let needsKey = !provider.isLocal && value(of: provider.baseVariables) == nil
        guard hasKey || !needsKey else { return missingKey(settings, label, provider) }
        return route(settings, model, of: provider, at: baseURL)
    }

    private func route(
        _ settings: AgentSettings, _ model: String, of provider: KnownProvider,
        speaking wire: KnownProvider.Wire? = nil, at baseURL: String
    ) -> Resolution {
        let label = "\(provider.name)/\(model)"
        guard let written = ServerEndpoint(baseURL: baseURL) else { return badAddress(settings, label) }
        let endpoint = written.completedForAzure(version: value(of: ["AZURE_API_VERSION"]))
        let key = key(of: settings, provider)
        if let key, !key.reveal().utf8.allSatisfy({ (0x21...0x7E).contains($0) }) {
            return unconfigured(settings, label: label, .auth, "the key holds characters that no key can hold")
        }
        return .route(
            Route(label: label, model: model, wire: wire ?? provider.wire, account: .init(endpoint: endpoint, key: key))
        )
    }

    private func key(of settings: AgentSettings, _ provider: KnownProvider) -> Secret? {
        // Files and shells leave a line end behind, which would break the header.
        if let own = settings.apiKey?.reveal().trimmed, !own.isEmpty { return Secret(own) }
        return value(of: provider.keyVariables).map(Secret.init)
    }

    private func baseURL(of provider: KnownProvider) -> String? {
        guard let set = value(of: provider.baseVariables) else { return provider.baseURL }
        guard provider == .ollama else { return set }
        // The server's own variable is written in many ways: `0.0.0.0`, `host:port`, a whole URL.
        let withScheme = set.contains("://") ? set : "http://\(set)"
        guard let endpoint = ServerEndpoint(baseURL: withScheme) else { return set }
        let host = endpoint.host == "0.0.0.0" ? "127.0.0.1" : endpoint.host
        let literal = host.contains(":") ? "[\(host)]" : host
        return endpoint.isEncrypted ? withScheme : "http://\(literal):\(endpoint.port ?? 11434)"
    }

    private func value(of variables: [String]) -> String? {
        variables.lazy.compactMap { environment[$0]?.trimmed }.first { !$0.isEmpty }
    }

    // MARK: What can't be

    private func missingKey(_ settings: AgentSettings, _ label: String, _ provider: KnownProvider) -> Resolution {
        let variables = provider.keyVariables.joined(separator: " or ")
        return unconfigured(
            settings, label: label, .auth, "no key: set \(variables) or agents.\(settings.name).api_key")
    }

    private func badAddress(_ settings: AgentSettings, _ label: String) -> Resolution {
        unconfigured(
            settings, label: label, .invalidRequest,
            "agents.\(settings.name).base_url is not an address; write it like http://localhost:8000/v1")
    }

    private func unconfigured(
        _ settings: AgentSettings, label: String, _ kind: AgentError.Kind, _ reason: String
    ) -> Resolution {
        .unconfigured(
            label: label,
            AgentError(
                kind, detail: "agent \(settings.name) is not configured: \(reason)",
                message: "My language model is not set up, so I can't answer. Whoever runs this bot finds the cause in "
                    + "its log."))
    }
}
