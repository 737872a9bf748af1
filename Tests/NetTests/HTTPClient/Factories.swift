import Logging
import PraisonCore
import PraisonNet

/// Lends a client, and shuts it down.
func withClient<Value>(
    _ change: (inout CurlHTTPClient.Configuration) -> Void = { _ in },
    _ body: (CurlHTTPClient) async throws -> Value
) async throws -> Value {
    var configuration = CurlHTTPClient.Configuration()
    change(&configuration)
    let client = CurlHTTPClient(
        configuration: configuration, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    do {
        let value = try await body(client)
        await client.shutdown()
        return value
    } catch {
        await client.shutdown()
        throw error
    }
}

/// Lends a client and a server that plays `script` on each connection.
func withClientAndServer<Value: Sendable>(
    _ change: @Sendable (inout CurlHTTPClient.Configuration) -> Void = { _ in },
    script: @escaping ScriptedServer.Script, _ body: @Sendable (CurlHTTPClient, ScriptedServer) async throws -> Value
) async throws -> Value {
    try await ScriptedServer.run(script) { server in
        try await withClient(change) { try await body($0, server) }
    }
}

/// What `execute` throws.
func failure(of client: CurlHTTPClient, _ request: HTTPRequest) async -> HTTPError? {
    do {
        _ = try await client.execute(request)
        return nil
    } catch {
        return error
    }
}

extension HTTPResponse {
    var text: String { String(decoding: bytes, as: UTF8.self) }
}

extension HTTPLimits {
    /// Long enough for a loaded machine, short enough for a test that waits for them in vain.
    static let patient = HTTPLimits(
        connect: .seconds(60), firstByte: .seconds(60), idle: .seconds(60), total: .seconds(60))
}
