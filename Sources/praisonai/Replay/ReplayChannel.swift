import AdapterCatalog
import PraisonConfig
import PraisonCore
import PraisonSimulation

/// The channel a replay is heard on: the rules of the configuration, the account of the simulator.
struct ReplayChannel {
    /// - Parameter name: the channel; `nil` for the first of the platform.
    static func settings(
        in configuration: GatewayConfiguration, named name: String?, of entry: CatalogEntry
    ) throws(CommandFailure) -> ChannelSettings {
        let platform = entry.platform
        let candidates = configuration.channels.filter { $0.platform == platform }
        let account = try account(of: entry)
        guard let rules = name.map({ name in candidates.first { $0.name.rawValue == name } }) ?? candidates.first else {
            guard name == nil else {
                throw CommandFailure(.usage, "there is no channel \(name ?? "") of \(platform) in the configuration")
            }
            var settings = account
            settings.routing = Routing(fallback: configuration.agents.first?.name)
            return settings
        }
        var settings = rules
        settings.offReason = nil
        settings.token = account.token
        settings.appToken = account.appToken
        settings.secrets = account.secrets
        settings.options = account.options
        return settings
    }

    /// What the simulator wants to see in a channel's block, read as if it stood in a file.
    private static func account(of entry: CatalogEntry) throws(CommandFailure) -> ChannelSettings {
        let keys = entry.simulator?.settings(baseURL: "http://simulator.invalid") ?? []
        let lines = keys.map { "    \($0.key): \($0.value)\n" }.joined()
        let yaml = "agents: {echo: {}}\nchannels:\n  \(entry.platform):\n    platform: \(entry.platform)\n\(lines)"
        let loader = ConfigurationLoader(platforms: KnownPlatforms.descriptions(of: [entry.adapter]))
        let loaded = loader.load(yaml: Array(yaml.utf8), file: "simulator")
        guard let settings = loaded.configuration?.channels.first else {
            let problems = loaded.problems.map(\.description).joined(separator: "\n")
            throw CommandFailure(
                .failed, "the simulator of \(entry.platform) asks for impossible settings:\n\(problems)")
        }
        return settings
    }
}
