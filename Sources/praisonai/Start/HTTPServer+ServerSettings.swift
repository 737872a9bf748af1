import PraisonCore
import PraisonNet

extension HTTPServer.Configuration {
    /// The `gateway:` block, as far as it concerns the server.
    init(_ server: ServerSettings) {
        self.init(
            host: server.host, port: server.port,
            // Besides the clients there are requests, webhooks among them.
            maxConnections: server.maxConnections + 1024, maxHeaderSize: server.maxHeaderBytes,
            maxBodySize: server.maxBodyBytes, headerTimeout: server.headerTimeout, bodyTimeout: server.bodyTimeout,
            keepAliveTimeout: server.idleTimeout, maxMessageSize: server.maxPayload)
    }
}
