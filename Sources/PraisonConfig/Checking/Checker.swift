import PraisonCore

/// Holds a file against the schema: says what is wrong with it and makes values of what is right.
struct Checker {
    let schema: ConfigurationSchema
    let file: String
    let substitution: Substitution
    /// Where relative paths are meant from.
    let folder: String
    let readFile: ConfigurationLoader.FileReader
    var problems: [ConfigurationProblem] = []
    var notices: [ConfigurationProblem] = []
    /// Variables that are not set: an error, unless they stand in a channel that is off anyway.
    var unsetVariables: [ConfigurationProblem] = []

    /// Reports something that must be mended.
    mutating func report(
        _ place: SourcePlace, _ path: String, _ message: String, suggestion: String? = nil,
        edit: ConfigurationProblem.Edit? = nil
    ) {
        guard !isFull else {
            unreported += 1
            return
        }
        problems.append(
            ConfigurationProblem(
                file: file, place: place, path: path, message: message, suggestion: suggestion, edit: edit))
    }

    /// So many problems tell somebody that this is the wrong file; finding the nearest word for each takes its time.
    private static let limit = 200
    private(set) var unreported = 0
    var isFull: Bool { problems.count >= Self.limit }

    /// All of them, and how many there are besides.
    var allProblems: [ConfigurationProblem] {
        guard unreported > 0 else { return problems }
        let message = "\(problems.count + unreported) problems, of which \(problems.count) are shown"
        return [ConfigurationProblem(file: file, place: .outside, message: message)] + problems
    }

    /// Reports something that is worth knowing.
    mutating func note(
        _ severity: ConfigurationProblem.Severity, _ place: SourcePlace, _ path: String, _ message: String,
        suggestion: String? = nil
    ) {
        guard notices.count < Self.limit else { return }
        notices.append(
            ConfigurationProblem(
                severity, file: file, place: place, path: path, message: message, suggestion: suggestion))
    }

    /// - Parameter isQuiet: whether it has been said already that nothing in here acts.
    mutating func block(_ node: YAMLNode, _ block: SettingBlock, path: String, isQuiet: Bool = false) -> CheckedBlock? {
        if node.isNull { return CheckedBlock(path: path, place: node.place) }
        guard let entries = node.entries else {
            report(node.place, path, "expected a mapping of keys to values, found \(node.kindDescription)")
            return nil
        }
        var checked = CheckedBlock(path: path, place: node.place)
        var words: [String: String] = [:]
        for entry in entries {
            let keyPath = path.isEmpty ? entry.key : "\(path).\(entry.key)"
            guard
                let setting = block.setting(for: entry.key)
                    ?? meant(by: entry, in: block, besides: entries, path: keyPath, isQuiet: isQuiet)
            else { continue }
            if let other = words[setting.name] {
                // Two misspellings of one key have been reported as such.
                guard block.setting(for: entry.key) != nil else { continue }
                let winner = entry.key == setting.name ? entry.key : other
                note(
                    .advice, entry.keyPlace, keyPath,
                    "\(other) and \(entry.key) are one key; \(winner) counts, remove the other")
                guard winner == entry.key else { continue }
                checked.entries.removeAll { $0.name == setting.name }
            }
            words[setting.name] = entry.key
            guard !entry.value.isNull else { continue }
            let speaks = !isQuiet && !asksForNothing(entry.value, setting)
            if speaks { reportStatus(of: setting, at: entry.keyPlace, path: keyPath) }
            let quiet = isQuiet || setting.status != .inEffect
            guard
                let value = value(
                    entry.value, setting.kind, name: setting.name, unit: setting.unit, path: keyPath, isQuiet: quiet)
            else {
                continue
            }
            let checkedNode = CheckedNode(value: value, place: entry.value.place)
            checked.entries.append(.init(name: setting.name, keyPlace: entry.keyPlace, node: checkedNode))
        }
        return checked
    }

