import PraisonCore

#if canImport(Glibc)
    import Glibc
#endif

/// The proxies that the environment names, as curl reads them: `http_proxy` (in lower case only), `https_proxy`,
/// `all_proxy` and `no_proxy`.
///
/// Source: https://everything.curl.dev/usingcurl/proxies/env.html
struct ProxySettings: Sendable {
    struct Proxy: Equatable {
        let host: String
        let port: Int
        /// For `Proxy-Authorization`.
        let authorization: Secret?
    }

    private let variable: @Sendable (String) -> String?

    /// - Parameter variable: looks up a variable of the environment.
    init(variable: @escaping @Sendable (String) -> String?) { self.variable = variable }

    static let environment = ProxySettings { name in getenv(name).map { String(cString: $0) } }

    /// The proxy to reach `url` through; `nil` for none, as always on loopback.
    func proxy(for url: WebSocketURL) throws(WebSocketConnectError) -> Proxy? {
        guard !url.isLoopback, !isExcepted(url) else { return nil }
        // Not `HTTP_PROXY`: under CGI a client could set it with a header (CVE-2016-5385).
        let names = (url.isSecure ? ["https_proxy", "HTTPS_PROXY"] : ["http_proxy"]) + ["all_proxy", "ALL_PROXY"]
        for name in names {
            if let value = variable(name), !value.isEmpty { return try parse(value, from: name) }
        }
        return nil
    }

    private func parse(_ value: String, from name: String) throws(WebSocketConnectError) -> Proxy {
        var rest = value[...]
        if let scheme = rest.firstRange(of: "://") {
            guard rest[..<scheme.lowerBound].lowercased() == "http" else {
                throw .transport(.proxy("\(name) names a proxy that is not http://, which is not supported"))
            }
            rest = rest[scheme.upperBound...]
        }
        rest = rest.prefix { $0 != "/" }
        var authorization: Secret?
        if let at = rest.lastIndex(of: "@") {
            let credentials = FormEncoding.unescape(rest[..<at])
            authorization = Secret("Basic " + WebSocketHandshake.base64(Array(credentials.utf8)))
            rest = rest[rest.index(after: at)...]
        }
        guard let authority = Authority(rest), !authority.host.isEmpty else {
            throw .transport(.proxy("\(name) is not the URL of a proxy"))
        }
        return Proxy(host: authority.host, port: authority.port ?? 1080, authorization: authorization)
    }

    /// `no_proxy`: names that hold for their subdomains too, with or without a port; `*` for all.
    private func isExcepted(_ url: WebSocketURL) -> Bool {
        guard let list = variable("no_proxy") ?? variable("NO_PROXY") else { return false }
        let host = url.host.lowercased()
        return list.split(whereSeparator: { $0 == "," || $0 == " " }).contains { entry in
            if entry == "*" { return true }
            let trimmed = entry.hasPrefix(".") ? entry.dropFirst() : entry
            if let authority = Authority(trimmed), let port = authority.port {
                return port == url.port && Self.matches(host, authority.host.lowercased())
            }
            return Self.matches(host, trimmed.lowercased())
        }
    }

    private static func matches(_ host: String, _ name: String) -> Bool {
        host == name || host.hasSuffix("." + name)
    }
}

extension HTTPError {
    fileprivate static func proxy(_ detail: String) -> HTTPError {
        HTTPError(.couldNotConnect, mayHaveReachedServer: false, detail: detail)
    }
}
