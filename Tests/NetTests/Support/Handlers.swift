import Logging
import PraisonCore
import PraisonNet

/// A handler written where it is needed.
struct Respond: HTTPHandler {
    let answer: @Sendable (HTTPRequest) async -> HTTPResponse
    init(_ answer: @escaping @Sendable (HTTPRequest) async -> HTTPResponse) { self.answer = answer }
    func respond(to request: HTTPRequest) async -> HTTPResponse { await answer(request) }
}

/// A WebSocket's handler written where it is needed.
struct Converse: WebSocketHandler {
    let talk: @Sendable (any WebSocketConnection) async throws -> Void
    init(_ talk: @escaping @Sendable (any WebSocketConnection) async throws -> Void) { self.talk = talk }
    func handle(_ connection: any WebSocketConnection) async throws { try await talk(connection) }

    static let echo = Converse { connection in
        while let message = try await connection.receive() { try await connection.send(message) }
    }
}

extension HTTPServer {
    /// Serves while `body` runs. A limit of time that a test does not set for itself has time to spare, for a machine
    /// that has much else to do.
    @discardableResult
    static func serve<Value: Sendable>(
        _ configuration: Configuration = .init(), _ answer: @escaping @Sendable (HTTPRequest) async -> HTTPResponse,
        _ body: @escaping @Sendable (Address) async throws -> Value
    ) async throws -> Value {
        var patient = configuration
        let usual = Configuration()
        for limit in [\Configuration.headerTimeout, \.bodyTimeout, \.keepAliveTimeout, \.writeTimeout]
        where patient[keyPath: limit] == usual[keyPath: limit] {
            patient[keyPath: limit] = .seconds(600)
        }
        return try await withServer(Respond(answer), configuration: patient, logger: .silent, body)
    }
}

extension Logger {
    static var silent: Logger { Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }
}

extension WebSocketLimits {
    /// Long enough for a machine that has much else to do.
    static let patient = WebSocketLimits(connect: .seconds(60))
}
