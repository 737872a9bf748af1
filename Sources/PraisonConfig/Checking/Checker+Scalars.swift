import PraisonCore

extension Checker {
    /// A scalar's text with its variables filled in, and what it means.
    private mutating func scalar(
        _ node: YAMLNode, path: String, expected: String
    ) -> (text: String, value: YAMLScalar.Value, isSubstituted: Bool)? {
        guard case .scalar(let scalar) = node.content else {
            report(node.place, path, "expected \(expected), found \(node.kindDescription)")
            return nil
        }
        guard !scalar.isLiteral, scalar.text.contains("${") else { return (scalar.text, scalar.value, false) }
        switch substitution.resolve(scalar.text) {
        // What a variable holds has no quotes of its own: `"${PORT}"` may be a number.
        case .text(let text): return (text, YAMLScalar.resolve(text), true)
        case .unset(let names):
            unsetVariables.append(unset(names, at: node.place, path: path))
            return nil
        case .malformed(let reason):
            report(node.place, path, reason)
            return nil
        }
    }

    private func unset(_ names: [String], at place: SourcePlace, path: String) -> ConfigurationProblem {
        ConfigurationProblem(
            file: file, place: place, path: path,
            message:
                "\(Self.reason(unset: names)); set \(names.count == 1 ? "it" : "them"), or write ${\(names.first ?? ""):-default}"
        )
    }

    static func reason(unset names: [String]) -> String {
        names.count == 1
            ? "environment variable \(names.joined()) is not set"
            : "environment variables \(names.joined(separator: ", ")) are not set"
    }

    mutating func text(_ node: YAMLNode, path: String, allowsNumbers: Bool) -> String? {
        guard let scalar = scalar(node, path: path, expected: "text") else { return nil }
        if scalar.isSubstituted { return scalar.text }
        switch scalar.value {
        case .text: return scalar.text
        case .null: return nil
        case .integer where allowsNumbers: return scalar.text
        // A whole number that fits no integer is still an identifier.
        case .number where allowsNumbers && scalar.text.allSatisfy(\.isWholeNumber): return scalar.text
        case .boolean, .integer, .number:
            report(node.place, path, "expected text, found \(node.kindDescription); put it in quotes")
            return nil
        }
    }

    /// The digits of a number as they are written.
    mutating func amount(_ node: YAMLNode, path: String) -> String? {
        guard let scalar = scalar(node, path: path, expected: "an amount such as 0.50") else { return nil }
        return scalar.value == .null ? nil : scalar.text
    }

    mutating func boolean(_ node: YAMLNode, path: String, orElse other: String? = nil) -> Bool? {
        let expected = other.map { "true, false or \($0)" } ?? "true or false"
        guard let scalar = scalar(node, path: path, expected: expected) else { return nil }
        if case .boolean(let flag) = scalar.value { return flag }
        // YAML 1.1's words, which many people still write.
        switch scalar.text.lowercased() {
        case "yes", "on": return true
        case "no", "off": return false
        default:
            report(node.place, path, "expected \(expected), found \(node.kindDescription)")
            return nil
        }
    }

    mutating func integer(_ node: YAMLNode, in range: ClosedRange<Int>, unit: String?, path: String) -> Int? {
        let counted = unit.map { " of \($0)" } ?? ""
        let expected = "a whole number\(counted) from \(range.lowerBound) to \(range.upperBound)"
        guard let scalar = scalar(node, path: path, expected: expected) else { return nil }
        if case .integer(let number) = scalar.value, range.contains(number) { return number }
        report(node.place, path, "expected \(expected), found \(node.kindDescription)\(Self.hint(on: node))")
        return nil
    }

    /// A number in quotes is the commonest wrong number.
    private static func hint(on node: YAMLNode) -> String {
        guard case .scalar(let scalar) = node.content, !scalar.isPlain, scalar.type == nil else { return "" }
        switch YAMLScalar.resolve(scalar.text) {
        case .integer, .number: return "; remove the quotes"
        default: return ""
        }
    }

    mutating func number(_ node: YAMLNode, in range: ClosedRange<Double>, unit: String?, path: String) -> Double? {
        let counted = unit.map { " of \($0)" } ?? ""
        let expected = "a number\(counted) from \(Self.digits(range.lowerBound)) to \(Self.digits(range.upperBound))"
        guard let scalar = scalar(node, path: path, expected: expected) else { return nil }
        let number: Double? =
            switch scalar.value {
            case .integer(let number): Double(number)
            case .number(let number): number
            default: nil
            }
        if let number, range.contains(number) { return number }
        report(node.place, path, "expected \(expected), found \(node.kindDescription)\(Self.hint(on: node))")
        return nil
    }

