internal import COpenSSL
import NIOCore

#if canImport(Glibc)
    import Glibc
#endif

/// TLS on a channel, with OpenSSL's protocol engine between two buffers in memory.
///
/// ```
///            BIO_write          SSL_read
/// network ───────────▶ incoming ────────▶ plaintext
///         ◀─────────── outgoing ◀──────── plaintext
///            BIO_read           SSL_write
/// ```
final class TLSHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum Phase {
        case handshake
        case open
        /// Our close_notify is out, or the connection has failed: nothing more is sent.
        case finished
    }

    /// Keeps the certificates for as long as the connection lives.
    private let context: TLSContext
    private let ssl: OpaquePointer
    private let incoming: OpaquePointer
    private let outgoing: OpaquePointer
    /// The server's name, for a client.
    private let host: String?
    private var phase = Phase.handshake
    private var unencrypted: [(bytes: ByteBuffer, promise: EventLoopPromise<Void>?)] = []
    private var hasRead = false

    private init(_ context: TLSContext, host: String?) {
        self.context = context
        self.host = host
        ssl = SSL_new(context.pointer)
        incoming = BIO_new(BIO_s_mem())
        outgoing = BIO_new(BIO_s_mem())
        for bio in [incoming, outgoing] {
            // An empty buffer means "later", not the end.
            BIO_ctrl(bio, BIO_C_SET_BUF_MEM_EOF_RETURN, -1, nil)
        }
        SSL_set_bio(ssl, incoming, outgoing)
    }

    deinit { SSL_free(ssl) }

    static func server(_ context: TLSContext) -> TLSHandler {
        let handler = TLSHandler(context, host: nil)
        SSL_set_accept_state(handler.ssl)
        return handler
    }

    /// Asks for `host` (SNI, RFC 6066 §3) and insists on a certificate for it (RFC 9525).
    static func client(_ context: TLSContext, host: String) throws(TLSError) -> TLSHandler {
        let handler = TLSHandler(context, host: host)
        SSL_set_connect_state(handler.ssl)
        if X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(handler.ssl), host) == 1 { return handler }
        ERR_clear_error()
        SSL_set_hostflags(handler.ssl, UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS))
        guard SSL_set1_host(handler.ssl, host) == 1 else { throw .last("the host name \(host) can't be verified") }
        _ = host.withCString { name in
            SSL_ctrl(
                handler.ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, Int(TLSEXT_NAMETYPE_host_name),
                UnsafeMutableRawPointer(mutating: name))
        }
        return handler
    }

    // MARK: - Handshake

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { shakeHands(context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        shakeHands(context)
        context.fireChannelActive()
    }

    private func shakeHands(_ context: ChannelHandlerContext) {
        guard phase == .handshake else { return }
        ERR_clear_error()
        let result = SSL_do_handshake(ssl)
        if result == 1 {
            phase = .open
            // With what was written meanwhile, if anything was.
            encrypt(context)
            return
        }
        let error = SSL_get_error(ssl, result)
        // The alert that tells the other end, or our next words.
        drain(context)
        guard error != SSL_ERROR_WANT_READ else { return }
        let verdict = SSL_get_verify_result(ssl)
        guard verdict == X509_V_OK else {
            let reason = String(cString: X509_verify_cert_error_string(verdict))
            return fail(context, TLSError("the certificate of \(host ?? "the client") can't be trusted: \(reason)"))
        }
        let failure = TLSError.last("TLS handshake failed")
        if failure.isPlainHTTP { answerInTheClear(context) }
        fail(context, failure)
    }

    private func answerInTheClear(_ context: ChannelHandlerContext) {
        let answer: StaticString =
            "HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 23\r\n\r\nthis port speaks https\n"
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(staticString: answer)), promise: nil)
    }

    private func fail(_ context: ChannelHandlerContext, _ error: TLSError) {
        guard phase != .finished else { return }
        phase = .finished
        discard(error)
        context.fireErrorCaught(error)
        context.close(promise: nil)
    }

    private func discard(_ error: any Error) {
        let writes = unencrypted
        unencrypted = []
        for write in writes { write.promise?.fail(error) }
    }

    // MARK: - Reading

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        bytes.withUnsafeReadableBytes { _ = BIO_write(incoming, $0.baseAddress, Int32($0.count)) }
        if phase == .handshake { shakeHands(context) }
        if phase != .handshake { decrypt(context, about: bytes.readableBytes) }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        // Whoever waits for bytes is not woken by those of the handshake.
        guard hasRead else { return }
        hasRead = false
        context.fireChannelReadComplete()
    }

    /// - Parameter count: bytes that came in; the plaintext is shorter, but for what was left before.
    private func decrypt(_ context: ChannelHandlerContext, about count: Int) {
        var plaintext = context.channel.allocator.buffer(capacity: count)
        var result: Int32 = 1
        ERR_clear_error()
        while result > 0 {
            plaintext.writeWithUnsafeMutableBytes(minimumWritableBytes: 256) { space in
                result = SSL_read(ssl, space.baseAddress, Int32(clamping: space.count))
                return Int(max(0, result))
            }
        }
        let error = SSL_get_error(ssl, result)
        if plaintext.readableBytes > 0 {
            hasRead = true
            context.fireChannelRead(wrapInboundOut(plaintext))
        }
        // Answers that TLS itself makes, such as to a change of keys.
        drain(context)
        switch error {
        case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: break
        case SSL_ERROR_ZERO_RETURN: context.channel.close(promise: nil)
        default: fail(context, .last("TLS failed"))
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        if phase == .handshake {
            context.fireErrorCaught(TLSError("the connection ended during the TLS handshake"))
        }
        phase = .finished
        discard(NIOCore.ChannelError.ioOnClosedChannel)
        context.fireChannelInactive()
    }

    // MARK: - Writing

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard phase != .finished else {
            promise?.fail(NIOCore.ChannelError.ioOnClosedChannel)
            return
        }
        unencrypted.append((unwrapOutboundIn(data), promise))
    }

    func flush(context: ChannelHandlerContext) {
        if phase == .open { encrypt(context) }
    }

    private func encrypt(_ context: ChannelHandlerContext) {
        let writes = unencrypted
        unencrypted.removeAll(keepingCapacity: false)
        ERR_clear_error()
        for (bytes, _) in writes where bytes.readableBytes > 0 {
            // A buffer in memory takes everything at once.
            let count = bytes.withUnsafeReadableBytes { SSL_write(ssl, $0.baseAddress, Int32(clamping: $0.count)) }
            guard count == bytes.readableBytes else {
                for write in writes { write.promise?.fail(TLSError("TLS failed")) }
                return fail(context, .last("TLS failed"))
            }
        }
        let promises = writes.compactMap(\.promise)
        guard let first = promises.first else { return drain(context) }
        for promise in promises.dropFirst() { first.futureResult.cascade(to: promise) }
        drain(context, promise: first)
    }

    private func drain(_ context: ChannelHandlerContext, promise: EventLoopPromise<Void>? = nil) {
        let count = BIO_ctrl_pending(outgoing)
        guard count > 0 || promise != nil else { return }
        var bytes = context.channel.allocator.buffer(capacity: count)
        if count > 0 {
            bytes.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { space in
                Int(max(0, BIO_read(outgoing, space.baseAddress, Int32(clamping: count))))
            }
        }
        context.writeAndFlush(wrapOutboundOut(bytes), promise: promise)
    }

    // MARK: - Closing

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        if phase == .open, mode != .input {
            encrypt(context)
            SSL_shutdown(ssl)
            drain(context)
            phase = .finished
        }
        context.close(mode: mode, promise: promise)
    }
}

extension TLSContext {
    func clientHandler(for host: String) throws(TLSError) -> TLSHandler {
        try .client(self, host: host)
    }
}
