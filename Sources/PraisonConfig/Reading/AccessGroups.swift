/// The `access_groups:` block: people by group, where a group may stand in another.
struct AccessGroups {
    private let members: [String: [CheckedName]]

    enum Fault: Error, Hashable {
        case unknown(String)
        case cycle([String])
    }

    init(_ block: CheckedBlock?) {
        var members: [String: [CheckedName]] = [:]
        for entry in block?.entries ?? [] {
            if case .names(let names) = entry.node.value { members[entry.name] = names }
        }
        self.members = members
    }

    var names: [String] { members.keys.sorted() }

    static func group(in word: String) -> String? {
        word.hasPrefix("group:") ? trimmed(word.dropFirst(6)) : nil
    }

    /// Everybody in `group`, groups within it included.
    func people(in group: String) throws(Fault) -> Set<String> {
        var found: Set<String> = []
        var seen: Set<String> = []
        try collect(group, path: [], into: &found, seen: &seen)
        return found
    }

    private func collect(
        _ group: String, path: [String], into found: inout Set<String>, seen: inout Set<String>
    ) throws(Fault) {
        guard !path.contains(group) else { throw .cycle(path + [group]) }
        guard let names = members[group] else { throw .unknown(group) }
        // Collected already on another way: without this, groups of groups of groups take for ever.
        guard seen.insert(group).inserted else { return }
        for name in names {
            if let inner = Self.group(in: name.text) {
                try collect(inner, path: path + [group], into: &found, seen: &seen)
            } else {
                found.insert(name.text)
            }
        }
    }
}
