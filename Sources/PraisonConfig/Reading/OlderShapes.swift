/// Rewrites the shapes of older files (one bot at the root, `platforms:`, agents as a list) into `agents:` and
/// `channels:`, so that everything after it knows one shape.
struct OlderShapes {
    var isAgentsFile: Bool

    func rewrite(_ root: inout YAMLNode, reportingTo checker: inout Checker) {
        if isAgentsFile, case .sequence = root.content {
            root.content = .mapping([YAMLNode.Entry(key: "agents", keyPlace: root.place, value: root)])
        }
        guard var entries = root.entries else { return }
        nameListedAgents(in: &entries, &checker)
        flattenModels(in: &entries)
        foldAgent(in: &entries, &checker)
        guard !isAgentsFile else {
            root.content = .mapping(entries)
            return
        }
        foldPlatforms(in: &entries, &checker)
        foldPlatform(in: &entries, &checker)
        foldRouting(in: &entries, &checker)
        root.content = .mapping(entries)
    }

    private func take(_ key: String, from entries: inout [YAMLNode.Entry]) -> YAMLNode.Entry? {
        guard let index = entries.firstIndex(where: { $0.key == key && !$0.value.isNull }) else { return nil }
        return entries.remove(at: index)
    }

    /// Adds `additions` to the mapping under `key`, making it if need be.
    private func add(
        _ additions: [YAMLNode.Entry], to key: String, at place: SourcePlace, in entries: inout [YAMLNode.Entry],
        _ checker: inout Checker
    ) {
        guard let index = entries.firstIndex(where: { $0.key == key && !$0.value.isNull }) else {
            entries.append(.init(key: key, keyPlace: place, value: YAMLNode(.mapping(additions), at: place)))
            return
        }
        guard var existing = entries[index].value.entries else { return }
        for addition in additions {
            if existing.contains(where: { $0.key == addition.key }) {
                checker.report(
                    addition.keyPlace, addition.key, "\(key).\(addition.key) is also written; keep one of the two")
            } else {
                existing.append(addition)
            }
        }
        entries[index].value.content = .mapping(existing)
    }

    /// `agents: [{name: a, …}]`
    private func nameListedAgents(in entries: inout [YAMLNode.Entry], _ checker: inout Checker) {
        guard let index = entries.firstIndex(where: { $0.key == "agents" || $0.key == "roles" }),
            case .sequence(let items) = entries[index].value.content
        else { return }
        var named: [YAMLNode.Entry] = []
        var names: Set<String> = []
        for (number, item) in items.enumerated() {
            let path = "\(entries[index].key)[\(number)]"
            guard let name = item["name"], let word = name.text else {
                checker.report(item.place, path, "an agent in a list needs a name: write name: and how it is called")
                // A mere word is surely the name.
                if let word = item.text, names.insert(word).inserted {
                    named.append(.init(key: word, keyPlace: item.place, value: YAMLNode(.mapping([]), at: item.place)))
                }
                continue
            }
            if !names.insert(word).inserted {
                checker.report(name.place, "\(path).name", "another agent has this name")
            } else {
                named.append(.init(key: word, keyPlace: name.place, value: item))
            }
        }
        entries[index].value.content = .mapping(named)
    }

    /// `llm: {model: gpt-4o, temperature: 0.5}` in an agent
    private func flattenModels(in entries: inout [YAMLNode.Entry]) {
        guard let index = entries.firstIndex(where: { $0.key == "agents" || $0.key == "roles" }),
            let agents = entries[index].value.entries
        else { return }
        let flat = agents.map { agent in
            guard let own = agent.value.entries,
                let model = own.firstIndex(where: { ["llm", "model"].contains($0.key) && $0.value.entries != nil }),
                let inner = own[model].value.entries
            else { return agent }
            var copy = agent
            let rest = own[..<model] + own[(model + 1)...]
            copy.value.content = .mapping(
                rest + inner.filter { entry in !rest.contains { $0.key == entry.key } })
            return copy
        }
        entries[index].value.content = .mapping(flat)
    }

    /// `agent: {…}`
    private func foldAgent(in entries: inout [YAMLNode.Entry], _ checker: inout Checker) {
        guard let agent = take("agent", from: &entries) else { return }
        let name = agent.value["name"]?.text ?? "assistant"
        checker.note(.advice, agent.keyPlace, "agent", "older shape; write agents: with \(excerpt(name)): in it")
        add(
            [.init(key: name, keyPlace: agent.keyPlace, value: agent.value)], to: "agents", at: agent.keyPlace,
            in: &entries, &checker)
    }

    /// `platforms: {telegram: {…}}`
    private func foldPlatforms(in entries: inout [YAMLNode.Entry], _ checker: inout Checker) {
        guard let platforms = take("platforms", from: &entries) else { return }
        checker.note(.advice, platforms.keyPlace, "platforms", "older shape; write channels: instead")
        guard let channels = platforms.value.entries else {
            checker.report(
                platforms.value.place, "platforms",
                "expected names with their values, found \(platforms.value.kindDescription)")
            return
        }
        add(channels, to: "channels", at: platforms.keyPlace, in: &entries, &checker)
    }

    /// `platform: telegram` and `token: …` at the root
    private func foldPlatform(in entries: inout [YAMLNode.Entry], _ checker: inout Checker) {
        let keys = ["platform", "token", "app_token", "unknown_user_policy", "owner_user_id"]
        let taken = keys.compactMap { take($0, from: &entries) }
        guard let first = taken.first else { return }
        guard first.key == "platform", let name = first.value.text else {
            for entry in taken {
                checker.report(
                    entry.keyPlace, entry.key, "belongs to a channel; write it under channels: and the channel's name")
            }
            return
        }
        checker.note(.advice, first.keyPlace, "platform", "older shape; write channels: with \(excerpt(name)): in it")
        let channel = YAMLNode(.mapping(taken), at: first.keyPlace)
        add(
            [.init(key: name, keyPlace: first.keyPlace, value: channel)], to: "channels", at: first.keyPlace,
            in: &entries, &checker)
    }

    /// `routing: {default: a, rules: {dm: b}}` at the root, for channels without a routing of their own
    private func foldRouting(in entries: inout [YAMLNode.Entry], _ checker: inout Checker) {
        guard let routing = take("routing", from: &entries) else { return }
        checker.note(.advice, routing.keyPlace, "routing", "older shape; write it in each channel")
        guard var table = routing.value.entries else {
            checker.report(
                routing.value.place, "routing",
                "expected a mapping of keys to values, found \(routing.value.kindDescription)")
            return
        }
        let rules = take("rules", from: &table)
        table += rules?.value.entries ?? []
        guard let index = entries.firstIndex(where: { $0.key == "channels" }),
            let channels = entries[index].value.entries
        else { return }
        let routed = channels.map { channel in
            guard let own = channel.value.entries, !own.contains(where: { ["routing", "routes"].contains($0.key) })
            else { return channel }
            var copy = channel
            let value = YAMLNode(.mapping(table), at: routing.value.place)
            copy.value.content = .mapping(own + [.init(key: "routing", keyPlace: routing.keyPlace, value: value)])
            return copy
        }
        entries[index].value.content = .mapping(routed)
    }
}
