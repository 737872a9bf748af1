import AdapterCatalog
import Foundation
import PraisonCore

@testable import PraisonConfig

enum Fixtures {
    static let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
    static let folder = repository.appending(path: "Fixtures/configurations")

    static var names: [String] {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return files.filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) }.sorted()
    }

    static func bytes(_ name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: folder.appending(path: name)))
    }

    /// The only platform spoken in these tests, so that fixtures do not change when another one is built.
    static let platforms: [PlatformDescription] =
        [
            PlatformDescription(
                platform: "telegram",
                options: [
                    ChannelOption("api_base", .url, default: "https://api.telegram.org", summary: "the Bot API"),
                    ChannelOption("mode", .choice(["poll", "webhook"]), default: "poll", summary: "how updates come"),
                    ChannelOption("webhook_url", .url, summary: "the public address"),
                    ChannelOption("webhook_secret", .secret, summary: "proves a delivery"),
                    ChannelOption("poll_timeout", .integer(1...50), default: "50", summary: "seconds"),
                ])
        ] + KnownPlatforms.descriptions(of: [])

    /// The tools there are in these tests without being declared.
    static let tools: Set<String> = ["calculator", "fetch_url", "get_weather", "recall", "search_web"]
}

extension ConfigurationLoader {
    static func make(
        _ environment: [String: String] = [:], files: [String: String] = [:]
    ) -> ConfigurationLoader {
        ConfigurationLoader(platforms: Fixtures.platforms, tools: Fixtures.tools, environment: environment) { path in
            guard let content = files[path] else { throw UnreadableFile(path: path) }
            return Array(content.utf8)
        }
    }

    func load(_ text: String, agents: String? = nil) -> LoadedConfiguration {
        load(
            yaml: Array(text.utf8), file: "gateway.yaml",
            agentsFile: agents.map { ConfigurationFile(name: "agents.yaml", bytes: Array($0.utf8)) })
    }
}
