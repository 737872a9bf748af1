import PraisonCore

extension Checker {
    /// A secret file holds one token; whatever is larger is another file.
    private static let secretSizeLimit = 64 << 10

    /// A secret is text, or `{source: env, id: NAME}`, or `{source: file, id: PATH}`. What is written there appears in
    /// no message.
    mutating func secret(_ node: YAMLNode, name: String, path: String) -> SecretOutcome? {
        let outcome: SecretOutcome?
        switch node.content {
        case .scalar(let scalar): outcome = secret(scalar, at: node.place, path: path)
        case .mapping: outcome = sourcedSecret(node, path: path)
        case .sequence:
            report(node.place, path, "expected text or {source: env, id: NAME}, found a list")
            outcome = nil
        }
        guard case .missing(let reason)? = outcome, !mayBeMissing(name, path: path) else { return outcome }
        unsetVariables.append(ConfigurationProblem(file: file, place: node.place, path: path, message: reason))
        return nil
    }

    /// A channel without its token is off, and an agent without its key has none; anything else fails closed.
    private func mayBeMissing(_ name: String, path: String) -> Bool {
        name == "api_key" || path.hasPrefix("channels.")
    }

    private mutating func secret(_ scalar: YAMLScalar, at place: SourcePlace, path: String) -> SecretOutcome? {
        let text: String
        switch scalar.isLiteral ? .text(scalar.text) : substitution.resolve(scalar.text) {
        case .unset(let names): return .missing(Self.reason(unset: names))
        case .malformed:
            report(place, path, "\"${\" is not understood; write ${NAME} or ${NAME:-default}")
            return nil
        case .text(let resolved): text = trimmed(resolved[...])
        }
        if case .boolean = scalar.value {
            report(place, path, "expected text, found true or false")
            return nil
        }
        if text.isEmpty {
            let isDeliberate = !scalar.text.contains("${") || scalar.text.contains(":-")
            return isDeliberate ? .empty : .missing("its environment variable is empty")
        }
        return known(text, at: place, path: path)
    }

    private mutating func known(_ text: String, at place: SourcePlace, path: String) -> SecretOutcome? {
        // It goes into headers and addresses, where a line break would be an attack or a mistake.
        guard text.unicodeScalars.allSatisfy({ $0.value > 0x1F && $0.value != 0x7F }) else {
            report(place, path, "the secret has a line break or another control character in it")
            return nil
        }
        return .known(Secret(text))
    }

    private mutating func sourcedSecret(_ node: YAMLNode, path: String) -> SecretOutcome? {
        for entry in node.entries ?? [] where entry.key != "source" && entry.key != "id" {
            let suggestion = Spelling.suggestion(for: entry.key, among: ["source", "id"])
            report(entry.keyPlace, "\(path).\(entry.key)", "unknown key", suggestion: suggestion)
        }
        guard let source = node["source"]?.text, let idNode = node["id"],
            let id = text(idNode, path: "\(path).id", allowsNumbers: false)
        else {
            report(node.place, path, "expected {source: env, id: NAME} or {source: file, id: PATH}")
            return nil
        }
        switch source {
        case "env":
            guard let value = substitution.environment[id] else { return .missing(Self.reason(unset: [id])) }
            let text = trimmed(value[...])
            return text.isEmpty
                ? .missing("environment variable \(id) is empty") : known(text, at: idNode.place, path: path)
        case "file": return secretFile(id, at: idNode.place, path: path)
        case "exec":
            let message = "not offered: the gateway runs no program to get a secret; use source: file or env instead"
            note(.notOffered, node.place, path, message)
            return .missing("its source exec is not offered")
        default:
            report(
                node["source"]?.place ?? node.place, "\(path).source",
                "expected one of env, file, found \"\(excerpt(source))\"",
                suggestion: Spelling.suggestion(for: source, among: ["env", "file"]))
            return nil
        }
    }

    private mutating func secretFile(_ name: String, at place: SourcePlace, path: String) -> SecretOutcome? {
        let bytes: [UInt8]
        do {
            bytes = try readFile(absolute(name))
        } catch {
            return .missing("file \(name) cannot be read")
        }
        guard bytes.count <= Self.secretSizeLimit, let content = String(validating: bytes, as: UTF8.self) else {
            return .missing("file \(name) holds no secret: more than 64 KiB, or not UTF-8")
        }
        let text = trimmed(content[...])
        return text.isEmpty ? .missing("file \(name) is empty") : known(text, at: place, path: path)
    }
}
