import NIOCore
import NIOHTTP1
import PraisonCore

/// A whole request, and what its answer must know of it.
struct ReceivedRequest: Sendable {
    let request: HTTPRequest
    let isHTTP11: Bool
    let isKeepAlive: Bool
    /// The decoder reads nothing after a request for an upgrade, so whatever is answered must be the last.
    let asksForUpgrade: Bool
}

/// Puts requests together, within the limits of size and time, and hands them to the connection's task one by one.
///
/// While one is being answered it does not read, so a client that sends more than it takes is made to wait.
final class RequestCollector: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    enum Incoming: Sendable {
        case request(ReceivedRequest)
        /// The bytes were no request that could be served: answer this and hang up.
        case refusal(HTTPResponse)
    }

    /// Requests that may arrive in one piece, ahead of the answers.
    private static let maxPipelined = 256
    /// For the client to read a last answer and hang up; hanging up first, with bytes of its unread, would make the
    /// kernel discard the answer.
    private static let lingering = Duration.seconds(2)

    private struct Partial {
        let head: HTTPRequestHead
        let method: HTTPRequest.Method
        var body: [UInt8] = []
    }

    let requests = Mailbox<Incoming>()
    /// Ends when the client has gone.
    let gone = Mailbox<Never>()

    private let channel: any Channel
    private let decoder: ByteToMessageHandler<HTTPRequestDecoder>
    private let limits: HTTPServer.Configuration
    private let peer: String?
    private var timer: LazyTimer?

    private var partial: Partial?
    private var hasBegunHead = false
    private var needsContinue = false
    private var unanswered = 0
    private var hasAnswered = false
    private var isWriting = false
    /// What still comes in is of no interest.
    private var isDeaf = false
    private var isStopping = false

    init(
        channel: any Channel, decoder: ByteToMessageHandler<HTTPRequestDecoder>, limits: HTTPServer.Configuration,
        peer: String?
    ) {
        self.channel = channel
        self.decoder = decoder
        self.limits = limits
        self.peer = peer
    }

    func handlerAdded(context: ChannelHandlerContext) {
        timer = LazyTimer(loop: context.eventLoop) { [weak self] in self?.timeUp() }
        setDeadline()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        // A channel that was never active does not become inactive.
        disconnected()
    }

    // MARK: - Hearing

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isDeaf else { return }
        switch unwrapInboundIn(data) {
        case .head(let head): begin(head)
        case .body(let bytes): append(bytes)
        case .end: end()
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if !hasBegunHead, partial == nil, unanswered == 0, !isDeaf {
            hasBegunHead = true
            setDeadline()
        }
        context.fireChannelReadComplete()
    }

    func read(context: ChannelHandlerContext) {
        if unanswered == 0 || isDeaf { context.read() }
    }

    func channelInactive(context: ChannelHandlerContext) {
        disconnected()
        context.fireChannelInactive()
    }

    private func disconnected() {
        timer?.cancel()
        requests.finish()
        gone.finish()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error {
        case HTTPParserError.headerOverflow:
            refuse(431, "the header is larger than \(limits.maxHeaderSize) bytes or has too many fields")
        case HTTPParserError.invalidVersion:
            refuse(505, "HTTP/1.1 and 1.0 are spoken here")
        case let error as HTTPParserError:
            refuse(400, "this is not a valid HTTP request (\(error))")
        case is ByteToMessageDecoderError:
            break
        default:
            context.close(promise: nil)
        }
    }

    private func begin(_ head: HTTPRequestHead) {
        hasBegunHead = false
        guard let method = HTTPRequest.Method(rawValue: head.method.rawValue) else {
            return refuse(501, "the method \(head.method.rawValue) is not known here")
        }
        // RFC 9112 §3.2: exactly one, in HTTP/1.1.
        guard head.version.minor < 1 || head.headers["Host"].count == 1 else {
            return refuse(400, "there must be one Host header")
        }
        if let length = head.headers.first(name: "Content-Length").flatMap(Int.init), length > limits.maxBodySize {
            return refuseBody()
        }
        partial = Partial(head: head, method: method)
        if let expectation = head.headers.first(name: "Expect"), head.version.minor >= 1 {
            guard expectation.lowercased() == "100-continue" else { return refuse(417, "only 100-continue is known") }
            needsContinue = true
            sendContinue()
        }
        setDeadline()
    }

    private func append(_ bytes: ByteBuffer) {
        guard partial != nil else { return }
        needsContinue = false
        partial?.body.append(contentsOf: bytes.readableBytesView)
        if let partial, partial.body.count > limits.maxBodySize { refuseBody() }
    }

    private func end() {
        guard let partial else { return }
        (self.partial, needsContinue) = (nil, false)
        guard unanswered < Self.maxPipelined else { return refuse(503, "too many requests at once") }
        let headers = partial.head.headers.map { PraisonCore.HTTPHeaders.Field(name: $0.name, value: $0.value) }
        let request = ReceivedRequest(
            request: HTTPRequest(
                partial.method, partial.head.uri, headers: PraisonCore.HTTPHeaders(headers), body: partial.body,
                peer: peer),
            isHTTP11: partial.head.version.minor >= 1,
            isKeepAlive: partial.head.isKeepAlive,
            asksForUpgrade: partial.head.headers.contains(name: "Upgrade"))
        unanswered += 1
        setDeadline()
        requests.put(.request(request))
    }

    private func refuseBody() {
        refuse(413, "the body is larger than \(limits.maxBodySize) bytes")
    }

    private func refuse(_ status: Int, _ reason: String) {
        guard !isDeaf else { return }
        (isDeaf, partial, hasBegunHead) = (true, nil, false)
        unanswered += 1
        setDeadline()
        requests.put(.refusal(.text(reason + "\n", status: status)))
    }

    private func sendContinue() {
        guard needsContinue, unanswered == 0 else { return }
        needsContinue = false
        channel.writeAndFlush(ByteBuffer(staticString: "HTTP/1.1 100 Continue\r\n\r\n"), promise: nil)
    }

    // MARK: - Time

    private func setDeadline() {
        let limit: Duration? =
            if isWriting {
                limits.writeTimeout
            } else if unanswered > 0 {
                nil
            } else if partial != nil {
                limits.bodyTimeout
            } else if hasBegunHead || !hasAnswered {
                limits.headerTimeout
            } else {
                limits.keepAliveTimeout
            }
        timer?.set(limit)
    }

    private func timeUp() {
        if !isWriting, hasBegunHead || partial != nil {
            refuse(408, "the request took too long")
        } else {
            channel.close(promise: nil)
        }
    }

    // MARK: - Answering

    /// Writes a piece of an answer.
    ///
    /// - Parameter isEnd: the next request may be read.
    func write(_ bytes: ByteBuffer, isEnd: Bool) -> EventLoopFuture<Void> {
        isWriting = true
        setDeadline()
        return channel.writeAndFlush(bytes).assumeIsolated().map {
            self.isWriting = false
            if isEnd { self.answered() }
            self.setDeadline()
        }.nonisolated()
    }

    private func answered() {
        (unanswered, hasAnswered) = (unanswered - 1, true)
        guard unanswered == 0 else { return }
        if isStopping, partial == nil { return channel.close(promise: nil) }
        sendContinue()
        channel.read()
    }

    /// Says that nothing more will come, and waits a moment for the client to hang up.
    func hangUp() {
        isDeaf = true
        channel.close(mode: .output, promise: nil)
        channel.read()
        timer?.set(Self.lingering)
    }

    func turnAway() {
        var response = HTTPResponse.text("too many connections\n", status: 503)
        response.headers["Retry-After"] = "1"
        let head = ResponseHead(response, isHTTP11: true, framing: .length(response.bytes.count), isPersistent: false)
        channel.writeAndFlush(head.bytes(followedBy: response.bytes), promise: nil)
        hangUp()
    }

    func stop() {
        isStopping = true
        if unanswered == 0, partial == nil, !hasBegunHead { channel.close(promise: nil) }
    }

    /// Hands the channel over to `webSocket`, along with the bytes that came right after the request.
    func becomeWebSocket(_ webSocket: ChannelWebSocket, options: WebSocketOptions, head: ByteBuffer) throws
        -> EventLoopFuture<Void>
    {
        channel.writeAndFlush(head, promise: nil)
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandler(WebSocketChannelHandler(webSocket, options: options), position: .after(self))
        pipeline.removeHandler(self, promise: nil)
        return pipeline.removeHandler(decoder).map { [channel] in channel.read() }
    }
}
