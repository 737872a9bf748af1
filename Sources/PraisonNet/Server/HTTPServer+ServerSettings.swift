public import PraisonCore

extension HTTPServer.Configuration {
    /// The `gateway:` block, as far as it concerns the server.
    ///
    /// - Parameter isFamiliar: whether `preauth_max_connections_per_ip` does not bind an address.
    /// - Throws: ``TLSConfigurationError`` when certificate and key cannot be used.
    public init(
        _ server: ServerSettings, isFamiliar: @escaping @Sendable (_ peer: String) -> Bool
    ) throws(TLSConfigurationError) {
        self.init(
            host: server.host, port: server.port, tls: try TLSConfiguration(server),
            // Besides the clients there are requests, webhooks among them.
            maxConnections: server.maxConnections + 1024, maxStrangersPerPeer: server.preauthMaxConnectionsPerIP,
            isFamiliar: isFamiliar, maxHeaderSize: server.maxHeaderBytes, maxBodySize: server.maxBodyBytes,
            headerTimeout: server.headerTimeout, bodyTimeout: server.bodyTimeout,
            keepAliveTimeout: server.idleTimeout, drainTimeout: min(server.drainTimeout, .seconds(10)),
            maxMessageSize: server.maxPayload)
    }
}

extension TLSConfiguration {
    /// `ssl_cert` and `ssl_key`; `nil` where neither is set.
    public convenience init?(_ server: ServerSettings) throws(TLSConfigurationError) {
        guard let certificate = server.sslCert, let key = server.sslKey else { return nil }
        try self.init(certificate: certificate, privateKey: key)
    }

    /// Everything that keeps `ssl_cert` and `ssl_key` from being used.
    public static func problems(in server: ServerSettings) -> [TLSConfigurationError] {
        guard let certificate = server.sslCert, let key = server.sslKey else { return [] }
        return TLSContext.problems(certificate: certificate, privateKey: key)
    }
}
