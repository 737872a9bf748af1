/// A request, on its way out (`target` is a whole URL) or just come in (`target` is path and query).
public struct HTTPRequest: Hashable, Sendable {
    public enum Method: String, Hashable, Sendable {
        case get = "GET"
        case head = "HEAD"
        case post = "POST"
        case put = "PUT"
        case patch = "PATCH"
        case delete = "DELETE"
        case options = "OPTIONS"
    }

    public var method: Method
    public var target: String
    public var headers: HTTPHeaders
    public var body: [UInt8]
    /// Waiting times and sizes; used on the way out only.
    public var limits: HTTPLimits
    /// The other end's address (`127.0.0.1`), on requests that came in.
    public var peer: String?
    /// Where the request may go; used on the way out only.
    public var reach = Reach.anywhere

    /// Which addresses a request may go to.
    public enum Reach: Hashable, Sendable {
        case anywhere
        /// Only to addresses of the public internet, for URLs that strangers choose. It is the address connected to
        /// that counts, so that no name and no redirect leads around it; a proxy is not asked.
        case publicAddresses
    }

    public init(
        _ method: Method, _ target: String, headers: HTTPHeaders = [:], body: [UInt8] = [],
        limits: HTTPLimits = HTTPLimits(), peer: String? = nil
    ) {
        self.method = method
        self.target = target
        self.headers = headers
        self.body = body
        self.limits = limits
        self.peer = peer
    }

    /// The path without scheme, host, query and fragment, percent-encoded as it came; at least `/`.
    public var path: String {
        let rest = afterAuthority
        let end = rest.firstIndex { $0 == "?" || $0 == "#" } ?? rest.endIndex
        return end == rest.startIndex ? "/" : String(rest[..<end])
    }

    /// The query's names and values, decoded, in their order.
    public var query: [(name: String, value: String)] {
        guard let start = target.firstIndex(of: "?") else { return [] }
        let end = target[start...].firstIndex(of: "#") ?? target.endIndex
        return FormEncoding.decode(target[target.index(after: start)..<end])
    }

    /// The first value of the query under `name`.
    public func query(_ name: String) -> String? {
        query.first { $0.name == name }?.value
    }

    private var afterAuthority: Substring {
        guard let scheme = target.firstRange(of: "://") else { return target[...] }
        let authority = target[scheme.upperBound...]
        return authority.firstIndex { $0 == "/" || $0 == "?" || $0 == "#" }.map { authority[$0...] } ?? ""
    }
}

/// How long and how much to wait for, each kept separately.
public struct HTTPLimits: Hashable, Sendable {
    /// From the start until the connection (with TLS) stands.
    public var connect: Duration
    /// From the request sent until the response's head.
    public var firstByte: Duration
    /// Between two bytes of the response's body, whatever they are.
    public var idle: Duration
    /// For everything; `nil` for no limit, as streams and long polls need.
    public var total: Duration?
    /// Bytes of the body, counted after decompression.
    public var bodySize: Int

    public init(
        connect: Duration = .seconds(10), firstByte: Duration = .seconds(60), idle: Duration = .seconds(60),
        total: Duration? = .seconds(120), bodySize: Int = 16 << 20
    ) {
        self.connect = connect
        self.firstByte = firstByte
        self.idle = idle
        self.total = total
        self.bodySize = bodySize
    }
}
