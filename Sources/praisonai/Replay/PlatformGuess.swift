import AdapterCatalog
import PraisonCore

/// Whose payloads these are: told from a folder's name on the way to the files, else from which adapter finds something
/// in them.
struct PlatformGuess {
    let entry: CatalogEntry?

    init(_ payloads: [ReplayInput.Payload], among entries: [CatalogEntry] = AdapterCatalog.platforms) {
        let folders = Set(payloads.flatMap { $0.source.lowercased().split(separator: "/").dropLast() })
        let named = entries.filter { folders.contains($0.platform.rawValue[...]) }
        entry = named.count == 1 ? named.first : entries.first { Self.understands($0.adapter, payloads) }
    }

    /// The platform whose payload this surely is, when `entry`'s adapter finds nothing in it.
    static func other(than entry: CatalogEntry, for payload: ReplayInput.Payload) -> Platform? {
        AdapterCatalog.platforms.first { $0.platform != entry.platform && understands($0.adapter, [payload]) }?.platform
    }

    private static func understands(_ adapter: any ChannelAdapter.Type, _ payloads: [ReplayInput.Payload]) -> Bool {
        let receiver = Receiver(channel: "guess", receivedAt: Timestamp(microseconds: 0))
        return payloads.contains { payload in
            guard case .success(let document) = payload.content else { return false }
            return adapter.events(in: document, for: receiver).contains { $0.message?.kind != .unsupported }
        }
    }
}
