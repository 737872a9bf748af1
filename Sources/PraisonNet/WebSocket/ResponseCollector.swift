import NIOCore
import NIOHTTP1
import PraisonCore

/// Sends one request on a new connection and waits for the answer: an upgrade's, or a proxy's.
final class ResponseCollector: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    struct Response {
        let status: Int
        let headers: PraisonCore.HTTPHeaders
        let body: [UInt8]
        /// Takes HTTP out of the pipeline; bytes behind the answer go to whatever handler stands there then.
        let leave: () -> EventLoopFuture<Void>
    }

    /// Of the body of a refusal, enough to tell why.
    private static let maxBodySize = 4096

    private let request: HTTPRequestHead
    private let encoder = HTTPRequestEncoder()
    private let decoder = ByteToMessageHandler(HTTPResponseDecoder(leftOverBytesStrategy: .forwardBytes))
    private var onAnswer: ((Result<Response, any Error>) -> Void)?
    private var head: HTTPResponseHead?
    private var body: [UInt8] = []

    private init(_ request: HTTPRequestHead, _ onAnswer: @escaping (Result<Response, any Error>) -> Void) {
        self.request = request
        self.onAnswer = onAnswer
    }

    /// - Parameters:
    ///   - channel: one that is connected, or was.
    ///   - onAnswer: called once, on the event loop.
    static func ask(
        _ request: HTTPRequestHead, on channel: any Channel,
        _ onAnswer: @escaping (Result<Response, any Error>) -> Void
    ) throws {
        let collector = ResponseCollector(request, onAnswer)
        try channel.pipeline.syncOperations.addHandlers([collector.encoder, collector.decoder, collector])
    }

    func handlerAdded(context: ChannelHandlerContext) {
        context.write(wrapOutboundOut(.head(request)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
        case .body(let bytes):
            body += bytes.readableBytesView.prefix(Self.maxBodySize - body.count)
            if body.count == Self.maxBodySize { answer(context) }
        case .end:
            answer(context)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        if head != nil {
            answer(context)
        } else {
            finish(.failure(WebSocketConnectError.closed))
        }
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        // The channel may have said that it is inactive before this was in its pipeline.
        finish(.failure(WebSocketConnectError.closed))
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error {
        case let error as TLSError:
            finish(.failure(WebSocketConnectError.transport(error.httpError)))
        case is HTTPParserError, is NIOHTTPDecoderError:
            finish(.failure(WebSocketConnectError.invalidHandshake(reason: "the answer is not HTTP")))
        default:
            finish(.failure(WebSocketConnectError.closed))
        }
        context.close(promise: nil)
    }

    private func answer(_ context: ChannelHandlerContext) {
        guard let head else { return }
        let fields = head.headers.map { PraisonCore.HTTPHeaders.Field(name: $0.name, value: $0.value) }
        let pipeline = context.pipeline.syncOperations
        let leave = { [encoder, decoder] in
            pipeline.removeHandler(self, promise: nil)
            pipeline.removeHandler(encoder, promise: nil)
            return pipeline.removeHandler(decoder)
        }
        finish(
            .success(
                Response(
                    status: Int(head.status.code), headers: PraisonCore.HTTPHeaders(fields), body: body, leave: leave)))
    }

    private func finish(_ result: Result<Response, any Error>) {
        let onAnswer = onAnswer
        self.onAnswer = nil
        onAnswer?(result)
    }
}
