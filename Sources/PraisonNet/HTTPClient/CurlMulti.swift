import CCurl
import PraisonCore

/// One of libcurl's multi handles and the transfers on it. Made, used and given up on the loop's thread.
final class CurlMulti {
    private let handle: UnsafeMutableRawPointer
    private let poll: EventPoll
    private let configuration: CurlHTTPClient.Configuration
    private var transfers: [UnsafeMutableRawPointer: (easy: EasyHandle, transfer: Transfer)] = [:]
    private var spareHandles: [EasyHandle] = []
    /// The HTTPS servers that have transfers, which may speak HTTP/2.
    private var servers: [String: ConnectionSharing<UnsafeMutableRawPointer>] = [:]
    /// Those of which another transfer may start.
    private var changedServers: Set<String> = []
    /// When libcurl wants to be called, whatever happens on its sockets.
    private var timer: ContinuousClock.Instant?
    /// No transfer's deadline is before this.
    private var nextDeadline: ContinuousClock.Instant?
    /// What libcurl wants to hear of.
    private var sockets: Set<Int32> = []

    /// - Returns: `nil` without memory.
    init?(_ configuration: CurlHTTPClient.Configuration, _ poll: EventPoll) {
        guard let handle = curl_multi_init() else { return nil }
        self.handle = handle
        self.poll = poll
        self.configuration = configuration
        praison_multi_set_long(handle, CURLMOPT_PIPELINING, Int(CURLPIPE_MULTIPLEX))
        praison_multi_set_long(handle, CURLMOPT_MAX_HOST_CONNECTIONS, configuration.connectionsPerHost)
        praison_multi_set_long(handle, CURLMOPT_MAX_TOTAL_CONNECTIONS, configuration.connections)
        praison_multi_set_long(
            handle, CURLMOPT_MAX_CONCURRENT_STREAMS, ConnectionSharing<UnsafeMutableRawPointer>.usualStreams)
        praison_multi_set_callbacks(
            handle, socketChanged, timerChanged, Unmanaged.passUnretained(self).toOpaque())
    }

    deinit {
        spareHandles.removeAll()
        curl_multi_cleanup(handle)
    }

    // MARK: Transfers

    func start(_ transfer: Transfer) {
        if transfer.isCancelled { return transfer.sink.end(transfer.error(.cancelled, "cancelled")) }
        guard let easy = spareHandles.popLast() ?? EasyHandle() else {
            return transfer.sink.end(transfer.error(.other, "there is no memory for a request"))
        }
        easy.prepare(for: transfer, configuration)
        transfer.easy = easy.pointer
        transfer.multi = self
        transfers[easy.pointer] = (easy, transfer)
        keepIdleConnections()
        watchDeadline(of: transfer)
        guard let server = server(of: transfer) else { return add(easy.pointer) }
        servers[server, default: ConnectionSharing()].add(easy.pointer)
        startNext(at: server)
    }

    private func add(_ easy: UnsafeMutableRawPointer) {
        guard curl_multi_add_handle(handle, easy) != CURLM_OK, let transfer = transfers[easy]?.transfer else { return }
        end(easy, transfer.error(.other, "there is no memory for a request"))
    }

    /// The server whose connections the transfer may share, as a key.
    private func server(of transfer: Transfer) -> String? {
        transfer.url.scheme == "https" && configuration.offersHTTP2 ? transfer.url.authority : nil
    }

    private func startNext(at server: String) {
        while let easy = servers[server]?.next() { add(easy) }
        if servers[server]?.isEmpty == true { servers[server] = nil }
    }

    /// A transfer's request goes to the connection with this local port. Called by libcurl, which must not be called
    /// from here to start another.
    func started(_ transfer: Transfer, on port: Int) {
        watchDeadline(of: transfer)
        guard let server = server(of: transfer), let easy = transfer.easy, let entry = transfers[easy] else { return }
        servers[server]?.started(easy, on: port, isShared: entry.easy.speaksHTTP2)
        changedServers.insert(server)
    }

    /// Ends a transfer, if it hasn't ended yet. Its connection is closed, or its HTTP/2 stream reset.
    func cancel(_ transfer: Transfer) {
        // A task may be cancelled before it has started its transfer.
        transfer.isCancelled = true
        if let easy = transfer.easy { end(easy, transfer.error(.cancelled, "cancelled")) }
    }

    /// Goes on with a transfer whose sink has room again.
    func resume(_ transfer: Transfer) {
        guard let easy = transfer.easy, let entry = transfers[easy], transfer.isPaused else { return }
        transfer.resumed()
        watchDeadline(of: transfer)
        let code = curl_easy_pause(easy, CURLPAUSE_CONT)
        if code != CURLE_OK { end(easy, error(code, entry.easy, transfer)) }
    }

