import CCurl
import COpenSSL
import Glibc
import PraisonCore

extension EasyHandle {
    /// Bodies up to here are copied and leave in one write with the head; larger ones are read as they go.
    private static let smallBody = 64 << 10

    /// Sets everything for `transfer`, which must live until the handle, a new one or one that was reset, has left the
    /// multi handle.
    func prepare(for transfer: Transfer, _ configuration: CurlHTTPClient.Configuration) {
        let limits = transfer.request.limits
        set(CURLOPT_CURLU, pointer: UnsafeRawPointer(transfer.url.handle))
        set(CURLOPT_PROTOCOLS_STR, "http,https")
        set(CURLOPT_NOSIGNAL, true)
        // Without it, giving up while a name is being resolved would stop the loop until the resolver answers.
        set(CURLOPT_QUICK_EXIT, true)
        set(CURLOPT_FOLLOWLOCATION, false)
        set(CURLOPT_SUPPRESS_CONNECT_HEADERS, true)
        // Only codings whose ratio is bounded (1032 in deflate): what a paused transfer has decoded, libcurl keeps.
        set(CURLOPT_ACCEPT_ENCODING, "gzip, deflate")
        set(CURLOPT_USERAGENT, configuration.userAgent)
        // libcurl divides it among a host's addresses; ours, in `Transfer`, is the one that counts.
        set(CURLOPT_CONNECTTIMEOUT_MS, Int(clamping: max(limits.connect.inMilliseconds, 1)))
        setConnection(for: transfer, configuration)
        setMethodAndBody(transfer.request)
        setHeaders(Self.headerLines(transfer.request))
        setCallbacks(transfer)
    }

    private func setConnection(for transfer: Transfer, _ configuration: CurlHTTPClient.Configuration) {
        let url = transfer.url
        let isPublicOnly = transfer.request.reach == .publicAddresses
        set(CURLOPT_MAXAGE_CONN, Int(clamping: configuration.idleConnectionLifetime.components.seconds))
        set(CURLOPT_TCP_KEEPALIVE, true)
        set(CURLOPT_TCP_KEEPIDLE, 30)
        set(CURLOPT_TCP_KEEPINTVL, 15)
        praison_easy_set_sockopt(pointer, socketOpened)
        // An empty proxy keeps libcurl from reading the environment itself.
        set(CURLOPT_PROXY, isPublicOnly ? "" : configuration.proxies.proxy(for: url) ?? "")
        if isPublicOnly {
            praison_easy_set_opensocket(pointer, publicSocketWanted)
            set(CURLOPT_OPENSOCKETDATA, pointer: Unmanaged.passUnretained(transfer).toOpaque())
        }
        set(CURLOPT_NOPROXY, configuration.proxies.exceptions)
        let offersHTTP2 = url.scheme == "https" && configuration.offersHTTP2
        set(CURLOPT_HTTP_VERSION, Int(offersHTTP2 ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_1_1))
        // Rather a stream on a connection that is just being made than one connection more.
        set(CURLOPT_PIPEWAIT, offersHTTP2)
        set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        if url.scheme == "https", let trust = configuration.trust {
            set(CURLOPT_CAINFO, nil)
            set(CURLOPT_CAPATH, nil)
            set(CURLOPT_SSL_CTX_DATA, pointer: UnsafeRawPointer(trust.store))
            praison_easy_set_ssl_context(pointer, setTrustStore)
        }
    }

    private func setMethodAndBody(_ request: HTTPRequest) {
        let wantsBody = [.post, .put, .patch].contains(request.method)
        if request.method == .head {
            set(CURLOPT_NOBODY, true)
        } else if wantsBody || !request.body.isEmpty {
            set(CURLOPT_POST, true)
            set(CURLOPT_POSTFIELDSIZE_LARGE, offset: request.body.count)
            if request.body.count <= Self.smallBody {
                request.body.withUnsafeBytes { set(CURLOPT_COPYPOSTFIELDS, pointer: $0.baseAddress ?? nothing) }
            }
            if request.method != .post { set(CURLOPT_CUSTOMREQUEST, request.method.rawValue) }
        } else if request.method != .get {
            set(CURLOPT_CUSTOMREQUEST, request.method.rawValue)
        }
    }

