import Foundation
import Logging
import NIOCore
import NIOPosix
import PraisonControlPlane
import PraisonCore
import PraisonGateway
import PraisonNet
import PraisonSimulation
import PraisonStore

/// What the control plane carries: turns a second with ten stream events each, through the whole hub and a journal on
/// disk; how fast a blocked turn is stopped; and, as a subject of its own, what an idle client costs.
enum ControlPlaneBenchmark {
    private static let figure = Figure(subject: "control-plane")
    static let serverArgument = "--control-plane"
    private static let idleCount = 10_000
    /// Turns of one session: the agent is shown what was said before, so a turn costs more the longer a session is.
    private static let sessionLength = 100

    static func run() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "praisonai-benchmark-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        var alone: Double?
        for (clients, sessions) in [(1, 5), (50, 50)] {
            let turns = sessions * sessionLength
            let journal = try SQLiteJournal(
                .file(folder.appending(path: "\(clients).sqlite").path()), clock: SystemClock(), logger: logger)
            let house = House(journal, agent: Streamer())
            let cost = try await house.running {
                try await Cost.of {
                    for _ in 0..<(sessions / clients) { try await converse(house, clients: clients) }
                }
            }
            try await journal.close()
            let rate = Double(turns) / cost.seconds
            figure("turns with ten stream events, \(clients) client\(clients == 1 ? "" : "s")", rate, "turns/s")
            figure("CPU, \(clients) client\(clients == 1 ? "" : "s")", cost.cpuSeconds / Double(turns) * 1e6, "µs/turn")
            if let alone { figure("turns, \(clients) clients against one", rate / alone, "times") }
            alone = alone ?? rate
        }
        try await stopBlockedTurns()
    }

    // MARK: Turns

    /// A session of each client, all at once.
    private static func converse(_ house: House, clients: Int) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<clients {
                group.addTask {
                    try await house.connect { connection in
                        for _ in 0..<sessionLength {
                            try await connection.send(.text(#"{"type":"message","content":"hello"}"#))
                            try await wait(for: #""status":"final""#, on: connection)
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    private static func wait(for words: String, on connection: any WebSocketConnection) async throws {
        while case .text(let text)? = try await connection.receive(), !text.contains(words) {}
    }

    /// From `abort` until `aborted`, with an agent that waits for a model that never answers.
    private static func stopBlockedTurns() async throws {
        let journal = try SQLiteJournal(.memory, clock: SystemClock(), logger: logger)
        let house = House(journal, agent: Blocked())
        let times = try await house.running {
            try await house.connect { connection in
                var times: [Double] = []
                for _ in 0..<200 {
                    try await connection.send(.text(#"{"type":"message","content":"hello"}"#))
                    try await wait(for: "token_stream", on: connection)
                    let start = ContinuousClock.now
                    try await connection.send(.text(#"{"type":"abort"}"#))
                    try await wait(for: #""type":"aborted""#, on: connection)
                    times.append((ContinuousClock.now - start) / .milliseconds(1))
                }
                return times.sorted()
            }
        }
        try await journal.close()
        figure("abort of a blocked turn, median", times[times.count / 2], "ms")
        figure("abort of a blocked turn, longest of \(times.count)", times.last ?? 0, "ms")
    }

    // MARK: Idle connections

    static func holdIdle() async throws {
        FileLimit.raise()
        let server = try ServerProcess([serverArgument])
        defer { server.end() }
        // The first ones bring what all share.
        var channels = try await IdleClients.open(100, port: server.port, path: "/ws", saying: hello)
        let before = server.residentMemory
        let start = ContinuousClock.now
        channels += try await IdleClients.open(idleCount, port: server.port, path: "/ws", saying: hello)
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        // A new client is watched for as long as it may take to say hello. When one that came last and never says it is
        // turned away, none of the others is watched any more.
        for silent in try await IdleClients.open(1, port: server.port, path: "/ws") {
            try await silent.closeFuture.get()
        }
        figure("idle clients in sessions", Double(channels.count), "connections")
        figure("idle clients, how fast they came", Double(idleCount) / seconds, "connections/s")
        figure("resident before idle clients", before, "MB")
        figure("idle client in a session", (server.residentMemory - before) * 1000 / Double(idleCount), "kB")
        for channel in channels { channel.close(promise: nil) }
    }

    /// The child's side: serves until it is killed.
    static func serve() async throws {
        let journal = try SQLiteJournal(.memory, clock: SystemClock(), logger: logger)
        let house = House(journal, agent: Streamer())
        try await house.running {
            try await HTTPServer.withServer(
                house.plane, configuration: .init(port: 0, maxConnections: idleCount + 1000), logger: logger
            ) { address in
                print(address.url)
                fflush(nil)
                await untilCancelled()
            }
        }
    }

    // MARK: The gateway

    private static let hello = #"{"type":"hello","agent_id":"helper","capabilities":["streaming"]}"#
    private static let logger = Logger(label: "benchmark") { _ in SwiftLogNoOpLogHandler() }

    private struct House: Sendable {
        let gateway: Gateway
        let plane: ControlPlane

        init(_ journal: SQLiteJournal, agent: any Agent) {
            let server = ServerSettings(maxConnections: idleCount + 1000)
            let configuration = GatewayConfiguration(server: server, agents: [AgentSettings(name: "helper")])
            gateway = Gateway(
                configuration, agents: [agent],
                descriptions: [AgentDescription(name: "helper", model: "offline/streamer")], adapters: [],
                journal: journal,
                surroundings: Gateway.Surroundings(
                    clock: SystemClock(), entropy: SystemEntropy(), http: InMemoryHTTPClient(HTTPRouter()),
                    webSocket: NIOWebSocketClient(logger: logger), cryptography: OpenSSLCryptography(), logger: logger))
            plane = ControlPlane(
                server: server, session: configuration.session, hub: gateway, store: journal,
                cryptography: OpenSSLCryptography(), clock: SystemClock(), entropy: SystemEntropy(), logger: logger)
            gateway.attach(plane.adapter)
        }

        func running<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) async throws -> Value {
            try await withThrowingTaskGroup(of: Value?.self) { group in
                group.addTask {
                    try await gateway.run()
                    return nil
                }
                group.addTask { try await body() }
                defer { group.cancelAll() }
                while let result = try await group.next() {
                    if let result { return result }
                }
                throw CancellationError()
            }
        }

        /// A client in a session of its own.
        func connect<Value: Sendable>(
            _ body: @escaping @Sendable (any WebSocketConnection) async throws -> Value
        ) async throws -> Value {
            try await InMemoryWebSocketClient(plane, peer: "127.0.0.1").connect(
                to: "ws://127.0.0.1/ws", headers: [:], limits: WebSocketLimits()
            ) { connection in
                try await connection.send(.text(hello))
                return try await body(connection)
            }
        }
    }

    /// Says ten words at once.
    private struct Streamer: Agent {
        let name: AgentName = "helper"

        func reply(to turn: Turn, emit: @escaping @Sendable (ReplyPart) async throws -> Void) async throws -> Reply {
            for number in 1...10 { try await emit(.text("word \(number) ")) }
            return Reply(text: (1...10).map { "word \($0) " }.joined())
        }
    }

    /// Begins, and never ends.
    private struct Blocked: Agent {
        let name: AgentName = "helper"

        func reply(to turn: Turn, emit: @escaping @Sendable (ReplyPart) async throws -> Void) async throws -> Reply {
            try await emit(.text("well"))
            await untilCancelled()
            throw CancellationError()
        }
    }
}