    /// A key that acts on nothing need not be mentioned when it asks for nothing: `memory: false`, `tools: []`.
    private func asksForNothing(_ node: YAMLNode, _ setting: Setting) -> Bool {
        switch (node.content, setting.kind) {
        case (.scalar(let scalar), .secret): return scalar.text.isEmpty
        case (.scalar(let scalar), _):
            guard let text = setting.defaultValue else { return false }
            return scalar.value == YAMLScalar.resolve(text) || scalar.text == unquoted(text)
        case (.sequence(let items), _): return items.isEmpty
        case (.mapping(let entries), .block(let block)), (.mapping(let entries), .switchOrBlock(let block)):
            return entries.allSatisfy { entry in
                block.setting(for: entry.key).map { asksForNothing(entry.value, $0) } ?? false
            }
        case (.mapping(let entries), _): return entries.isEmpty
        }
    }

    private mutating func reportStatus(of setting: Setting, at place: SourcePlace, path: String) {
        switch setting.status {
        case .inEffect: break
        case .notYetInEffect: note(.notYetInEffect, place, path, "not yet in effect")
        case .notOffered(let reason, let alternative):
            let instead = alternative.map { "; use \($0) instead" } ?? ""
            note(.notOffered, place, path, "not offered: \(reason)\(instead)")
        }
    }

    /// Reports a key that nobody knows.
    ///
    /// - Returns: the key that was probably meant. What stands after it is checked as if it were there, so that one
    ///   misspelled section does not hide the mistakes in it, nor make others of whatever refers to it.
    private mutating func meant(
        by entry: YAMLNode.Entry, in block: SettingBlock, besides entries: [YAMLNode.Entry], path: String, isQuiet: Bool
    ) -> Setting? {
        // Root keys with this prefix are a place for anchors, as in other YAML files.
        if path == entry.key, entry.key.hasPrefix("x-") { return nil }
        if block.unknownKeys == .ignored { return nil }
        if isFull {
            report(entry.keyPlace, path, "unknown key")
            return nil
        }
        // A key of another program may well resemble one of ours a little.
        let word = Spelling.suggestion(
            for: entry.key, among: block.words, oneWrongIn: block.unknownKeys == .reported ? 5 : 3)
        guard let word, let setting = block.setting(for: word) else {
            if block.unknownKeys == .refused {
                reportUnrelated(entry, in: block, path: path)
            } else if !isQuiet {
                note(.notOffered, entry.keyPlace, path, "not offered: the gateway does not know this key")
            }
            return nil
        }
        report(
            entry.keyPlace, path, "unknown key", suggestion: word,
            edit: ConfigurationProblem.Edit(place: entry.keyPlace, old: entry.key, new: word))
        return entries.contains { block.setting(for: $0.key) == setting } ? nil : setting
    }

    /// Reports a key that resembles none of its block; at the root it may belong to `gateway:`.
    private mutating func reportUnrelated(_ entry: YAMLNode.Entry, in block: SettingBlock, path: String) {
        let inner = ConfigurationSchema.gateway
        let word = inner.setting(for: entry.key)?.name ?? Spelling.suggestion(for: entry.key, among: inner.words)
        if path == entry.key, let word {
            report(entry.keyPlace, path, "unknown key", suggestion: "gateway.\(word)")
        } else {
            let isShort = !block.words.isEmpty && block.words.count <= 8
            let known = isShort ? "; known here: \(block.words.joined(separator: ", "))" : ""
            report(entry.keyPlace, path, "unknown key\(known)")
        }
    }

