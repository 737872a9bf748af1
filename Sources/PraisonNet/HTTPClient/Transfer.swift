import CCurl
import PraisonCore

/// One request and its response on their way. After `init` confined to the loop's thread.
final class Transfer: @unchecked Sendable {
    enum Phase {
        case connecting
        /// The request may be on the wire; its response's head is not there yet.
        case asking
        case receiving
    }

    let request: HTTPRequest
    let url: TargetURL
    let sink: any ResponseSink
    private let start = ContinuousClock.now
    private let latest: ContinuousClock.Instant?

    /// libcurl's handle while the transfer is under way, and where that is.
    var easy: UnsafeMutableRawPointer?
    var multi: CurlMulti?
    var isCancelled = false
    private(set) var phase = Phase.connecting
    /// Whether any byte of the request may have left.
    private(set) var mayHaveReachedServer = false
    /// Whether the sink has no room, and so the server is made to wait.
    private(set) var isPaused = false
    /// Why we ended the transfer ourselves.
    private(set) var ownError: HTTPError?
    /// Whether an address was refused, see ``HTTPRequest/Reach``.
    private var hasRefusedAddress = false
    private var lastActivity = ContinuousClock.now
    private var head = ReceivedHead()
    private var bodySize = 0
    private var sentSize = 0

    /// - Parameter latest: when everything must be done.
    init(_ request: HTTPRequest, to url: TargetURL, into sink: any ResponseSink, latest: ContinuousClock.Instant?) {
        self.request = request
        self.url = url
        self.sink = sink
        self.latest = latest
    }

    // MARK: Time

    /// When this transfer has taken too long, unless something happens before.
    var deadline: ContinuousClock.Instant {
        let phaseEnd: ContinuousClock.Instant =
            switch phase {
            case .connecting: start + request.limits.connect
            case .asking: lastActivity + request.limits.firstByte
            // While the reader has no time, it is not the server who is late.
            case .receiving where isPaused: .now + .seconds(3600)
            case .receiving: lastActivity + request.limits.idle
            }
        return latest.map { min($0, phaseEnd) } ?? phaseEnd
    }

    /// The error of a transfer whose ``deadline`` has passed.
    var timeout: HTTPError {
        let limits = request.limits
        if let latest, latest <= deadline {
            let limit = limits.total ?? .zero
            return error(.totalTimeout, "the exchange was not complete within \(limit.inWords)")
        }
        return switch phase {
        case .connecting:
            error(.connectTimeout, "no connection to \(url.authority) within \(limits.connect.inWords)")
        case .asking: error(.firstByteTimeout, "no response within \(limits.firstByte.inWords)")
        case .receiving: error(.idleTimeout, "the response stopped for \(limits.idle.inWords)")
        }
    }

    func error(_ reason: HTTPError.Reason, _ detail: String) -> HTTPError {
        HTTPError(reason, mayHaveReachedServer: mayHaveReachedServer, detail: detail)
    }

    // MARK: What libcurl tells

    /// The connection stands; the request is about to be written.
    ///
    /// libcurl writes a request again when a kept connection breaks before the response. RFC 9110 §9.2.2 allows that
    /// for idempotent methods only: the server may have acted on the first one. (After HTTP/2's REFUSED_STREAM it
    /// would be safe, but libcurl does not tell which of the two it was.)
    ///
    /// - Parameters:
    ///   - peer: the address it will be written to.
    ///   - port: the connection's port on our side.
    /// - Returns: whether it may be written.
    func willSend(to peer: String, from port: Int) -> Bool {
        if request.reach == .publicAddresses, !PublicAddress.isPublic(peer) {
            ownError = forbidden
            return false
        }
        if mayHaveReachedServer, !request.method.isIdempotent {
            ownError = error(.closed, "the kept connection was closed before the response")
            return false
        }
        phase = .asking
        mayHaveReachedServer = true
        lastActivity = .now
        multi?.started(self, on: port)
        return true
    }

    /// An address was passed over; the name may have others.
    func refusedAddress() { hasRefusedAddress = true }

    /// What the failure `error` really is.
    func cause(of error: HTTPError) -> HTTPError {
        ownError ?? (hasRefusedAddress && !mayHaveReachedServer ? forbidden : error)
    }

    private var forbidden: HTTPError {
        error(.forbiddenAddress, "\(url.host) is not on the public internet")
    }

    /// Copies the next bytes of the request's body.
    func send(into room: UnsafeMutableRawBufferPointer) -> Int {
        let count = min(room.count, request.body.count - sentSize)
        request.body.withUnsafeBytes { body in
            room.copyMemory(from: UnsafeRawBufferPointer(rebasing: body[sentSize..<sentSize + count]))
        }
        sentSize += count
        lastActivity = .now
        return count
    }

    /// Starts the body again, for a request that is written again.
    func rewind(to offset: Int) -> Bool {
        guard (0...request.body.count).contains(offset) else { return false }
        sentSize = offset
        return true
    }

    /// - Returns: whether to go on.
    func receivedHead(_ line: UnsafeRawBufferPointer) -> Bool {
        let wasComplete = head.isComplete
        guard head.take(line) else {
            ownError = error(.other, "the response's head is larger than \(ReceivedHead.sizeLimit >> 10) KiB")
            return false
        }
        guard head.isComplete, !wasComplete else { return true }
        phase = .receiving
        lastActivity = .now
        multi?.watchDeadline(of: self)
        let headers = head.headers(isDecoded: request.method != .head)
        if request.method != .head, let length = headers["Content-Length"].flatMap({ Int($0) }),
            length > request.limits.bodySize
        {
            ownError = tooLarge
            return false
        }
        sink.begin(status: head.status, headers: headers)
        return true
    }

    /// - Returns: what libcurl's write callback returns.
    func receivedBody(_ bytes: UnsafeRawBufferPointer) -> Int {
        lastActivity = .now
        guard bytes.count <= request.limits.bodySize - bodySize else {
            ownError = tooLarge
            return Int(CURL_WRITEFUNC_ERROR)
        }
        guard sink.take(bytes) else {
            isPaused = true
            return Int(CURL_WRITEFUNC_PAUSE)
        }
        bodySize += bytes.count
        return bytes.count
    }

    func resumed() {
        isPaused = false
        lastActivity = .now
    }

    private var tooLarge: HTTPError {
        error(.bodyTooLarge, "the response's body is larger than \(request.limits.bodySize) bytes")
    }
}

extension HTTPRequest.Method {
    /// RFC 9110 §9.2.2.
    var isIdempotent: Bool {
        switch self {
        case .get, .head, .put, .delete, .options: true
        case .post, .patch: false
        }
    }
}
