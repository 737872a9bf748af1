/// Puts the environment's values in place of `${NAME}` and `${NAME:-default}`; `$${` stands for `${` itself.
///
/// As in a shell, the default also takes the place of a variable that is set to nothing.
struct Substitution: Sendable {
    var environment: [String: String]

    enum Outcome: Hashable, Sendable {
        case text(String)
        /// These variables are not set and have no default.
        case unset([String])
        case malformed(String)
    }

    /// A default may itself hold variables, this deep.
    private static let nestingLimit = 4

    func resolve(_ text: String) -> Outcome {
        guard text.contains("${") else { return .text(text) }
        return resolve(text[...], depth: 0)
    }

    private func resolve(_ text: Substring, depth: Int) -> Outcome {
        guard depth <= Self.nestingLimit else {
            return .malformed("defaults of variables are nested more than \(Self.nestingLimit) deep")
        }
        var result = ""
        var unset: [String] = []
        var rest = text
        while let dollar = rest.firstIndex(of: "$") {
            result += rest[..<dollar]
            rest = rest[dollar...]
            if rest.hasPrefix("$${") {
                result += "${"
                rest = rest.dropFirst(3)
                continue
            }
            guard rest.hasPrefix("${") else {
                result += "$"
                rest = rest.dropFirst()
                continue
            }
            guard let end = closingBrace(of: rest) else { return .malformed("\"${\" is never closed with \"}\"") }
            let inner = rest[rest.index(rest.startIndex, offsetBy: 2)..<end]
            rest = rest[rest.index(after: end)...]
            switch variable(inner, depth: depth) {
            case .text(let value): result += value
            case .unset(let names): unset += names
            case .malformed(let reason): return .malformed(reason)
            }
        }
        return unset.isEmpty ? .text(result + rest) : .unset(unset)
    }

    private func variable(_ inner: Substring, depth: Int) -> Outcome {
        let name = inner.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
        guard let first = name.first, !first.isNumber else {
            return .malformed("\"${\(excerpt(String(inner)))}\" names no variable; write ${NAME} or ${NAME:-default}")
        }
        let value = environment[String(name)]
        let rest = inner.dropFirst(name.count)
        if rest.isEmpty { return value.map(Outcome.text) ?? .unset([String(name)]) }
        guard rest.hasPrefix(":-") else {
            return .malformed("\"${\(excerpt(String(inner)))}\" is not understood; write ${NAME} or ${NAME:-default}")
        }
        if let value, !value.isEmpty { return .text(value) }
        return resolve(rest.dropFirst(2), depth: depth + 1)
    }

    private func closingBrace(of text: Substring) -> Substring.Index? {
        var depth = 0
        var index = text.startIndex
        while index < text.endIndex {
            if text[index...].hasPrefix("${") { depth += 1 }
            if text[index] == "}" {
                depth -= 1
                if depth == 0 { return index }
            }
            index = text.index(after: index)
        }
        return nil
    }
}
