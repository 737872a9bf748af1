import Glibc
import PraisonCore

/// The proxies requests go through, by the usual environment variables.
///
/// `http_proxy`, `https_proxy` and `all_proxy` hold a proxy's URL (`http://proxy.example:3128`), `no_proxy` a list of
/// host names separated by commas, `*` for all. Each may be written in capitals, except `http_proxy`, which under CGI a
/// client could set with a header (CVE-2016-5385); small letters win. Requests to this machine never take a proxy.
///
/// Source: https://everything.curl.dev/usingcurl/proxies/env.html
public struct ProxySettings: Sendable {
    var http: String?
    var https: String?
    /// Hosts that are reached without a proxy.
    var exceptions: String

    /// - Parameter variable: the value of an environment variable.
    public init(_ variable: (String) -> String?) {
        func value(_ name: String) -> String? {
            let value = variable(name) ?? (name == "http_proxy" ? nil : variable(name.uppercased()))
            return value?.isEmpty == false ? value : nil
        }
        let all = value("all_proxy")
        http = value("http_proxy") ?? all
        https = value("https_proxy") ?? all
        exceptions = value("no_proxy") ?? ""
    }

    /// What this process's environment says now.
    public static var environment: ProxySettings {
        ProxySettings { name in getenv(name).map { String(cString: $0) } }
    }

    public static var none: ProxySettings { ProxySettings { _ in nil } }

    /// The proxy to ask for `url`; libcurl compares with the exceptions.
    func proxy(for url: TargetURL) -> String? {
        url.isLoopback ? nil : url.scheme == "https" ? https : http
    }

    /// Host and port of the proxy a transfer takes, for people.
    func place(for transfer: Transfer) -> String? {
        let url = transfer.url
        guard transfer.request.reach != .publicAddresses, !isExcepted(url.host, url.port), let proxy = proxy(for: url)
        else { return nil }
        let address = proxy.split(separator: "://", maxSplits: 1).last ?? ""
        return address.prefix { $0 != "/" }.split(separator: "@").last.map(String.init)
    }

    /// `no_proxy`: names that hold for their subdomains too, with or without a port; `*` for all.
    func isExcepted(_ host: String, _ port: Int) -> Bool {
        let host = host.lowercased()
        return exceptions.split(whereSeparator: { $0 == "," || $0 == " " }).contains { entry in
            if entry == "*" { return true }
            let trimmed = entry.hasPrefix(".") ? entry.dropFirst() : entry
            if let authority = Authority(trimmed), let excepted = authority.port {
                return excepted == port && Self.matches(host, authority.host.lowercased())
            }
            return Self.matches(host, trimmed.lowercased())
        }
    }

    private static func matches(_ host: String, _ name: String) -> Bool {
        host == name || host.hasSuffix("." + name)
    }
}
