public import PraisonCore
import Synchronization

/// An HTTP client whose servers are handlers in the same process: no sockets, no time but a clock's.
public struct InMemoryHTTPClient: HTTPClient {
    private let handler: any HTTPHandler
    private let clock: (any GatewayClock)?

    /// - Parameters:
    ///   - handler: answers every request, whatever its host. A handler that wants to play a broken network answers
    ///     with the status ``InMemoryHTTPClient/failure(_:mayHaveReachedServer:)`` makes, or throws from a stream.
    ///   - clock: keeps the request's `HTTPLimits` on time; without one nothing ever takes too long.
    public init(_ handler: any HTTPHandler, clock: (any GatewayClock)? = nil) {
        self.handler = handler
        self.clock = clock
    }

    private static let failureHeader = "X-Simulated-Failure"

    /// A response that the client turns into a thrown `HTTPError`.
    public static func failure(_ reason: HTTPError.Reason, mayHaveReachedServer: Bool) -> HTTPResponse {
        HTTPResponse(
            status: 0, headers: [failureHeader: mayHaveReachedServer ? "maybe" : "no"],
            body: .bytes(Array("\(reason)".utf8)))
    }

    public func execute(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
        let (response, deadline) = try await answer(to: request)
        guard case .stream(let stream) = response.body else { return response }
        var bytes: [UInt8] = []
        do {
            for try await chunk in kept(stream, within: request.limits, deadline) { bytes += chunk }
        } catch let error as HTTPError {
            throw error
        } catch {
            throw HTTPError(.cancelled, mayHaveReachedServer: true, detail: "cancelled")
        }
        return HTTPResponse(status: response.status, headers: response.headers, body: .bytes(bytes))
    }

    public func withStream<Value: Sendable>(
        _ request: HTTPRequest,
        _ consume: @Sendable (Int, HTTPHeaders, HTTPBodyStream) async throws -> Value
    ) async throws -> Value {
        let (response, deadline) = try await answer(to: request)
        if case .stream(let stream) = response.body {
            return try await consume(
                response.status, response.headers, kept(stream, within: request.limits, deadline))
        }
        return try await consume(response.status, response.headers, .whole(response.bytes))
    }

    /// - Returns: the response, and when the whole of it must be there.
    private func answer(to request: HTTPRequest) async throws(HTTPError) -> (HTTPResponse, Duration?) {
        if Task.isCancelled { throw HTTPError(.cancelled, mayHaveReachedServer: false, detail: "cancelled") }
        let deadline = clock.flatMap { clock in request.limits.total.map { clock.uptime + $0 } }
        var request = request
        request.peer = request.peer ?? "127.0.0.1"
        let response = try await response(to: request)
        if Task.isCancelled { throw HTTPError(.cancelled, mayHaveReachedServer: true, detail: "cancelled") }
        guard response.status == 0 else { return (response, deadline) }
        throw HTTPError(
            .closed, mayHaveReachedServer: response.headers[Self.failureHeader] == "maybe",
            detail: "simulated failure: \(String(decoding: response.bytes, as: UTF8.self))")
    }

    private func response(to request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
        guard let clock else { return await handler.respond(to: request) }
        let limits = request.limits
        let limit = min(limits.firstByte, limits.total ?? limits.firstByte)
        do {
            return try await withTimeout(limit, clock: clock) { await handler.respond(to: request) }
        } catch is TimeoutError {
            throw HTTPError(
                limit == limits.firstByte ? .firstByteTimeout : .totalTimeout, mayHaveReachedServer: true,
                detail: "no response within \(limit.inWords)")
        } catch {
            throw HTTPError(.cancelled, mayHaveReachedServer: true, detail: "cancelled")
        }
    }

    /// The stream with its limits kept and its errors as a real client has them.
    private func kept(_ stream: HTTPBodyStream, within limits: HTTPLimits, _ deadline: Duration?) -> HTTPBodyStream {
        let taken = Counter()
        return HTTPBodyStream { [clock] in
            let idle = limits.idle
            let left = clock.flatMap { clock in deadline.map { $0 - clock.uptime } } ?? idle
            do {
                let bytes = try await Self.next(of: stream, within: min(idle, left), clock)
                guard taken.add(bytes?.count ?? 0) <= limits.bodySize else {
                    throw HTTPError(.bodyTooLarge, mayHaveReachedServer: true, detail: "the body is too large")
                }
                return bytes
            } catch is TimeoutError {
                throw HTTPError(
                    left < idle ? .totalTimeout : .idleTimeout, mayHaveReachedServer: true,
                    detail: "the response stopped for \(min(idle, left).inWords)")
            } catch  where !(error is CancellationError || error is HTTPError) {
                throw HTTPError(.closed, mayHaveReachedServer: true, detail: "the simulated connection was cut")
            }
        }
    }

    private static func next(
        of stream: HTTPBodyStream, within limit: Duration, _ clock: (any GatewayClock)?
    ) async throws -> [UInt8]? {
        guard let clock else {
            var iterator = stream.makeAsyncIterator()
            return try await iterator.next()
        }
        return try await withTimeout(limit, clock: clock) {
            var iterator = stream.makeAsyncIterator()
            return try await iterator.next()
        }
    }

    private final class Counter: Sendable {
        private let sum = Mutex(0)
        func add(_ count: Int) -> Int {
            sum.withLock { sum in
                sum += count
                return sum
            }
        }
    }
}
