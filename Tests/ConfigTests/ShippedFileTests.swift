import AdapterCatalog
import Foundation
import PraisonCore
import Testing

@testable import PraisonConfig

/// The repository's own gateway.yaml, which is what a newcomer starts with and reads first.
@Suite struct `the shipped gateway.yaml` {
    private static let schema = ConfigurationSchema(platforms: Fixtures.platforms)

    private static func lines() throws -> [String] {
        try String(contentsOf: Fixtures.repository.appending(path: "gateway.yaml"), encoding: .utf8)
            .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    /// An option that is not set: `#key: value`, without a space after the sign.
    private static func isOption(_ line: String) -> Bool {
        let rest = line.drop { $0 == " " }
        return rest.first == "#" && rest.dropFirst().first.map { $0 != " " && $0 != "#" } == true
    }

    /// The file with every option set.
    private static func withEveryOption() throws -> String {
        try lines().map { line in
            guard isOption(line) else { return line }
            let indentation = line.prefix { $0 == " " }
            return String(indentation + line.dropFirst(indentation.count + 1))
        }.joined(separator: "\n")
    }

    @Test func `starts without any account or variable`() throws {
        let loaded = ConfigurationLoader.make().load(try Self.lines().joined(separator: "\n"))
        #expect(loaded.problems == [])
        let configuration = try #require(loaded.configuration)
        #expect(configuration.agents.map(\.name) == ["support", "sales", "vip-agent"])
        #expect(configuration.agents.allSatisfy { $0.apiKey == nil && $0.baseURL == nil })
        #expect(configuration.channels.allSatisfy { $0.offReason != nil })
        #expect(configuration.server == ServerSettings())
        #expect(configuration.session == SessionSettings())
    }

    @Test func `starts in this build`() throws {
        let platforms = KnownPlatforms.descriptions(of: AdapterCatalog.platforms.map(\.adapter))
        let loaded = ConfigurationLoader(platforms: platforms).load(try Self.lines().joined(separator: "\n"))
        #expect(loaded.problems == [])
        #expect(loaded.configuration?.channels.count == 5)
    }

    @Test func `says what the documented example says`() throws {
        let shipped = ConfigurationLoader.make().load(try Self.lines().joined(separator: "\n"))
        let seed = ConfigurationLoader.make().load(yaml: try Fixtures.bytes("seed.yaml"), file: "gateway.yaml")
        #expect(shipped.configuration == seed.configuration)
    }

    @Test func `has nothing wrong in any option`() throws {
        let environment = [
            "GATEWAY_AUTH_TOKEN": "a-token-for-tests", "READER_TOKEN": "r", "WRITER_TOKEN": "w", "REDIS_PASSWORD": "p",
        ]
        let loaded = ConfigurationLoader.make(environment).load(try Self.withEveryOption())
        #expect(loaded.problems.map(\.description) == [])
    }

    @Test func `has every key, with its default and its unit`() throws {
        let lines = try Self.lines()
        let root = try #require(YAMLReader().read(Array(try Self.withEveryOption().utf8)).root)
        for (path, setting) in Self.schema.entries where !setting.summary.hasPrefix("older shape") {
            let nodes = Self.nodes(of: path, setting, in: root)
            // The e-mail platforms are known only to be refused kindly.
            if case .notOffered = setting.status, nodes.isEmpty, path.hasPrefix("channels.*.") { continue }
            if ["agent.", "platforms.", "routing."].contains(where: path.hasPrefix) { continue }
            #expect(!nodes.isEmpty, "\(path) is missing")
            for node in nodes {
                let line = lines[node.place.line - 1]
                if let unit = setting.unit { #expect(line.contains(unit), "\(path): no unit in \(line)") }
                guard Self.isOption(line), let text = setting.defaultValue, let scalar = Self.scalar(node) else {
                    continue
                }
                let isDefault = scalar.value == YAMLScalar.resolve(text) || scalar.text == unquoted(text)
                #expect(isDefault, "\(path): the default is \(text), not \(scalar.text)")
            }
        }
    }

    private static func scalar(_ node: YAMLNode) -> YAMLScalar? {
        if case .scalar(let scalar) = node.content { scalar } else { nil }
    }

    /// Whatever stands at `path`, by the key's name or another word for it.
    private static func nodes(of path: String, _ setting: Setting, in root: YAMLNode) -> [YAMLNode] {
        let parts = path.split(separator: ".").map(String.init)
        return nodes(parts[...], last: [setting.name] + setting.aliases, in: root)
    }

    private static func nodes(_ path: ArraySlice<String>, last: [String], in node: YAMLNode) -> [YAMLNode] {
        guard let key = path.first else { return [node] }
        switch node.content {
        case .scalar: return []
        case .sequence(let items): return items.flatMap { nodes(path, last: last, in: $0) }
        case .mapping(let entries):
            return entries.filter { key == "*" || $0.key == key || path.count == 1 && last.contains($0.key) }
                .flatMap { nodes(path.dropFirst(), last: last, in: $0.value) }
        }
    }
}