    private static func digits(_ number: Double) -> String {
        Int(exactly: number).map(String.init) ?? String(number)
    }

    mutating func choice(_ node: YAMLNode, of words: [String], path: String) -> String? {
        let expected = words.count == 1 ? words.joined() : "one of " + words.joined(separator: ", ")
        guard let scalar = scalar(node, path: path, expected: expected) else { return nil }
        if words.contains(scalar.text) { return scalar.text }
        // Programs that read `off` as false write it back like this.
        if scalar.value == .boolean(false), words.contains("off") { return "off" }
        let suggestion = Spelling.suggestion(for: scalar.text, among: words)
        let edit = suggestion.flatMap {
            scalar.isSubstituted ? nil : ConfigurationProblem.Edit(place: node.place, old: scalar.text, new: $0)
        }
        report(
            node.place, path, "expected \(expected), found \(node.kindDescription)", suggestion: suggestion, edit: edit)
        return nil
    }

    mutating func url(_ node: YAMLNode, path: String) -> String? {
        guard let text = text(node, path: path, allowsNumbers: false) else { return nil }
        let lowered = text.lowercased()
        let scheme = ["https://", "http://"].first { lowered.hasPrefix($0) }
        let isPlausible = text.unicodeScalars.allSatisfy { $0.value > 0x20 && $0.value < 0x7F }
        guard let scheme, isPlausible, let first = text.dropFirst(scheme.count).first, first != "/" else {
            report(node.place, path, "expected an address such as https://example.org, found \(node.kindDescription)")
            return nil
        }
        return text
    }

    mutating func names(_ node: YAMLNode, path: String) -> [CheckedName]? {
        guard case .sequence(let items) = node.content else {
            guard node.entries == nil else {
                report(node.place, path, "expected a list such as [one, two], found a mapping")
                return nil
            }
            guard let text = text(node, path: path, allowsNumbers: true) else { return nil }
            return text.split(separator: ",").map { CheckedName(text: trimmed($0), place: node.place) }
                .filter { !$0.text.isEmpty }
        }
        var names: [CheckedName] = []
        for (index, item) in items.enumerated() {
            guard let text = text(item, path: "\(path)[\(index)]", allowsNumbers: true) else { continue }
            names.append(CheckedName(text: trimmed(text[...]), place: item.place))
        }
        return names.filter { !$0.text.isEmpty }
    }

    /// Names that must be among `words`.
    mutating func names(_ node: YAMLNode, of words: [String], path: String) -> [CheckedName]? {
        guard let names = names(node, path: path) else { return nil }
        for name in names where !words.contains(name.text) {
            report(
                name.place, path,
                "expected \(words.joined(separator: ", ")), found \"\(excerpt(name.text))\"",
                suggestion: Spelling.suggestion(for: name.text, among: words))
        }
        return names.filter { words.contains($0.text) }
    }

    /// Any value, with its variables filled in.
    mutating func json(_ node: YAMLNode, path: String) -> JSONValue? {
        switch node.content {
        case .scalar:
            guard let scalar = scalar(node, path: path, expected: "a value") else { return nil }
            if scalar.isSubstituted { return .string(scalar.text) }
            return switch scalar.value {
            case .null: .null
            case .boolean(let flag): .bool(flag)
            case .integer(let number): JSONValue(number)
            case .number(let number): JSONValue(number)
            case .text(let text): .string(text)
            }
        case .sequence(let items):
            var values: [JSONValue] = []
            for (index, item) in items.enumerated() { values.append(json(item, path: "\(path)[\(index)]") ?? .null) }
            return .array(values)
        case .mapping(let entries):
            var members: [String: JSONValue] = [:]
            for entry in entries { members[entry.key] = json(entry.value, path: "\(path).\(entry.key)") ?? .null }
            return .object(members)
        }
    }

    /// Where nobody knows the keys, the variables can be checked all the same.
    mutating func checkVariables(in node: YAMLNode, path: String) {
        switch node.content {
        case .scalar: _ = scalar(node, path: path, expected: "anything")
        case .sequence(let items):
            for (index, item) in items.enumerated() { checkVariables(in: item, path: "\(path)[\(index)]") }
        case .mapping(let entries):
            for entry in entries { checkVariables(in: entry.value, path: "\(path).\(entry.key)") }
        }
    }
}

func trimmed(_ text: Substring) -> String {
    let isSpace: (Character) -> Bool = { $0.isWhitespace }
    return String(text.drop(while: isSpace).reversed().drop(while: isSpace).reversed())
}