    func cancelAll(_ detail: String) {
        for (easy, entry) in transfers { end(easy, entry.transfer.error(.cancelled, detail)) }
    }

    private func end(_ easy: UnsafeMutableRawPointer, _ error: HTTPError?) {
        guard let entry = transfers.removeValue(forKey: easy) else { return }
        entry.transfer.easy = nil
        entry.transfer.multi = nil
        curl_multi_remove_handle(handle, easy)
        if let server = server(of: entry.transfer) {
            servers[server]?.ended(easy, hasFailed: error != nil && error?.reason != .cancelled)
            changedServers.insert(server)
        }
        // Options point into the transfer: they go before it does.
        entry.easy.reset()
        if spareHandles.count < configuration.idleConnections { spareHandles.append(entry.easy) }
        keepIdleConnections()
        entry.transfer.sink.end(error)
    }

    /// libcurl counts connections in use among the kept ones, so the room for idle ones moves with the transfers.
    private func keepIdleConnections() {
        praison_multi_set_long(handle, CURLMOPT_MAXCONNECTS, transfers.count + configuration.idleConnections)
    }

    // MARK: The loop's turn

    /// When there is something to do although no socket is ready.
    var due: ContinuousClock.Instant? { [timer, nextDeadline].compactMap(\.self).min() }

    /// Starts what waited for another transfer to start or to end.
    func startWaiting() {
        while let server = changedServers.popFirst() { startNext(at: server) }
    }

    /// Deals with a socket that is ready, if it is one of these transfers'.
    func act(on socket: Int32, _ ready: Int32) {
        guard sockets.contains(socket) else { return }
        var running: Int32 = 0
        curl_multi_socket_action(handle, socket, ready, &running)
        // At once, not after the whole batch: how many connections libcurl keeps depends on it.
        endFinished()
    }

    /// Deals with what is due.
    func actOnTime() {
        if let due = timer, due <= .now {
            timer = nil
            var running: Int32 = 0
            curl_multi_socket_action(handle, CURL_SOCKET_TIMEOUT, 0, &running)
            endFinished()
        }
        if let due = nextDeadline, due <= .now { endLate() }
    }

    private func endFinished() {
        var left: Int32 = 0
        while let message = curl_multi_info_read(handle, &left) {
            guard message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle,
                let (wrapper, transfer) = transfers[easy]
            else { continue }
            let code = praison_message_result(message)
            if code == CURLE_OK, transfer.phase == .receiving {
                end(easy, nil)
            } else {
                // libcurl also calls it a success when the connection ends inside the response's head.
                end(easy, error(code == CURLE_OK ? CURLE_GOT_NOTHING : code, wrapper, transfer))
            }
        }
    }

    private func error(_ code: CURLcode, _ easy: EasyHandle, _ transfer: Transfer) -> HTTPError {
        let failure = CurlFailure(code, of: easy, proxy: configuration.proxies.place(for: transfer))
        return transfer.cause(of: HTTPError(failure, at: transfer.url, hasSent: transfer.mayHaveReachedServer))
    }

    /// Looks at all transfers, which happens about as often as the shortest limit says: deadlines mostly move on.
    private func endLate() {
        let now = ContinuousClock.now
        for (easy, entry) in transfers where entry.transfer.deadline <= now { end(easy, entry.transfer.timeout) }
        nextDeadline = transfers.values.map(\.transfer.deadline).min()
    }

    /// To be called whenever a transfer's deadline may have come nearer.
    func watchDeadline(of transfer: Transfer) {
        let deadline = transfer.deadline
        nextDeadline = nextDeadline.map { min($0, deadline) } ?? deadline
    }

    // MARK: What libcurl wants

    fileprivate func watch(_ socket: curl_socket_t, _ what: Int32) {
        if what == CURL_POLL_REMOVE {
            sockets.remove(socket)
            return poll.forget(socket)
        }
        sockets.insert(socket)
        poll.watch(socket, reading: what & CURL_POLL_IN != 0, writing: what & CURL_POLL_OUT != 0)
    }

    fileprivate func call(after milliseconds: Int) {
        timer = milliseconds < 0 ? nil : .now + .milliseconds(milliseconds)
    }
}

private func multi(_ context: UnsafeMutableRawPointer?) -> CurlMulti? {
    context.map { Unmanaged<CurlMulti>.fromOpaque($0).takeUnretainedValue() }
}

private let socketChanged: curl_socket_callback = { _, socket, what, context, _ in
    multi(context)?.watch(socket, what)
    return 0
}

private let timerChanged: curl_multi_timer_callback = { _, milliseconds, context in
    multi(context)?.call(after: milliseconds)
    return 0
}
