import PraisonCore

extension ConfigurationAssembly {
    mutating func guardrails(_ registry: CheckedBlock?) -> [GuardrailSettings] {
        (registry?.namedBlocks ?? []).map { name, _, rule in
            var entry = GuardrailSettings(name: name, description: rule.text("description") ?? "")
            if let agent = rule.text("agent_name"), !agent.isEmpty {
                requireAgent(agent, at: rule.place(of: "agent_name"), path: rule.path(of: "agent_name"))
                entry.agent = AgentName(agent)
            }
            if let stages = rule.words("on") { entry.stages = Set(stages.compactMap(GuardrailSettings.Stage.init)) }
            entry.policy = rule.text("policy").flatMap(GuardrailSettings.Policy.init) ?? .refuse
            entry.patterns = rule.texts("patterns")
            entry.blockedWords = rule.words("blocked_words") ?? []
            entry.maxLength = rule.integer("max_length")
            entry.personalData = Set(
                (rule.words("pii") ?? []).compactMap(GuardrailSettings.PersonalDataKind.init))
            entry.allowedLinks = rule.words("allowed_links").map { links in
                links.filter { $0.lowercased() != "none" }.map { host(of: $0, rule) }
            }
            entry.model = rule.text("model").flatMap { $0.isEmpty ? nil : $0 }
            entry.message = rule.text("message")
            if entry.model != nil, entry.description.isEmpty {
                checker.report(
                    rule.place(of: "model"), rule.path(of: "model"),
                    "a model judges by the description; write one")
            }
            if entry.isEmpty, !hasProblem(rule, "description") {
                checker.note(
                    .advice, rule.place, rule.path,
                    "does nothing; write a description, or what is checked: patterns, blocked_words, max_length, pii, …"
                )
            }
            return entry
        }
    }

    /// The host that is meant where an address is written in its place.
    private mutating func host(of written: String, _ rule: CheckedBlock) -> String {
        var host = written.lowercased()
        if let scheme = host.firstRange(of: "://") { host = String(host[scheme.upperBound...]) }
        host = String(host.prefix { !"/?#".contains($0) })
        if host.hasPrefix("*.") { host.removeFirst(2) }
        if host != written.lowercased() {
            checker.note(
                .advice, rule.place(of: "allowed_links"), rule.path(of: "allowed_links"),
                "hosts are meant, with all below them: \(excerpt(written)) is read as \(excerpt(host))")
        }
        return host
    }

    /// Notes a limit that holds for nobody.
    private mutating func check(only name: String, _ scope: SpendLimit.Scope, _ limit: CheckedBlock) {
        let channels = (root?.block("channels")?.namedBlocks ?? []).map(\.name)
        let people = (root?.block("identity")?.entries ?? []).map(\.name)
        let known: [String]
        var meant = name
        switch scope {
        case .all: return
        case .agent: known = agentNames
        case .channel: known = channels
        case .sender:
            let parts = name.split(separator: "/", maxSplits: 1)
            known = parts.count == 2 ? channels : people
            if parts.count == 2 { meant = String(parts[0]) }
        }
        guard !known.contains(meant) else { return }
        let words =
            switch scope {
            case .sender where meant == name:
                "nobody under identity: is called \(excerpt(name)); a person is CHANNEL/ID"
            case .sender, .channel: "there is no channel \(excerpt(meant))"
            case .agent, .all: "there is no agent \(excerpt(meant))"
            }
        checker.note(
            .advice, limit.place(of: "only"), limit.path(of: "only"), "\(words), so the limit holds for nobody",
            suggestion: Spelling.suggestion(for: meant, among: known))
    }

    mutating func spending(_ block: CheckedBlock?) -> SpendingSettings {
        var settings = SpendingSettings()
        guard let block else { return settings }
        settings.message = block.text("message")
        for limit in block.blocks("limits") {
            guard let amount = amount(limit, "usd") else { continue }
            let scope = limit.text("per").flatMap(SpendLimit.Scope.init) ?? .all
            if scope == .all, limit.entry("only") != nil {
                checker.report(
                    limit.place(of: "only"), limit.path(of: "only"), "write per: agent, channel or sender with it")
            }
            if let only = limit.text("only") { check(only: only, scope, limit) }
            settings.limits.append(
                SpendLimit(
                    scope: scope, only: limit.text("only"),
                    period: limit.text("period").flatMap(SpendLimit.Period.init) ?? .day, amount: amount))
        }
        for (name, _, price) in block.block("prices")?.namedBlocks ?? [] {
            // Dollars a million tokens are thousandths of a dollar a thousand: one token costs a millionth.
            guard let input = amount(price, "input"), let output = amount(price, "output") else { continue }
            let cached = price.entry("cached_input") == nil ? input : amount(price, "cached_input") ?? input
            settings.prices[name] = ModelPrice(
                input: NanoDollars(input.value / 1_000_000), cachedInput: NanoDollars(cached.value / 1_000_000),
                output: NanoDollars(output.value / 1_000_000))
        }
        return settings
    }

    mutating func identities(_ block: CheckedBlock?) -> Identities {
        var identities = Identities()
        // Whoever writes through the control plane is on a channel that no file has.
        let channels = (root?.block("channels")?.namedBlocks ?? []).map(\.name) + [ChannelName.gateway.rawValue]
        for entry in block?.entries ?? [] {
            guard case .names(let accounts) = entry.node.value else { continue }
            for account in accounts {
                let path = block?.path(of: entry.name) ?? entry.name
                if !account.text.contains("/") {
                    checker.report(account.place, path, "expected an account such as work/4711, CHANNEL/ID")
                } else if let other = identities.people.updateValue(entry.name, forKey: account.text),
                    other != entry.name
                {
                    checker.report(account.place, path, "\(excerpt(account.text)) is \(excerpt(other)) already")
                } else if let channel = account.text.split(separator: "/").first.map(String.init),
                    !channels.contains(channel)
                {
                    checker.note(
                        .advice, account.place, path,
                        "there is no channel \(excerpt(channel)), so \(excerpt(account.text)) is nobody's account",
                        suggestion: Spelling.suggestion(for: channel, among: channels))
                }
            }
        }
        return identities
    }

    private mutating func amount(_ block: CheckedBlock, _ key: String) -> NanoDollars? {
        guard let text = block.text(key) else {
            if block.entry(key) == nil {
                checker.report(block.place, block.path, "\(key) is missing; write an amount in US dollars")
            }
            return nil
        }
        guard let amount = NanoDollars(text) else {
            checker.report(
                block.place(of: key), block.path(of: key), "expected an amount in US dollars such as 0.50 or 12")
            return nil
        }
        return amount
    }
}

extension GuardrailSettings {
    /// Whether it neither tells a model anything nor checks anything.
    fileprivate var isEmpty: Bool {
        description.isEmpty && patterns.isEmpty && blockedWords.isEmpty && maxLength == nil && personalData.isEmpty
            && allowedLinks == nil && model == nil
    }
}
