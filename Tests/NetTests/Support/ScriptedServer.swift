import NIOCore
import NIOPosix
import PraisonCore
import PraisonSimulation

/// A server that sends exactly the bytes a test tells it to, and breaks off where the test wants.
struct ScriptedServer: Sendable {
    typealias Script = @Sendable (inout ScriptedConnection) async throws -> Void

    struct Connections: Sendable {
        /// So far.
        var accepted = 0
        /// Whose script is still running.
        var open = 0
    }

    let port: Int
    private let connections = Observed(Connections())

    var url: String { "http://127.0.0.1:\(port)" }
    var accepted: Int { connections.value.accepted }
    var open: Int { connections.value.open }

    private init(port: Int) { self.port = port }

    /// Returns once `condition` holds; the test's own time limit ends it otherwise.
    func wait(until condition: @escaping @Sendable (Connections) -> Bool) async {
        await connections.wait(until: condition)
    }

    /// A port nobody listens at, since a moment ago.
    static func freePort() async throws -> Int {
        let script: Script = { _ in }
        return try await run(script) { $0.port }
    }

    /// Serves while `body` runs.
    ///
    /// - Parameter script: plays one connection; when it returns or throws, the connection is closed.
    @discardableResult
    static func run<Value: Sendable>(
        _ script: @escaping Script, _ body: @Sendable (ScriptedServer) async throws -> Value
    ) async throws -> Value {
        let (connections, accept) = AsyncStream.makeStream(of: ScriptedConnection.Source.self)
        let listener = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.backlog, value: 2048)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let (bytes, feed) = AsyncStream.makeStream(of: [UInt8].self)
                    try channel.pipeline.syncOperations.addHandler(Feed(feed))
                    if case .terminated = accept.yield(.init(channel: channel, bytes: bytes)) {
                        channel.close(promise: nil)
                    }
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let server = ScriptedServer(port: listener.localAddress?.port ?? 0)
        async let serving: Void = server.play(script, on: connections)
        let result: Result<Value, any Error>
        do { result = .success(try await body(server)) } catch { result = .failure(error) }
        try await listener.close()
        accept.finish()
        await serving
        return try result.get()
    }

    /// Plays until there are no more connections, and then ends those that are left.
    private func play(_ script: @escaping Script, on sources: AsyncStream<ScriptedConnection.Source>) async {
        await withDiscardingTaskGroup { group in
            for await source in sources {
                let number = connections.change { connections in
                    connections.accepted += 1
                    connections.open += 1
                    return connections.accepted
                }
                group.addTask {
                    var connection = ScriptedConnection(number: number, source)
                    try? await script(&connection)
                    try? await source.channel.close()
                    connections.change { $0.open -= 1 }
                }
            }
            group.cancelAll()
        }
    }

    /// Hands on what comes in.
    private final class Feed: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let feed: AsyncStream<[UInt8]>.Continuation

        init(_ feed: AsyncStream<[UInt8]>.Continuation) { self.feed = feed }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            feed.yield(Array(unwrapInboundIn(data).readableBytesView))
        }

        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            if event as? ChannelEvent == .inputClosed { feed.finish() }
        }

        func channelInactive(context: ChannelHandlerContext) { feed.finish() }
    }
}

/// One connection as its script sees it.
struct ScriptedConnection {
    struct Source: Sendable {
        let channel: any Channel
        let bytes: AsyncStream<[UInt8]>
    }

    /// 1 for the server's first.
    let number: Int
    private let channel: any Channel
    private var inbound: AsyncStream<[UInt8]>.Iterator
    private var buffer: [UInt8] = []

    init(number: Int, _ source: Source) {
        self.number = number
        channel = source.channel
        inbound = source.bytes.makeAsyncIterator()
    }

    struct Request: Sendable {
        /// With its blank line.
        var head: String
        var body: [UInt8]

        var line: String { String(head.prefix { $0 != "\r\n" }) }
        var path: String { line.split(separator: " ").dropFirst().first.map(String.init) ?? "" }

        func header(_ name: String) -> String? {
            head.split(separator: "\r\n").first { $0.lowercased().hasPrefix(name.lowercased() + ":") }
                .map { $0.dropFirst(name.count + 1).trimmingPrefix(" ") }.map(String.init)
        }
    }

    /// The next request with its body, or `nil` when the client has closed.
    mutating func request() async throws -> Request? {
        guard let head = await text(through: "\r\n\r\n") else { return nil }
        var request = Request(head: head, body: [])
        let length = request.header("Content-Length").flatMap { Int($0) } ?? 0
        while buffer.count < length { guard await read() else { return nil } }
        request.body = Array(buffer[..<length])
        buffer.removeSubrange(..<length)
        return request
    }

    /// Takes what comes next.
    ///
    /// - Returns: whether something came before the end.
    mutating func read() async -> Bool {
        guard let bytes = await inbound.next() else { return false }
        buffer += bytes
        return true
    }

    /// From now on the kernel's buffers fill up.
    func stopReading() async throws { try await channel.setOption(.autoRead, value: false).get() }

    /// Everything up to and including `end`, or `nil` when the client has closed before.
    mutating func text(through end: String) async -> String? {
        let end = Array(end.utf8)
        var searched = 0
        while true {
            if let found = buffer[searched...].firstRange(of: end) {
                defer { buffer.removeSubrange(..<found.upperBound) }
                return String(decoding: buffer[..<found.upperBound], as: UTF8.self)
            }
            searched = max(buffer.count - end.count + 1, 0)
            guard await read() else { return nil }
        }
    }

    /// Returns when the client has closed the connection.
    mutating func closed() async {
        while await read() { buffer.removeAll() }
    }

    func send(_ text: String) async throws { try await send(Array(text.utf8)) }

    /// Returns once the bytes are the kernel's.
    func send(_ bytes: [UInt8]) async throws {
        try Task.checkCancellation()
        try await withTaskCancellationHandler {
            try await channel.writeAndFlush(ByteBuffer(bytes: bytes))
        } onCancel: { [channel] in
            channel.close(promise: nil)
        }
    }

    /// A whole response.
    func respond(_ body: String, status: String = "200 OK", headers: String = "") async throws {
        try await send("HTTP/1.1 \(status)\r\n\(headers)Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
    }

    /// Closes, and returns once the FIN is out; closing alone would not send it while another test starts a process, which
    /// has the connection open for a moment as well.
    func close() async throws {
        try? await channel.close(mode: .output)
        try await channel.close()
    }

    /// Closes by RST instead of FIN.
    func reset() async throws {
        try await (channel as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: 1, l_linger: 0)).get()
        try await channel.close()
    }
}
