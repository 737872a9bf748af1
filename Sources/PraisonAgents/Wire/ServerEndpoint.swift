/// Where a model's server is, from whatever form of `base_url` a person wrote.
struct ServerEndpoint: Hashable, Sendable {
    /// Lower case, without port and credentials; safe to log.
    let host: String
    let port: Int?
    let isEncrypted: Bool
    /// Scheme, host and port as written.
    private let root: String
    private let segments: [String]
    /// With its question mark, or empty.
    private let query: String

    /// Takes `https://host`, `https://host/`, `https://host/v1`, `https://host/v1/`, `https://host/api/v1?x=y` and
    /// the whole address of an operation.
    ///
    /// - Returns: `nil` when `baseURL` is not an `http` or `https` URL with a host.
    init?(baseURL: String) {
        let trimmed = baseURL.trimmed
        guard trimmed.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }), let scheme = trimmed.firstRange(of: "://") else {
            return nil
        }
        let name = trimmed[..<scheme.lowerBound].lowercased()
        guard name == "http" || name == "https" else { return nil }
        isEncrypted = name == "https"

        let rest = trimmed[scheme.upperBound...]
        let withoutFragment = rest.prefix { $0 != "#" }
        let authority = withoutFragment.prefix { $0 != "/" && $0 != "?" }
        let pathAndQuery = withoutFragment.dropFirst(authority.count)
        let path = pathAndQuery.prefix { $0 != "?" }

        guard let (host, port) = Self.split(authority) else { return nil }
        self.host = host
        self.port = port
        root = "\(name)://\(authority)"
        segments = path.split(separator: "/").map(String.init)
        query = String(pathAndQuery.dropFirst(path.count))
    }

    /// The URLs of an operation in the order to try: where the path does not say whether a version belongs to it,
    /// there are two. What is there already is never doubled.
    ///
    /// - Parameters:
    ///   - operation: `["chat", "completions"]`.
    ///   - version: `v1`; `nil` where the protocol has none.
    ///   - parameters: joined to the query, `alt=sse`.
    func urls(of operation: [String], version: String?, parameters: String = "") -> [String] {
        var base = segments
        if base.suffix(operation.count).elementsEqual(operation) { base.removeLast(operation.count) }
        let query = parameters.isEmpty ? query : query.isEmpty ? "?\(parameters)" : "\(query)&\(parameters)"
        func url(_ parts: [String]) -> String { root + parts.map { "/\($0)" }.joined() + query }
        let plain = url(base + operation)
        guard let version, !base.contains(where: Self.isVersion), !base.contains("deployments") else { return [plain] }
        return [url(base + [version] + operation), plain]
    }

    /// The endpoint without a last segment that the protocol's own addresses lack.
    func dropping(_ lastSegments: Set<String>) -> ServerEndpoint {
        guard let last = segments.last, lastSegments.contains(last) else { return self }
        return ServerEndpoint(copying: self, segments: segments.dropLast())
    }

    /// Whether it is one of Azure's rooms of OpenAI's server.
    var isAzure: Bool { host.hasSuffix(".azure.com") }

    /// Azure's address with what its users leave out: the path to the protocol, where it is only the resource's, and the
    /// version that its older addresses want asked for.
    ///
    /// - Parameter version: `nil` for the last of those.
    ///
    /// Source: https://learn.microsoft.com/azure/ai-foundry/openai/api-version-lifecycle
    func completedForAzure(version: String?) -> ServerEndpoint {
        guard isAzure else { return self }
        if segments.isEmpty { return ServerEndpoint(copying: self, segments: ["openai", "v1"]) }
        guard pathContains("deployments"), query.isEmpty else { return self }
        return ServerEndpoint(copying: self, segments: segments, query: "?api-version=\(version ?? "2024-10-21")")
    }

    private init(copying other: ServerEndpoint, segments: [String], query: String? = nil) {
        host = other.host
        port = other.port
        isEncrypted = other.isEncrypted
        root = other.root
        self.query = query ?? other.query
        self.segments = segments
    }

    func pathContains(_ segment: String) -> Bool { segments.contains(segment) }

    /// Whether the path names a version of the server's protocol.
    var namesVersion: Bool { segments.contains(where: Self.isVersion) }

    /// Whether the server is this machine or one on the same private network.
    var isLocal: Bool {
        if ["localhost", "::1", "host.docker.internal"].contains(host) || host.hasSuffix(".local") { return true }
        if host.hasSuffix(".localhost") || !host.contains(".") && !host.contains(":") { return true }
        let parts = host.split(separator: ".").compactMap { Int($0) }
        guard parts.count == 4, host.utf8.allSatisfy({ $0 == 0x2E || (0x30...0x39).contains($0) }) else { return false }
        return switch (parts[0], parts[1]) {
        case (127, _), (10, _), (192, 168): true
        case (172, 16...31): true
        default: false
        }
    }

    /// `v1`, `v1beta`, `v2`.
    private static func isVersion(_ segment: String) -> Bool {
        let bytes = Array(segment.utf8)
        guard bytes.count >= 2, bytes[0] == UInt8(ascii: "v") else { return false }
        return (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[1])
    }

    private static func split(_ authority: Substring) -> (String, Int?)? {
        var place = authority
        if let at = place.lastIndex(of: "@") { place = place[place.index(after: at)...] }
        var port: Int?
        if place.hasPrefix("[") {
            guard let end = place.firstIndex(of: "]") else { return nil }
            let tail = place[place.index(after: end)...]
            if tail.hasPrefix(":") { port = Int(tail.dropFirst()) }
            return (place[place.index(after: place.startIndex)..<end].lowercased(), port)
        }
        if let colon = place.lastIndex(of: ":") {
            guard let number = Int(place[place.index(after: colon)...]), (1...65535).contains(number) else {
                return nil
            }
            port = number
            place = place[..<colon]
        }
        guard !place.isEmpty else { return nil }
        return (place.lowercased(), port)
    }
}
