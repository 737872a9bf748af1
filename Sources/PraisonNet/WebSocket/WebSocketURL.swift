import PraisonCore

/// Where a `ws:` or `wss:` URL leads (RFC 6455 §3).
struct WebSocketURL: Equatable {
    let isSecure: Bool
    /// Without the brackets of an IPv6 address.
    let host: String
    let port: Int
    /// Path and query, as they stand in the request.
    let target: String

    init(_ text: String) throws(WebSocketConnectError) {
        let lowered = text.prefix(6).lowercased()
        let rest: Substring
        if lowered.hasPrefix("ws://") {
            (isSecure, rest) = (false, text.dropFirst(5))
        } else if lowered.hasPrefix("wss://") {
            (isSecure, rest) = (true, text.dropFirst(6))
        } else {
            throw .invalidURL("the URL of a WebSocket begins with ws:// or wss://")
        }
        // Printable ASCII only: anything else, a line break above all, must come percent-encoded.
        guard rest.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw .invalidURL("the URL has characters that must be percent-encoded")
        }
        guard !rest.contains("#") else { throw .invalidURL("a WebSocket's URL has no fragment (RFC 6455 §3)") }
        let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
        let authority = Authority(rest[..<end])
        guard let authority, !authority.host.isEmpty else { throw .invalidURL("the URL has no valid host and port") }
        host = authority.host
        port = authority.port ?? (isSecure ? 443 : 80)
        let path = rest[end...]
        target = path.hasPrefix("/") ? String(path) : "/" + path
    }

    /// What stands in the `Host` header: the port only where it is not the scheme's own.
    var authority: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return port == (isSecure ? 443 : 80) ? name : "\(name):\(port)"
    }

    /// Whether the connection stays on this machine.
    var isLoopback: Bool {
        host.lowercased() == "localhost" || host == "::1" || host.hasPrefix("127.")
    }
}

/// `host`, `host:port`, `[::1]:port`.
struct Authority: Equatable {
    let host: String
    let port: Int?

    init?(_ text: some StringProtocol) {
        var port: Substring?
        if text.hasPrefix("["), let bracket = text.firstIndex(of: "]") {
            host = String(text[text.index(after: text.startIndex)..<bracket])
            let rest = text[text.index(after: bracket)...]
            guard rest.isEmpty || rest.hasPrefix(":") else { return nil }
            port = rest.isEmpty ? nil : Substring(rest.dropFirst())
            guard host.utf8.allSatisfy({ $0.isHexDigit || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: ".") }) else {
                return nil
            }
        } else {
            let parts = text.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count <= 2 else { return nil }
            host = String(parts[0])
            port = parts.count == 2 ? Substring(parts[1]) : nil
            guard !host.contains(where: { "@[]\\^`{|}<>\"%".contains($0) }) else { return nil }
        }
        guard let port else {
            self.port = nil
            return
        }
        guard let number = UInt16(port), number > 0, port.first?.isNumber == true else { return nil }
        self.port = Int(number)
    }
}

extension UInt8 {
    fileprivate var isHexDigit: Bool {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
            UInt8(ascii: "A")...UInt8(ascii: "F"):
            true
        default: false
        }
    }
}
