import PraisonCore

/// A host and port as a `Host` or `Origin` header names them, in lower case.
struct HostName: Hashable, Sendable {
    var name: String
    /// `nil` where the scheme's own is meant.
    var port: Int?

    init(_ text: some StringProtocol) {
        let text = text.lowercased()
        if text.hasPrefix("["), let close = text.firstIndex(of: "]") {
            name = String(text[text.index(after: text.startIndex)..<close])
            port = Int(text[text.index(after: close)...].drop { $0 == ":" })
            return
        }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        name = parts.count == 2 ? String(parts[0]) : text
        port = parts.count == 2 ? Int(parts[1]) : nil
        if port == 80 || port == 443 { port = nil }
    }
}

/// What is certainly this machine.
enum Loopback {
    /// Whether an address a connection came from is this machine's own. An unknown address is not.
    static func isPeer(_ address: String?) -> Bool {
        guard let address else { return false }
        return address == "::1" || isIPv4(address) || address.hasPrefix("::ffff:127.")
    }

    /// Whether a name in a URL can only mean this machine.
    static func isName(_ name: String) -> Bool {
        name == "localhost" || name.hasSuffix(".localhost") || name == "::1" || isIPv4(name)
    }

    private static func isIPv4(_ text: String) -> Bool {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}
