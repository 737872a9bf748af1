import PraisonCore
import PraisonSimulation

/// Counts what is under way through the clients an adapter is lent.
final class OpenTransfers: Sendable {
    private let open = Observed(0)

    var count: Int { open.value }

    func begin() { open.change { $0 += 1 } }
    func end() { open.change { $0 -= 1 } }

    /// Returns once something is under way.
    func waitForOne() async { await open.wait { $0 > 0 } }
}

struct CountingHTTPClient: HTTPClient {
    let client: any HTTPClient
    let transfers: OpenTransfers

    func execute(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
        transfers.begin()
        defer { transfers.end() }
        return try await client.execute(request)
    }

    func withStream<Value: Sendable>(
        _ request: HTTPRequest, _ consume: @Sendable (Int, HTTPHeaders, HTTPBodyStream) async throws -> Value
    ) async throws -> Value {
        transfers.begin()
        defer { transfers.end() }
        return try await client.withStream(request, consume)
    }
}

struct CountingWebSocketClient: WebSocketClient {
    let client: any WebSocketClient
    let transfers: OpenTransfers

    func connect<Value: Sendable>(
        to url: String, headers: HTTPHeaders, limits: WebSocketLimits,
        _ body: @Sendable (any WebSocketConnection) async throws -> Value
    ) async throws -> Value {
        transfers.begin()
        defer { transfers.end() }
        return try await client.connect(to: url, headers: headers, limits: limits, body)
    }

    func zlibInflater() -> (any StreamInflater)? { client.zlibInflater() }
}
