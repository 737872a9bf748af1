public import PraisonCore

/// An HTTP client whose servers are handlers in the same process: no sockets, no time.
public struct InMemoryHTTPClient: HTTPClient {
    private let handler: any HTTPHandler

    /// - Parameter handler: answers every request, whatever its host. A handler that wants to play a broken network
    ///   answers with the status ``InMemoryHTTPClient/failure(_:mayHaveReachedServer:)`` makes.
    public init(_ handler: any HTTPHandler) { self.handler = handler }

    private static let failureHeader = "X-Simulated-Failure"

    /// A response that the client turns into a thrown ``HTTPError``.
    public static func failure(_ reason: HTTPError.Reason, mayHaveReachedServer: Bool) -> HTTPResponse {
        HTTPResponse(
            status: 0, headers: [failureHeader: mayHaveReachedServer ? "maybe" : "no"],
            body: .bytes(Array("\(reason)".utf8)))
    }

    public func execute(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
        let response = try await answer(to: request)
        guard case .stream(let stream) = response.body else { return response }
        var bytes: [UInt8] = []
        do {
            for try await chunk in stream { bytes += chunk }
        } catch {
            throw HTTPError(.closed, mayHaveReachedServer: true, detail: "the simulated connection was cut")
        }
        return HTTPResponse(status: response.status, headers: response.headers, body: .bytes(bytes))
    }

    public func withStream<Value: Sendable>(
        _ request: HTTPRequest,
        _ consume: @Sendable (Int, HTTPHeaders, HTTPBodyStream) async throws -> Value
    ) async throws -> Value {
        let response = try await answer(to: request)
        if case .stream(let stream) = response.body {
            return try await consume(response.status, response.headers, stream)
        }
        return try await consume(response.status, response.headers, .whole(response.bytes))
    }

    private func answer(to request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
        if Task.isCancelled { throw HTTPError(.cancelled, mayHaveReachedServer: false, detail: "cancelled") }
        var request = request
        request.peer = request.peer ?? "127.0.0.1"
        let response = await handler.respond(to: request)
        if Task.isCancelled { throw HTTPError(.cancelled, mayHaveReachedServer: true, detail: "cancelled") }
        guard response.status == 0 else { return response }
        throw HTTPError(
            .closed, mayHaveReachedServer: response.headers[Self.failureHeader] == "maybe",
            detail: "simulated failure: \(String(decoding: response.bytes, as: UTF8.self))")
    }
}
