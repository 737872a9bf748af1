public import PraisonCore
import Synchronization

/// Opens WebSockets to a handler in the same process: no sockets, but the same order, back-pressure and ends.
public struct InMemoryWebSocketClient: WebSocketClient {
    private let handler: any HTTPHandler
    private let peer: String

    /// - Parameter peer: the address the handler sees.
    public init(_ handler: any HTTPHandler, peer: String = "127.0.0.1") {
        self.handler = handler
        self.peer = peer
    }

    public func connect<Value: Sendable>(
        to url: String, headers: HTTPHeaders, limits: WebSocketLimits,
        _ body: @Sendable (any WebSocketConnection) async throws -> Value
    ) async throws -> Value {
        let response = await handler.respond(to: upgrade(url, headers))
        guard case .webSocket(let server) = response.body else {
            throw WebSocketConnectError.refused(
                status: response.status, body: String(decoding: response.bytes, as: UTF8.self))
        }
        let (near, far) = InMemoryWebSocket.pair(peer: peer)
        async let served: Void = serve(server, far)
        do {
            let value = try await body(near)
            near.close(.normal, reason: "")
            await served
            return value
        } catch {
            near.cut()
            await served
            throw error
        }
    }

    private func serve(_ handler: any WebSocketHandler, _ connection: InMemoryWebSocket) async {
        do {
            try await handler.handle(connection)
            connection.close(.normal, reason: "")
        } catch {
            connection.close(.internalError, reason: "")
        }
    }

    private func upgrade(_ url: String, _ headers: HTTPHeaders) -> HTTPRequest {
        var headers = headers
        headers["Upgrade"] = "websocket"
        headers["Connection"] = "Upgrade"
        let rest = url.firstRange(of: "://").map { url[$0.upperBound...] } ?? url[...]
        let host = rest.prefix { $0 != "/" && $0 != "?" }
        if headers["Host"] == nil { headers["Host"] = String(host) }
        return HTTPRequest(.get, String(rest.dropFirst(host.count)), headers: headers, peer: peer)
    }
}

/// One end of a WebSocket within the process.
public final class InMemoryWebSocket: WebSocketConnection {
    /// Messages under way in one direction before a sender has to wait.
    public static let capacity = 64

    private let incoming: MessagePipe
    private let outgoing: MessagePipe
    public let peer: String?

    private init(incoming: MessagePipe, outgoing: MessagePipe, peer: String?) {
        self.incoming = incoming
        self.outgoing = outgoing
        self.peer = peer
    }

    public static func pair(peer: String? = "127.0.0.1") -> (near: InMemoryWebSocket, far: InMemoryWebSocket) {
        let (up, down) = (MessagePipe(), MessagePipe())
        return (
            InMemoryWebSocket(incoming: down, outgoing: up, peer: peer),
            InMemoryWebSocket(incoming: up, outgoing: down, peer: peer)
        )
    }

    public func receive() async throws -> WebSocketMessage? { try await incoming.receive() }

    public func send(_ message: WebSocketMessage) async throws { try await outgoing.send(message) }

    /// The other end answers at once.
    public func ping(_ data: [UInt8]) async throws {
        if outgoing.ending == nil { incoming.hear(bytes: data.count + 2) }
    }

    public func close(_ code: WebSocketCloseCode, reason: String) {
        outgoing.close(code, reason: reason)
        incoming.close(code, reason: reason)
    }

    /// Ends the connection without a word, as a pulled cable does.
    public func cut() {
        outgoing.close(.abnormal, reason: "")
        incoming.close(.abnormal, reason: "")
    }

    public var closeCode: WebSocketCloseCode? { incoming.ending?.code }
    public var bytesReceived: Int { incoming.heard }
    public var closeReason: String? { incoming.ending?.reason }
}

/// Messages in one direction.
private final class MessagePipe: Sendable {
    private typealias Waiter = CheckedContinuation<Void, Never>

    private struct State {
        var messages: [WebSocketMessage] = []
        var ending: (code: WebSocketCloseCode, reason: String)?
        var waiters: [Int: Waiter] = [:]
        var nextID = 0
        var heard = 0
    }

    private let state = Mutex(State())

    var ending: (code: WebSocketCloseCode, reason: String)? { state.withLock { $0.ending } }

    var heard: Int { state.withLock { $0.heard } }

    func hear(bytes: Int) { state.withLock { $0.heard += bytes } }

    func send(_ message: WebSocketMessage) async throws {
        try await wait { $0.messages.count < InMemoryWebSocket.capacity || $0.ending != nil }
        let isSent = wake { state in
            guard state.ending == nil else { return false }
            state.messages.append(message)
            switch message {
            case .text(let text): state.heard += text.utf8.count
            case .binary(let bytes): state.heard += bytes.count
            }
            return true
        }
        if !isSent { throw WebSocketClosed(code: ending?.code) }
    }

    func receive() async throws -> WebSocketMessage? {
        try await wait { !$0.messages.isEmpty || $0.ending != nil }
        return wake { state in
            // What was under way when a cable was pulled is lost; a closing handshake comes after it.
            if state.messages.isEmpty || state.ending?.code == .abnormal { return nil }
            return state.messages.removeFirst()
        }
    }

    func close(_ code: WebSocketCloseCode, reason: String) {
        wake { state in
            if state.ending == nil { state.ending = (code, reason) }
        }
    }

    private func wait(until isReady: @Sendable (borrowing State) -> Bool) async throws {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        while true {
            try Task.checkCancellation()
            if state.withLock({ isReady($0) }) { return }
            await withTaskCancellationHandler {
                await withCheckedContinuation { (waiter: Waiter) in
                    let isReady = state.withLock { state in
                        if isReady(state) || Task.isCancelled { return true }
                        state.waiters[id] = waiter
                        return false
                    }
                    if isReady { waiter.resume() }
                }
            } onCancel: {
                state.withLock { $0.waiters.removeValue(forKey: id) }?.resume()
            }
        }
    }

    @discardableResult
    private func wake<Value: Sendable>(_ change: (inout State) -> Value) -> Value {
        let (value, waiters) = state.withLock { state in
            let value = change(&state)
            defer { state.waiters = [:] }
            return (value, state.waiters.sorted { $0.key < $1.key }.map(\.value))
        }
        for waiter in waiters { waiter.resume() }
        return value
    }
}
