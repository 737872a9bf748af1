extension HTTPServer {
    /// Where a server listens, and its limits. What goes beyond a limit is refused and costs others nothing.
    public struct Configuration: Sendable {
        /// A name or an address to listen on.
        public var host: String
        /// 0 for any that is free.
        public var port: Int
        /// The certificate to serve `https:` and `wss:` with; `nil` for the clear.
        public var tls: TLSConfiguration?
        /// Connections at once; further ones are answered 503 and closed.
        public var maxConnections: Int
        /// Connections at once from one address on which nothing is under way and nobody was let in: that say nothing
        /// yet, or nothing more, or whose WebSocket was opened only to say why it is refused. Further ones are closed at
        /// once. 0 for no limit.
        public var maxStrangersPerPeer: Int
        /// Whether `maxStrangersPerPeer` does not bind an address: this machine's own, a proxy's.
        ///
        /// Called on an event loop: answer without waiting.
        public var isFamiliar: @Sendable (_ peer: String) -> Bool

        /// Bytes of a request's target and header fields together; more is answered 431.
        public var maxHeaderSize: Int
        /// Header fields of a request; more are answered 431.
        public var maxHeaderCount: Int
        /// Bytes of a request's body; more is answered 413.
        public var maxBodySize: Int
        /// From the first byte of a request, or the start of a connection with its TLS handshake, until the head is
        /// whole; then 408.
        public var headerTimeout: Duration
        /// From the head of a request until its body is whole; then 408.
        public var bodyTimeout: Duration
        /// How long a connection may be idle between two requests.
        public var keepAliveTimeout: Duration
        /// How long a client may take to accept a piece of a response; then the connection is cut.
        public var writeTimeout: Duration
        /// How long running requests and open WebSockets may go on once the server stops.
        public var drainTimeout: Duration

        /// Bytes of a WebSocket message, after decompression; more closes with 1009.
        public var maxMessageSize: Int
        /// Whether WebSocket messages may be compressed (RFC 7692), if the client wants it.
        public var compressesMessages: Bool
        /// How long a WebSocket waits for the other end's farewell before it hangs up; at most a second once the server
        /// stops.
        public var closeTimeout: Duration

        public init(
            host: String = "127.0.0.1", port: Int = 0, tls: TLSConfiguration? = nil, maxConnections: Int = 4096,
            maxStrangersPerPeer: Int = 0, isFamiliar: @escaping @Sendable (_ peer: String) -> Bool = { _ in false },
            maxHeaderSize: Int = 16 << 10,
            maxHeaderCount: Int = 100, maxBodySize: Int = 8 << 20, headerTimeout: Duration = .seconds(10),
            bodyTimeout: Duration = .seconds(60), keepAliveTimeout: Duration = .seconds(75),
            writeTimeout: Duration = .seconds(60), drainTimeout: Duration = .seconds(10),
            maxMessageSize: Int = 1 << 20, compressesMessages: Bool = true, closeTimeout: Duration = .seconds(5)
        ) {
            self.host = host
            self.port = port
            self.tls = tls
            self.maxConnections = maxConnections
            self.maxStrangersPerPeer = maxStrangersPerPeer
            self.isFamiliar = isFamiliar
            self.maxHeaderSize = maxHeaderSize
            self.maxHeaderCount = maxHeaderCount
            self.maxBodySize = maxBodySize
            self.headerTimeout = headerTimeout
            self.bodyTimeout = bodyTimeout
            self.keepAliveTimeout = keepAliveTimeout
            self.writeTimeout = writeTimeout
            self.drainTimeout = drainTimeout
            self.maxMessageSize = maxMessageSize
            self.compressesMessages = compressesMessages
            self.closeTimeout = closeTimeout
        }
    }

    /// Where a server has come to listen.
    public struct Address: Hashable, Sendable {
        public let host: String
        public let port: Int
        let isSecure: Bool

        /// `http://127.0.0.1:8765`, or `https:` with TLS.
        public var url: String {
            "\(isSecure ? "https" : "http")://\(host.contains(":") ? "[\(host)]" : host):\(port)"
        }
    }
}
