public import Logging
public import PraisonCore

/// The process's HTTP client: libcurl's multi interface on one thread of its own.
///
/// HTTP/1.1, and HTTP/2 with TLS servers that speak it; connections are kept and shared. A response that is lent while
/// it arrives comes over HTTP/1.1, on a connection that it has for itself: there, a server can be made to wait for
/// the reader. `Content-Encoding` is undone for gzip and deflate, and limits count decoded bytes. A request whose method
/// is idempotent is repeated once more by itself when a kept connection breaks before the response; any other never is.
///
/// The thread ends with ``shutdown()``, or with the last reference.
public final class CurlHTTPClient: HTTPClient {
    private let configuration: Configuration
    private let logger: Logger
    private let loop: TransferLoop

    public init(configuration: Configuration = .init(), logger: Logger) {
        var configuration = configuration
        // Without one, libcurl would read the system's whole bundle for each connection.
        configuration.trust = configuration.trust ?? (try? .system())
        self.configuration = configuration
        self.logger = logger
        loop = TransferLoop(configuration)
    }

    deinit { loop.stop() }

    /// Ends what is still on its way, which then fails with `HTTPError.Reason.cancelled`, and returns once all
    /// connections are closed.
    public func shutdown() async {
        loop.stop()
        await loop.stopped()
    }

    public func execute(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
        var (request, url) = (request, try self.url(of: request))
        let latest = request.limits.total.map { ContinuousClock.now + $0 }
        for _ in 0..<configuration.redirects {
            let response = try await attempt(request, url, latest)
            guard
                let next = Redirect.next(after: request, to: url, status: response.status, headers: response.headers)
            else { return response }
            (request, url) = next
        }
        return try await attempt(request, url, latest)
    }

    public func withStream<Value: Sendable>(
        _ request: HTTPRequest,
        _ consume: @Sendable (_ status: Int, _ headers: HTTPHeaders, _ body: HTTPBodyStream) async throws -> Value
    ) async throws -> Value {
        var (request, url) = (request, try self.url(of: request))
        let latest = request.limits.total.map { ContinuousClock.now + $0 }
        var redirects = configuration.redirects
        while true {
            let start = ContinuousClock.now
            let exchange = Exchange(request, url, latest, loop)
            let result = await exchange.head()
            log(request, url, start, result.map(\.status))
            let head = try result.get()
            if redirects > 0,
                let next = Redirect.next(after: request, to: url, status: head.status, headers: head.headers)
            {
                await exchange.end()
                (request, url) = next
                redirects -= 1
                continue
            }
            do {
                let value = try await consume(head.status, head.headers, exchange.body)
                await exchange.end()
                return value
            } catch {
                await exchange.end()
                throw error
            }
        }
    }

    private func attempt(
        _ request: HTTPRequest, _ url: TargetURL, _ latest: ContinuousClock.Instant?
    ) async throws(HTTPError) -> HTTPResponse {
        let start = ContinuousClock.now
        let sink = WholeResponse()
        let transfer = Transfer(request, to: url, into: sink, latest: latest)
        let result = await loop.cancelling(transfer) {
            await sink.result { loop.send(.start(transfer)) }
        }
        log(request, url, start, result.map(\.status))
        return try result.get()
    }

    private func url(of request: HTTPRequest) throws(HTTPError) -> TargetURL {
        if let name = request.headers.unsendableName {
            throw HTTPError(
                .invalidRequest, mayHaveReachedServer: false,
                detail: "the header field \(name) cannot be sent: it holds a line break or another control character")
        }
        if Task.isCancelled { throw HTTPError(.cancelled, mayHaveReachedServer: false, detail: "cancelled") }
        return try TargetURL(request.target)
    }

    /// Method, host and outcome; never the path, which may hold credentials.
    private func log(
        _ request: HTTPRequest, _ url: TargetURL, _ start: ContinuousClock.Instant, _ status: Result<Int, HTTPError>
    ) {
        let outcome =
            switch status {
            case .success(let status): "\(status)"
            case .failure(let error): "\(error)"
            }
        logger.debug(
            "HTTP request",
            metadata: [
                "method": "\(request.method.rawValue)", "host": "\(url.authority)", "outcome": "\(outcome)",
                "milliseconds": "\((ContinuousClock.now - start).inMilliseconds)",
            ])
    }
}
