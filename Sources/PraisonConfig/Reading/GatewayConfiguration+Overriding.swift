public import PraisonCore

extension GatewayConfiguration {
    /// The same configuration with what the command line says in place of what the file says.
    public func overriding(host: String? = nil, port: Int? = nil, authToken: Secret? = nil) -> GatewayConfiguration {
        var copy = self
        if let host { copy.server.host = host }
        if let port { copy.server.port = port }
        if let authToken { copy.server.authToken = authToken }
        return copy
    }
}
