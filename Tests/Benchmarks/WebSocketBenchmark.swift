import Foundation
import Logging
import NIOCore
import PraisonCore
import PraisonNet

/// The WebSocket server, `websocket-echo` in a process of its own: how many messages it echoes, and what a connection
/// takes that says nothing.
enum WebSocketBenchmark {
    private static let figure = Figure(subject: "websocket")
    private static let logger = Logger(label: "benchmark") { _ in SwiftLogNoOpLogHandler() }

    static func run() async throws {
        try await ServerProcess.echo { server in
            for (connections, size) in [(1, 64), (50, 64), (50, 4096)] {
                try await echo(server, connections: connections, size: size)
            }
        }
        try await ServerProcess.echo { server in try await holdIdle(server, 10_000) }
    }

    private static func echo(_ server: ServerProcess, connections: Int, size: Int) async throws {
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

    private static func holdIdle(_ server: ServerProcess, _ count: Int) async throws {
        FileLimit.raise()
        // The first ones bring what all share.
        var channels = try await IdleClients.open(100, port: server.port)
        let before = server.residentMemory
        channels += try await IdleClients.open(count, port: server.port)
        figure("resident before idle connections", before, "MB")
        figure("idle connection (\(count) of them)", (server.residentMemory - before) * 1000 / Double(count), "kB")
        for channel in channels { channel.close(promise: nil) }
    }
}

extension ServerProcess {
    fileprivate var url: String { "ws://127.0.0.1:\(port)/" }

    /// `websocket-echo`, which is built beside the benchmarks.
    fileprivate static func echo(_ body: (ServerProcess) async throws -> Void) async throws {
        let server = try ServerProcess(["--port", "0"], of: "websocket-echo")
        defer { server.end() }
        try await body(server)
    }
}
