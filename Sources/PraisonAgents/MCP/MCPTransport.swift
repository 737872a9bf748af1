import PraisonCore

/// A way to a server.
protocol MCPTransport: Sendable {
    /// Connects and lends the connection, which ends with `body`, or before, when the server ends it.
    ///
    /// - Parameter receive: told each message of the server's, and where to answer it.
    func withLink(
        receive: @escaping @Sendable (JSONDocument, any MCPLink) async -> Void,
        _ body: @escaping @Sendable (any MCPLink) async throws -> Void
    ) async throws
}

/// An open connection.
protocol MCPLink: Sendable {
    /// - Parameter id: of the request, where an answer is expected.
    func send(_ message: JSONValue, id: Int?) async throws
    /// The version the server has chosen.
    func accepted(version: String) async
}
