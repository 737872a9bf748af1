import DiscordAdapter
import DiscordSimulator
public import PraisonCore
public import PraisonSimulation
import TelegramAdapter
import TelegramSimulator

/// The platforms this build speaks. Adding one is one line here and one word in Package.swift; see Adapters/README.md.
public enum AdapterCatalog {
    public static let platforms: [CatalogEntry] = [
        CatalogEntry(adapter: TelegramAdapter.self, simulator: TelegramSimulator.self),
        CatalogEntry(adapter: DiscordAdapter.self, simulator: DiscordSimulator.self),
    ]

    /// The entry of `platform`, as it is spelled after `platform:` in gateway.yaml.
    public static func entry(for platform: Platform) -> CatalogEntry? {
        platforms.first { $0.platform == platform }
    }
}

/// One platform: who speaks it, and who plays it.
public struct CatalogEntry: Sendable {
    public let adapter: any ChannelAdapter.Type
    public let simulator: (any PlatformSimulator.Type)?

    public init(adapter: any ChannelAdapter.Type, simulator: (any PlatformSimulator.Type)?) {
        self.adapter = adapter
        self.simulator = simulator
    }

    public var platform: Platform { adapter.platform }
}
