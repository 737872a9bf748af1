public import PraisonCore

/// What the command line says of the `gateway:` block. It goes before the file, and the file before the environment.
public struct CommandLineValues: Hashable, Sendable {
    public var host: String?
    public var port: Int?
    public var authToken: Secret?

    public init(host: String? = nil, port: Int? = nil, authToken: Secret? = nil) {
        self.host = host
        self.port = port
        self.authToken = authToken
    }
}