    /// The header lines in libcurl's notation: `Name;` is an empty field, `Name:` takes one of libcurl's own away.
    private static func headerLines(_ request: HTTPRequest) -> [String] {
        var lines = request.headers.fields.compactMap { field -> String? in
            switch field.name.lowercased() {
            // The body's length and framing are libcurl's business.
            case "content-length", "transfer-encoding": nil
            default: field.value.isEmpty ? "\(field.name);" : "\(field.name): \(field.value)"
            }
        }
        // Waiting for 100 Continue costs a round trip, or a second with servers that don't know it.
        lines.append("Expect:")
        if request.headers["Content-Type"] == nil { lines.append("Content-Type:") }
        return lines
    }

    private func setCallbacks(_ transfer: Transfer) {
        let context = Unmanaged.passUnretained(transfer).toOpaque()
        praison_easy_set_write(pointer, CURLOPT_HEADERFUNCTION, headerReceived)
        set(CURLOPT_HEADERDATA, pointer: context)
        praison_easy_set_write(pointer, CURLOPT_WRITEFUNCTION, bodyReceived)
        set(CURLOPT_WRITEDATA, pointer: context)
        praison_easy_set_prereq(pointer, requestReady)
        set(CURLOPT_PREREQDATA, pointer: context)
        guard transfer.request.body.count > Self.smallBody else { return }
        praison_easy_set_read(pointer, bodyWanted)
        set(CURLOPT_READDATA, pointer: context)
        praison_easy_set_seek(pointer, bodyRewound)
        set(CURLOPT_SEEKDATA, pointer: context)
    }
}

/// A place for a pointer to no bytes.
private nonisolated(unsafe) let nothing = UnsafeRawPointer(UnsafeMutableRawPointer.allocate(byteCount: 1, alignment: 1))

// MARK: libcurl's callbacks

private func transfer(_ context: UnsafeMutableRawPointer?) -> Transfer? {
    context.map { Unmanaged<Transfer>.fromOpaque($0).takeUnretainedValue() }
}

private let headerReceived: curl_write_callback = { bytes, size, count, context in
    let line = UnsafeRawBufferPointer(start: bytes, count: size * count)
    return transfer(context)?.receivedHead(line) == true ? size * count : Int(CURL_WRITEFUNC_ERROR)
}

private let bodyReceived: curl_write_callback = { bytes, size, count, context in
    let bytes = UnsafeRawBufferPointer(start: bytes, count: size * count)
    return transfer(context)?.receivedBody(bytes) ?? Int(CURL_WRITEFUNC_ERROR)
}

private let bodyWanted: curl_read_callback = { bytes, size, count, context in
    let room = UnsafeMutableRawBufferPointer(start: bytes, count: size * count)
    return transfer(context)?.send(into: room) ?? Int(CURL_READFUNC_ABORT)
}

private let bodyRewound: curl_seek_callback = { context, offset, origin in
    let isDone = origin == SEEK_SET && transfer(context)?.rewind(to: Int(offset)) == true
    return isDone ? CURL_SEEKFUNC_OK : CURL_SEEKFUNC_FAIL
}

/// Refuses to connect to an address that is not public, whatever name it was found by.
private let publicSocketWanted: curl_opensocket_callback = { context, _, address in
    guard let address else { return CURL_SOCKET_BAD }
    guard withUnsafePointer(to: &address.pointee.addr, { PublicAddress.isPublic($0) }) else {
        transfer(context)?.refusedAddress()
        return CURL_SOCKET_BAD
    }
    return socket(address.pointee.family, address.pointee.socktype, address.pointee.protocol)
}

/// Comes before every request, also on a connection that was kept.
private let requestReady: curl_prereq_callback = { context, peer, _, _, port in
    transfer(context)?.willSend(to: peer.map { String(cString: $0) } ?? "", from: Int(port)) == true
        ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT
}

/// Keeps the socket from programs we start; and gives up a peer that acknowledges nothing for half a minute. Otherwise
/// the kernel would try for a quarter of an hour, and all streams of an HTTP/2 connection would wait with it.
private let socketOpened: curl_sockopt_callback = { _, socket, _ in
    _ = fcntl(socket, F_SETFD, FD_CLOEXEC)
    var milliseconds: UInt32 = 30_000
    setsockopt(socket, Int32(IPPROTO_TCP), TCP_USER_TIMEOUT, &milliseconds, socklen_t(MemoryLayout<UInt32>.size))
    return CURL_SOCKOPT_OK
}

private let setTrustStore: curl_ssl_ctx_callback = { _, context, store in
    guard let context, let store else { return CURLE_SSL_CERTPROBLEM }
    SSL_CTX_set1_cert_store(OpaquePointer(context), OpaquePointer(store))
    return CURLE_OK
}
