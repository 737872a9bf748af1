import PraisonCore

/// A value that is what its key asks for.
indirect enum CheckedValue: Sendable {
    case text(String)
    case secret(SecretOutcome)
    case boolean(Bool)
    case integer(Int)
    case number(Double)
    case names([CheckedName])
    case list([CheckedNode])
    case secretMap([(secret: Secret, node: CheckedNode)])
    case block(CheckedBlock)
    case json(JSONValue)
    case anything
}

/// A checked value and where it stands.
struct CheckedNode: Sendable {
    var value: CheckedValue
    var place: SourcePlace
}

/// One word of a list of words.
struct CheckedName: Hashable, Sendable {
    var text: String
    var place: SourcePlace
}

/// What became of a secret.
enum SecretOutcome: Sendable {
    case known(Secret)
    /// Nothing is there, and this is why.
    case missing(String)
    /// Nothing is meant to be there: `""`, `${NAME:-}`.
    case empty
}

/// A mapping whose keys are known words, or free names; keys without a value are left out.
struct CheckedBlock: Sendable {
    struct Entry: Sendable {
        /// The key's proper name, whichever alias the file uses.
        var name: String
        var keyPlace: SourcePlace
        var node: CheckedNode
    }

    var path: String
    var place: SourcePlace
    /// In the order of the file.
    var entries: [Entry] = []

    func entry(_ name: String) -> Entry? { entries.first { $0.name == name } }

    /// Where the key stands, or the block when it does not.
    func place(of name: String) -> SourcePlace { entry(name)?.node.place ?? place }

    func path(of name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }

    func text(_ name: String) -> String? {
        if case .text(let text)? = entry(name)?.node.value { text } else { nil }
    }

    func secret(_ name: String) -> SecretOutcome? {
        if case .secret(let outcome)? = entry(name)?.node.value { outcome } else { nil }
    }

    /// The secret, if its value is known.
    func knownSecret(_ name: String) -> Secret? {
        if case .known(let secret)? = secret(name) { secret } else { nil }
    }

    func boolean(_ name: String) -> Bool? {
        if case .boolean(let flag)? = entry(name)?.node.value { flag } else { nil }
    }

    func integer(_ name: String) -> Int? {
        if case .integer(let number)? = entry(name)?.node.value { number } else { nil }
    }

    func number(_ name: String) -> Double? {
        if case .number(let number)? = entry(name)?.node.value { number } else { nil }
    }

    /// A number of seconds.
    func duration(_ name: String) -> Duration? { number(name).map { .seconds($0) } }

    func names(_ name: String) -> [CheckedName]? {
        if case .names(let names)? = entry(name)?.node.value { names } else { nil }
    }

    func words(_ name: String) -> [String]? { names(name)?.map(\.text) }

    func block(_ name: String) -> CheckedBlock? {
        if case .block(let block)? = entry(name)?.node.value { block } else { nil }
    }

    func json(_ name: String) -> JSONValue? {
        if case .json(let value)? = entry(name)?.node.value { value } else { nil }
    }

    /// The texts of a list.
    func texts(_ name: String) -> [String] {
        guard case .list(let items)? = entry(name)?.node.value else { return [] }
        return items.compactMap { if case .text(let text) = $0.value { text } else { nil } }
    }

    /// The known secrets in a mapping of free names.
    func namedSecrets(_ name: String) -> [(name: String, secret: Secret)] {
        block(name)?.entries.compactMap { entry in
            if case .secret(.known(let secret)) = entry.node.value { (entry.name, secret) } else { nil }
        } ?? []
    }

    /// The blocks of a list.
    func blocks(_ name: String) -> [CheckedBlock] {
        guard case .list(let items)? = entry(name)?.node.value else { return [] }
        return items.compactMap { if case .block(let block) = $0.value { block } else { nil } }
    }

    /// The blocks in a mapping of free names.
    var namedBlocks: [(name: String, keyPlace: SourcePlace, block: CheckedBlock)] {
        entries.compactMap { entry in
            if case .block(let block) = entry.node.value { (entry.name, entry.keyPlace, block) } else { nil }
        }
    }
}
