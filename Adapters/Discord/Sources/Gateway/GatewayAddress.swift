import PraisonCore

/// Where a connection goes: what the server named, with the query that every connection needs anew.
struct GatewayAddress: Hashable, Sendable {
    /// `wss://gateway.discord.gg/?v=10&encoding=json&compress=zlib-stream`
    let url: String

    init(_ base: String, compresses: Bool) {
        var bare = base.prefix { $0 != "?" && $0 != "#" }
        while bare.hasSuffix("/") { bare = bare.dropLast() }
        url = "\(bare)/?v=10&encoding=json\(compresses ? "&compress=zlib-stream" : "")"
    }

    /// Whether `base` can be connected to; anything else READY names is not used.
    static func isUsable(_ base: String) -> Bool { base.hasPrefix("wss://") || base.hasPrefix("ws://") }
}