    mutating func value(
        _ node: YAMLNode, _ kind: Setting.Kind, name: String, unit: String? = nil, path: String, isQuiet: Bool
    ) -> CheckedValue? {
        switch kind {
        case .text: return text(node, path: path, allowsNumbers: false).map(CheckedValue.text)
        case .identifier: return text(node, path: path, allowsNumbers: true).map(CheckedValue.text)
        case .amount: return amount(node, path: path).map(CheckedValue.text)
        case .path: return text(node, path: path, allowsNumbers: false).map { .text(absolute($0)) }
        case .url: return url(node, path: path).map(CheckedValue.text)
        case .choice(let words): return choice(node, of: words, path: path).map(CheckedValue.text)
        case .secret: return secret(node, name: name, path: path).map(CheckedValue.secret)
        case .boolean: return boolean(node, path: path).map(CheckedValue.boolean)
        case .integer(let range): return integer(node, in: range, unit: unit, path: path).map(CheckedValue.integer)
        case .number(let range): return number(node, in: range, unit: unit, path: path).map(CheckedValue.number)
        case .names: return names(node, path: path).map(CheckedValue.names)
        case .choices(let words): return names(node, of: words, path: path).map(CheckedValue.names)
        case .block(let inner): return block(node, inner, path: path, isQuiet: isQuiet).map(CheckedValue.block)
        case .channel: return channel(node, name: name, path: path, isQuiet: isQuiet).map(CheckedValue.block)
        case .list(let element): return list(node, of: element, name: name, path: path, isQuiet: isQuiet)
        case .map(let element): return map(node, of: element, path: path, isQuiet: isQuiet)
        case .secretMap(let element): return secretMap(node, of: element, path: path, isQuiet: isQuiet)
        case .switchOrBlock(let inner):
            if node.entries != nil { return block(node, inner, path: path, isQuiet: isQuiet).map(CheckedValue.block) }
            return boolean(node, path: path, orElse: "a mapping").map(CheckedValue.boolean)
        case .switchOrNames:
            if case .scalar(let scalar) = node.content, case .boolean(let flag) = scalar.value { return .boolean(flag) }
            return names(node, path: path).map(CheckedValue.names)
        case .json: return json(node, path: path).map(CheckedValue.json)
        case .anything:
            checkVariables(in: node, path: path)
            return .anything
        }
    }

    private mutating func list(
        _ node: YAMLNode, of element: Setting.Kind, name: String, path: String, isQuiet: Bool
    ) -> CheckedValue? {
        guard case .sequence(let items) = node.content else {
            report(node.place, path, "expected a list, found \(node.kindDescription)")
            return nil
        }
        var checked: [CheckedNode] = []
        for (index, item) in items.enumerated() {
            let value = value(item, element, name: name, path: "\(path)[\(index)]", isQuiet: isQuiet)
            if let value { checked.append(CheckedNode(value: value, place: item.place)) }
        }
        return .list(checked)
    }

    private mutating func map(
        _ node: YAMLNode, of element: Setting.Kind, path: String, isQuiet: Bool
    ) -> CheckedValue? {
        guard let entries = node.entries else {
            report(node.place, path, "expected names with their values, found \(node.kindDescription)")
            return nil
        }
        var checked = CheckedBlock(path: path, place: node.place)
        for entry in entries {
            let value = value(entry.value, element, name: entry.key, path: "\(path).\(entry.key)", isQuiet: isQuiet)
            guard let value else { continue }
            let node = CheckedNode(value: value, place: entry.value.place)
            checked.entries.append(.init(name: entry.key, keyPlace: entry.keyPlace, node: node))
        }
        return .block(checked)
    }

    /// Like ``map``, but no name appears in a message.
    private mutating func secretMap(
        _ node: YAMLNode, of element: Setting.Kind, path: String, isQuiet: Bool
    ) -> CheckedValue? {
        guard let entries = node.entries else {
            report(node.place, path, "expected secrets with their values, found \(node.kindDescription)")
            return nil
        }
        var checked: [(secret: Secret, node: CheckedNode)] = []
        for (index, entry) in entries.enumerated() {
            let itemPath = "\(path)[\(index)]"
            let key = YAMLNode(.scalar(YAMLScalar(text: entry.key, isPlain: false)), at: entry.keyPlace)
            let outcome = secret(key, name: "key", path: itemPath)
            let value = value(entry.value, element, name: "value", path: itemPath, isQuiet: isQuiet)
            guard case .known(let secret)? = outcome, let value else { continue }
            checked.append((secret, CheckedNode(value: value, place: entry.value.place)))
        }
        return .secretMap(checked)
    }

    /// `name` with the home for `~`; a relative one is meant from the folder of the file.
    func absolute(_ name: String) -> String {
        if name == "~" || name.hasPrefix("~/"), let home = substitution.environment["HOME"] {
            return home + name.dropFirst()
        }
        return name.hasPrefix("/") || folder.isEmpty ? name : "\(folder)/\(name)"
    }

    /// A channel's keys depend on its platform.
    private mutating func channel(_ node: YAMLNode, name: String, path: String, isQuiet: Bool) -> CheckedBlock? {
        let platform = Platform(node["platform"]?.text ?? name)
        let description = schema.description(of: platform) ?? schema.description(resembling: platform)
        return block(node, schema.channelBlock(on: description), path: path, isQuiet: isQuiet)
    }
}
