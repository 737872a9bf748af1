import Foundation
import Logging
import NIOCore
import NIOPosix
import PraisonCore
import PraisonNet

/// The WebSocket server, `websocket-echo` in a process of its own: how many messages it echoes, and what a connection
/// takes that says nothing.
enum WebSocketBenchmark {
    private static let figure = Figure(subject: "websocket")
    private static let logger = Logger(label: "benchmark") { _ in SwiftLogNoOpLogHandler() }

    static func run() async throws {
        try await EchoServer.run { server in
            for (connections, size) in [(1, 64), (50, 64), (50, 4096)] {
                try await echo(server, connections: connections, size: size)
            }
        }
        try await EchoServer.run { server in try await holdIdle(server, 10_000) }
    }

    private static func echo(_ server: EchoServer, connections: Int, size: Int) async throws {
        let client = NIOWebSocketClient(configuration: .init(compressesMessages: false), logger: logger)
        let message = WebSocketMessage.text(String(repeating: "x", count: size))
        let (start, cpu) = (ContinuousClock.now, server.cpuSeconds)
        let end = start + .seconds(4)
        let count = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<connections {
                group.addTask {
                    try await client.connect(to: server.url) { connection in
                        var count = 0
                        while ContinuousClock.now < end {
                            try await connection.send(message)
                            guard try await connection.receive() == message else { break }
                            count += 1
                        }
                        return count
                    }
                }
            }
            return try await group.reduce(0, +)
        }
        let what = "\(connections) connection\(connections == 1 ? "" : "s"), \(size) bytes"
        figure("echo, \(what)", Double(count) / ((ContinuousClock.now - start) / .seconds(1)), "messages/s")
        figure("CPU of the server, \(what)", (server.cpuSeconds - cpu) * 1e6 / Double(count), "µs/message")
    }

    private static func holdIdle(_ server: EchoServer, _ count: Int) async throws {
        FileLimit.raise()
        // The first ones bring what all share.
        var channels = try await open(100, server)
        let before = server.residentMemory
        channels += try await open(count, server)
        figure("resident before idle connections", before, "MB")
        figure("idle connection (\(count) of them)", (server.residentMemory - before) * 1000 / Double(count), "kB")
        for channel in channels { channel.close(promise: nil) }
    }

    /// Opens WebSockets that cost this process as little as possible.
    private static func open(_ count: Int, _ server: EchoServer) async throws -> [any Channel] {
        let request = ByteBuffer(
            string: """
                GET / HTTP/1.1\r
                Host: 127.0.0.1\r
                Upgrade: websocket\r
                Connection: Upgrade\r
                Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
                Sec-WebSocket-Version: 13\r
                \r

                """)
        var channels: [any Channel] = []
        for _ in 0..<count {
            let answered = MultiThreadedEventLoopGroup.singleton.next().makePromise(of: Void.self)
            let channel = try await ClientBootstrap(group: answered.futureResult.eventLoop)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(FirstBytes(answered))
                    }
                }
                .connect(host: "127.0.0.1", port: server.port).get()
            try await channel.writeAndFlush(request)
            try await answered.futureResult.get()
            channels.append(channel)
        }
        return channels
    }

    private final class FirstBytes: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let arrived: EventLoopPromise<Void>
        init(_ arrived: EventLoopPromise<Void>) { self.arrived = arrived }
        func channelRead(context: ChannelHandlerContext, data: NIOAny) { arrived.succeed() }
        func channelInactive(context: ChannelHandlerContext) { arrived.fail(NIOCore.ChannelError.eof) }
    }
}

/// `websocket-echo`, which is built beside the benchmarks.
private struct EchoServer: Sendable {
    let port: Int
    private let identifier: Int32

    var url: String { "ws://127.0.0.1:\(port)/" }

    static func run(_ body: (EchoServer) async throws -> Void) async throws {
        let process = Process()
        process.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
            .deletingLastPathComponent().appending(path: "websocket-echo")
        process.arguments = ["--port", "0"]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        defer { process.terminate() }
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        let port = line.split(separator: ":").last.flatMap { Int($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
        try await body(EchoServer(port: port ?? 0, identifier: process.processIdentifier))
    }

    /// In MB.
    var residentMemory: Double {
        let pages = try? String(contentsOfFile: "/proc/\(identifier)/statm", encoding: .utf8).split(separator: " ")[1]
        return (pages.flatMap { Double($0) } ?? 0) * Double(sysconf(Int32(_SC_PAGESIZE))) / 1e6
    }

    /// User and system, all threads.
    var cpuSeconds: Double {
        let line = (try? String(contentsOfFile: "/proc/\(identifier)/stat", encoding: .utf8)) ?? ""
        // The fields behind the name, which is in parentheses and may have spaces; proc(5) counts from 1.
        let fields = line.drop { $0 != ")" }.split(separator: " ").dropFirst().compactMap { Double($0) }
        guard fields.count > 12 else { return 0 }
        return (fields[10] + fields[11]) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }
}
