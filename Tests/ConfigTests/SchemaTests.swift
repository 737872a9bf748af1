import PraisonCore
import Testing

@testable import PraisonConfig

/// `complete.yaml` has every key, each with another value than its default.
@Suite struct `the schema` {
    private static let schema = ConfigurationSchema(platforms: Fixtures.platforms)
    /// A platform beside those of the file, whose token is in the environment.
    private static let loader = ConfigurationLoader(
        platforms: Fixtures.platforms + [PlatformDescription(platform: "matrix")],
        environment: ["PATIENT": "sesame-open", "MATRIX_BOT_TOKEN": "in-the-environment"])

    private static func complete() throws -> YAMLNode {
        try #require(YAMLReader().read(try Fixtures.bytes("complete.yaml")).root)
    }

    private static let whole = (try? complete()).flatMap { loader.load($0.flow).configuration }

    private static func isOlderShape(_ path: String) -> Bool {
        schema.root.settings.contains {
            $0.summary.hasPrefix("older shape") && (path == $0.name || path.hasPrefix($0.name + "."))
        }
    }

    static let keys = schema.entries.filter { !isOlderShape($0.path) }
    static let leavesInEffect = keys.filter { path, setting in
        setting.status == .inEffect && !keys.contains { $0.path.hasPrefix(path + ".") }
    }.map(\.path)

    @Test func `is shown whole in complete.yaml`() throws {
        #expect(Self.whole != nil)
        let root = try Self.complete()
        let missing = Self.keys.map(\.path).filter { root.places(of: $0).isEmpty }
        #expect(missing == [])
    }

    @Test(arguments: leavesInEffect)
    func `has no key in effect that could be left out in vain`(path: String) throws {
        // The version says how to read the file, and nothing to the gateway; how many heartbeats may be missed does
        // not matter to a file that says `enabled: false`.
        guard !["config_version", "gateway.liveness.missed_beats_before_reap"].contains(path) else { return }
        let root = try Self.complete()
        let whole = Self.whole
        let acts = root.places(of: path).contains { place in
            let rest = Self.loader.load(root.removing(place).flow).configuration
            return rest != whole
        }
        #expect(acts, "nothing changes without \(path)")
    }

    @Test func `lists no key without effect that it does not have`() {
        let known = Set(Self.schema.entries.map(\.path))
        #expect(KeysWithoutEffect.notYet.subtracting(known).sorted() == [])
        #expect(Set(KeysWithoutEffect.notOffered.keys).subtracting(known).sorted() == [])
        #expect(KeysWithoutEffect.notYet.isDisjoint(with: KeysWithoutEffect.notOffered.keys))
    }

    @Test func `tells a default that the key may have`() {
        for (path, setting) in Self.schema.entries {
            guard let text = setting.defaultValue else { continue }
            let loaded = YAMLReader().read(Array("v: \(text)".utf8))
            var checker = Checker(
                schema: Self.schema, file: "default", substitution: Substitution(environment: [:]), folder: "",
                readFile: { throw UnreadableFile(path: $0) })
            if let node = loaded.root?["v"], !node.isNull {
                _ = checker.value(node, setting.kind, name: setting.name, path: path, isQuiet: true)
            }
            #expect(checker.problems.map(\.description) == [])
        }
    }

    @Test func `has no two keys of one name side by side`() {
        func check(_ block: SettingBlock, _ path: String) {
            let words = block.settings.flatMap { [$0.name] + $0.aliases }
            #expect(Set(words).count == words.count, "\(path)")
        }
        check(Self.schema.root, "")
        for (path, setting) in Self.schema.entries {
            if case .block(let block) = setting.kind { check(block, path) }
            if case .map(.block(let block)) = setting.kind { check(block, path) }
        }
        check(Self.schema.channelBlock(on: Fixtures.platforms[0]), "channels.*")
    }
}

/// One way down a document: keys and list positions.
private typealias Way = [YAMLSyntaxError.Step]

extension YAMLNode {
    /// Every way to what `path` may mean, where `*` is any key and list positions are not written.
    fileprivate func places(of path: String) -> [Way] {
        Self.ways(path.split(separator: ".").map(String.init)[...], in: self)
    }

    private static func ways(_ path: ArraySlice<String>, in node: YAMLNode) -> [Way] {
        guard let key = path.first else { return [[]] }
        switch node.content {
        case .scalar: return []
        case .sequence(let items):
            return items.indices.flatMap { index in ways(path, in: items[index]).map { [.index(index)] + $0 } }
        case .mapping(let entries):
            return entries.filter { key == "*" || $0.key == key }.flatMap { entry in
                ways(path.dropFirst(), in: entry.value).map { [.key(entry.key)] + $0 }
            }
        }
    }

    fileprivate func removing(_ way: Way) -> YAMLNode {
        guard let step = way.first else { return self }
        var copy = self
        let rest = Array(way.dropFirst())
        switch (content, step) {
        case (.sequence(var items), .index(let index)):
            if rest.isEmpty { items.remove(at: index) } else { items[index] = items[index].removing(rest) }
            copy.content = .sequence(items)
        case (.mapping(var entries), .key(let key)):
            guard let index = entries.firstIndex(where: { $0.key == key }) else { return self }
            if rest.isEmpty {
                entries.remove(at: index)
            } else {
                entries[index].value = entries[index].value.removing(rest)
            }
            copy.content = .mapping(entries)
        default: break
        }
        return copy
    }

    /// The document on one line.
    fileprivate var flow: String {
        switch content {
        case .scalar(let scalar): scalar.isPlain ? scalar.text : JSONValue.string(scalar.text).text()
        case .sequence(let items): "[" + items.map(\.flow).joined(separator: ", ") + "]"
        case .mapping(let entries):
            "{" + entries.map { "\(JSONValue.string($0.key).text()): \($0.value.flow)" }.joined(separator: ", ") + "}"
        }
    }
}
