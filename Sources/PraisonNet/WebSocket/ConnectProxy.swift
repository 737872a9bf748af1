import PraisonCore

/// A proxy that a WebSocket goes through.
struct ConnectProxy: Equatable {
    let host: String
    let port: Int
    /// For `Proxy-Authorization`.
    let authorization: Secret?

    /// - Parameter written: a proxy's URL, `http://user:password@proxy.example:3128`, or its host and port alone.
    init(_ written: String) throws(WebSocketConnectError) {
        var rest = written[...]
        if let scheme = rest.firstRange(of: "://") {
            guard rest[..<scheme.lowerBound].lowercased() == "http" else {
                throw .transport(.proxy("the environment names a proxy that is not http://, which is not supported"))
            }
            rest = rest[scheme.upperBound...]
        }
        rest = rest.prefix { $0 != "/" }
        if let at = rest.lastIndex(of: "@") {
            let credentials = FormEncoding.unescape(rest[..<at])
            authorization = Secret("Basic " + WebSocketHandshake.base64(Array(credentials.utf8)))
            rest = rest[rest.index(after: at)...]
        } else {
            authorization = nil
        }
        guard let authority = Authority(rest), !authority.host.isEmpty else {
            throw .transport(.proxy("the environment names a proxy that is no URL"))
        }
        host = authority.host
        port = authority.port ?? 1080
    }
}

extension ProxySettings {
    /// The proxy to reach `url` through; `nil` for none, as always on loopback.
    func proxy(for url: WebSocketURL) throws(WebSocketConnectError) -> ConnectProxy? {
        guard !url.isLoopback, !isExcepted(url.host, url.port), let written = url.isSecure ? https : http
        else { return nil }
        return try ConnectProxy(written)
    }
}

extension HTTPError {
    fileprivate static func proxy(_ detail: String) -> HTTPError {
        HTTPError(.couldNotConnect, mayHaveReachedServer: false, detail: detail)
    }
}
