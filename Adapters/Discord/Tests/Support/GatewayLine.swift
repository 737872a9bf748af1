import Logging
import PraisonCore
import PraisonNet
import PraisonSimulation
import Synchronization

/// The way to a gateway in the same process, compressed as over sockets, which knows where the bot connected to and what
/// it said there.
final class GatewayLine: WebSocketClient {
    struct Entry: Sendable {
        var at: Duration
        /// The address.
        var url: String
        /// `nil` for the opening.
        var payload: JSONDocument?

        var opcode: Int? { payload?["op"]?.int }
    }

    private static let capacity = 1_000

    private let base: InMemoryWebSocketClient
    private let clock: VirtualClock
    private let log: Mutex<[Entry]> = Mutex([])
    private let sockets = NIOWebSocketClient(logger: Logger(label: "nobody") { _ in SwiftLogNoOpLogHandler() })

    init(_ handler: any HTTPHandler, _ clock: VirtualClock) {
        base = InMemoryWebSocketClient(handler)
        self.clock = clock
    }

    /// The newest thousand, oldest first.
    var entries: [Entry] { log.withLock { $0 } }

    func forget() { log.withLock { $0 = [] } }

    func connect<Value: Sendable>(
        to url: String, headers: HTTPHeaders, limits: WebSocketLimits,
        _ body: @Sendable (any WebSocketConnection) async throws -> Value
    ) async throws -> Value {
        add(url, nil)
        return try await base.connect(to: url, headers: headers, limits: limits) { connection in
            try await body(Listened(base: connection) { self.add(url, try? JSONDocument(parsing: $0)) })
        }
    }

    func zlibInflater() -> (any StreamInflater)? { sockets.zlibInflater() }

    private func add(_ url: String, _ payload: JSONDocument?) {
        let entry = Entry(at: clock.uptime, url: url, payload: payload)
        log.withLock { log in
            log.append(entry)
            if log.count > Self.capacity { log.removeFirst() }
        }
    }

    private struct Listened: WebSocketConnection {
        let base: any WebSocketConnection
        let hear: @Sendable (String) -> Void

        func receive() async throws -> WebSocketMessage? { try await base.receive() }
        func send(_ message: WebSocketMessage) async throws {
            if case .text(let text) = message { hear(text) }
            try await base.send(message)
        }
        func ping(_ data: [UInt8]) async throws { try await base.ping(data) }
        func close(_ code: WebSocketCloseCode, reason: String) { base.close(code, reason: reason) }
        var closeCode: WebSocketCloseCode? { get async { await base.closeCode } }
        var bytesReceived: Int { get async { await base.bytesReceived } }
        var peer: String? { base.peer }
    }
}
