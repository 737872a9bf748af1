import CCurl
import Glibc
import PraisonCore

/// An absolute http or https URL as libcurl reads it; the same reading is used to connect and to decide.
final class TargetURL: @unchecked Sendable {  // the handle is not changed after `init`
    /// The parsed URL, for `CURLOPT_CURLU`; lives as long as this object.
    let handle: OpaquePointer
    /// `http` or `https`.
    let scheme: String
    /// Lower case; an IPv6 address is in brackets.
    let host: String
    let port: Int

    convenience init(_ text: String) throws(HTTPError) {
        guard let handle = curl_url() else { throw Self.invalid("there is no memory to read the URL") }
        try self.init(handle, text)
    }

    /// `reference`, which may be relative, as seen from `base`.
    convenience init(_ reference: String, from base: TargetURL) throws(HTTPError) {
        guard let handle = curl_url_dup(base.handle) else { throw Self.invalid("there is no memory to read the URL") }
        try self.init(handle, reference)
    }

    private init(_ handle: OpaquePointer, _ text: String) throws(HTTPError) {
        var isKept = false
        defer { if !isKept { curl_url_cleanup(handle) } }
        guard !text.utf8.contains(0) else { throw Self.invalid("a URL cannot hold a zero byte") }
        let code = curl_url_set(handle, CURLUPART_URL, text, UInt32(CURLU_NON_SUPPORT_SCHEME))
        guard code == CURLUE_OK else {
            // Never the text itself: it may hold credentials.
            throw Self.invalid("the URL cannot be read: \(String(cString: curl_url_strerror(code)).lowercased())")
        }
        guard let scheme = Self.part(CURLUPART_SCHEME, of: handle), scheme == "http" || scheme == "https" else {
            throw Self.invalid("the URL must start with http:// or https://")
        }
        guard let host = Self.part(CURLUPART_HOST, of: handle), !host.isEmpty,
            let port = Self.part(CURLUPART_PORT, of: handle, UInt32(CURLU_DEFAULT_PORT)).flatMap({ Int($0) })
        else {
            throw Self.invalid("the URL has no host")
        }
        self.scheme = scheme
        self.host = host.lowercased()
        self.port = port
        self.handle = handle
        isKept = true
    }

    deinit { curl_url_cleanup(handle) }

    /// The whole URL. It may hold credentials: for the wire only.
    var text: String { Self.part(CURLUPART_URL, of: handle) ?? "" }

    /// `host`, with the port where it is not the scheme's own; fit for people and logs.
    var authority: String { port == (scheme == "https" ? 443 : 80) ? host : "\(host):\(port)" }

    /// Whether both lead to the same server: RFC 6454's origin.
    func hasOrigin(of other: TargetURL) -> Bool {
        scheme == other.scheme && host == other.host && port == other.port
    }

    /// Whether the host is this machine, by its name or address.
    var isLoopback: Bool {
        if host == "localhost" || host.hasSuffix(".localhost") { return true }
        var four = in_addr()
        if inet_pton(AF_INET, host, &four) == 1 {
            let address = UInt32(bigEndian: four.s_addr)
            return address >> 24 == 127 || address == 0
        }
        var six = in6_addr()
        guard host.hasPrefix("["), inet_pton(AF_INET6, String(host.dropFirst().dropLast()), &six) == 1 else {
            return false
        }
        let bytes = withUnsafeBytes(of: six) { Array($0) }
        let isMapped = bytes.prefix(12) == [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff] && bytes[12] == 127
        return isMapped || bytes.prefix(15).allSatisfy { $0 == 0 } && bytes[15] <= 1
    }

    private static func part(_ part: CURLUPart, of handle: OpaquePointer, _ flags: UInt32 = 0) -> String? {
        var text: UnsafeMutablePointer<CChar>?
        guard curl_url_get(handle, part, &text, flags) == CURLUE_OK, let text else { return nil }
        defer { curl_free(text) }
        return String(cString: text)
    }

    private static func invalid(_ detail: String) -> HTTPError {
        HTTPError(.invalidURL, mayHaveReachedServer: false, detail: detail)
    }
}
