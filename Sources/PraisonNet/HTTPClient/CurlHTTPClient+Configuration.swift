import PraisonCore

extension CurlHTTPClient {
    /// What all requests of a client have in common.
    public struct Configuration: Sendable {
        /// Sent as `User-Agent` where a request has none.
        public var userAgent = "praisonai"
        /// The authorities that may vouch for servers; `nil` for the system's.
        public var trust: TrustStore?
        public var proxies = ProxySettings.environment
        /// Whether to speak HTTP/2 with TLS servers that can, where the whole response is waited for.
        public var offersHTTP2 = true
        /// For streamed responses as many again. Further requests wait; that counts as connecting.
        public var connectionsPerHost = 1000
        public var connections = 2000
        /// Connections kept for later requests while nobody uses them, and as many again for streamed responses. After
        /// a burst there may be more, of which each request closes one.
        public var idleConnections = 64
        /// How long a connection serves again after its last use. Servers and routers forget idle ones after a minute
        /// or more.
        public var idleConnectionLifetime = Duration.seconds(50)
        /// Redirects followed for one request. Only GET and HEAD are, and only to the same scheme, host and port;
        /// any other redirect is a response like all others.
        public var redirects = 5

        public init() {}
    }
}
