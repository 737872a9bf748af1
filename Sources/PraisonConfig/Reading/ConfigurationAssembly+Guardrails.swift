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
            entry.allowedLinks = rule.words("allowed_links").map { $0.map { $0.lowercased() }.filter { $0 != "none" } }
            entry.model = rule.text("model").flatMap { $0.isEmpty ? nil : $0 }
            entry.message = rule.text("message")
            if entry.model != nil, entry.description.isEmpty {
                checker.report(
                    rule.place(of: "model"), rule.path(of: "model"),
                    "a model judges by the description; write one")
            }
            return entry
        }
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
