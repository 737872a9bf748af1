public import PraisonCore

/// What the command line says of the configuration. It goes before the file, and the file before the environment.
public struct CommandLineValues: Hashable, Sendable {
    public var host: String?
    public var port: Int?
    public var authToken: Secret?
    /// Whether an agent may name tools that there are not; it does without them.
    public var allowsUnknownTools: Bool

    public init(
        host: String? = nil, port: Int? = nil, authToken: Secret? = nil, allowsUnknownTools: Bool = false
    ) {
        self.host = host
        self.port = port
        self.authToken = authToken
        self.allowsUnknownTools = allowsUnknownTools
    }
}
