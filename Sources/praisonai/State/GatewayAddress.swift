import PraisonCore

/// Where a gateway is asked, over HTTP and by WebSocket.
struct GatewayAddress: Equatable {
    /// `http://127.0.0.1:8765`.
    let http: String
    /// `ws://127.0.0.1:8765/ws`.
    let webSocket: String

    /// - Parameter written: `http:`, `https:`, `ws:` or `wss:`, with or without the path of the WebSocket.
    init(_ written: String) throws(CommandFailure) {
        let schemes = [("http://", "ws://"), ("https://", "wss://")]
        for (plain, socket) in schemes {
            for prefix in [plain, socket] where written.hasPrefix(prefix) {
                var rest = written.dropFirst(prefix.count)
                if rest.hasSuffix("/ws") { rest = rest.dropLast(3) }
                while rest.last == "/" { rest.removeLast() }
                guard !rest.isEmpty, !rest.contains(where: Self.isOutOfPlace) else { break }
                (http, webSocket) = (plain + rest, socket + rest + "/ws")
                return
            }
        }
        throw CommandFailure(.usage, "\(written) is no address; one looks like ws://127.0.0.1:8765/ws")
    }

    /// What is written; else the host and port that are named, and for the one that is not what the settings say; else
    /// where the gateway of this machine's store listens; else what the settings say.
    init(
        written: String?, host: String? = nil, port: Int? = nil, server: ServerSettings, holder: ProcessLock.Holder?
    ) throws(CommandFailure) {
        guard written == nil || (host == nil && port == nil) else {
            throw CommandFailure(.usage, "--url says where all by itself; leave out --host and --port, or --url")
        }
        if let host, host.isEmpty || host.contains(where: { Self.isOutOfPlace($0) || "/?#@".contains($0) }) {
            throw CommandFailure(.usage, "--host takes an address or a name, not \"\(host.escapingControls)\"")
        }
        if let port, !(1...65_535).contains(port) { throw CommandFailure(.usage, "--port takes 1 to 65535") }
        var asked = server
        asked.host = host ?? server.host
        asked.port = port ?? server.port
        // Its port alone names the gateway of the store as well, which knows whether it speaks TLS.
        let isStores = host == nil && (port == nil || holder?.address?.hasSuffix(":\(asked.port)") == true)
        try self.init(written ?? (isStores ? holder?.address : nil) ?? Self.address(of: asked))
    }

    private static func isOutOfPlace(_ character: Character) -> Bool {
        character.isWhitespace || character.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7F }
    }

    static func address(of server: ServerSettings) -> String {
        let scheme = server.sslCert == nil ? "http" : "https"
        // An address to listen on everywhere is none to connect to.
        let host = ["0.0.0.0", "::"].contains(server.host) ? "127.0.0.1" : server.host
        return "\(scheme)://\(host.contains(":") ? "[\(host)]" : host):\(server.port)"
    }
}
