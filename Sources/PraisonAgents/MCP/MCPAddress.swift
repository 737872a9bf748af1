import PraisonCore
import Synchronization

/// A server on the network, by streamable HTTP: each message is a POST, its answer is JSON or a stream of events; where
/// the server offers it, one GET brings what it has to say unasked.
///
/// Source: https://modelcontextprotocol.io/specification/2025-06-18/basic/transports#streamable-http
struct MCPAddress: MCPTransport {
    let url: String
    let headers: [ToolSettings.Header]
    /// For one call.
    let timeout: Duration
    let http: any HTTPClient
    let clock: any GatewayClock

    func withLink(
        receive: @escaping @Sendable (JSONDocument, any MCPLink) async -> Void,
        _ body: @escaping @Sendable (any MCPLink) async throws -> Void
    ) async throws {
        let link = Link(self, receive)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await body(link) }
            group.addTask { try await link.listen() }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private final class Link: MCPLink {
        private struct Session {
            var id: String?
            var version: String?
            var isReady: CheckedContinuation<Void, Never>?
        }

        private let address: MCPAddress
        private let receive: @Sendable (JSONDocument, any MCPLink) async -> Void
        private let session = Mutex(Session())

        init(_ address: MCPAddress, _ receive: @escaping @Sendable (JSONDocument, any MCPLink) async -> Void) {
            self.address = address
            self.receive = receive
        }

        func accepted(version: String) async {
            let waiter = session.withLock { session in
                session.version = version
                defer { session.isReady = nil }
                return session.isReady
            }
            waiter?.resume()
        }

        func send(_ message: JSONValue, id: Int?) async throws {
            let limits = HTTPLimits(
                connect: .seconds(10), firstByte: address.timeout, idle: address.timeout, total: address.timeout,
                bodySize: 16 << 20)
            var request = request(.post, accept: "application/json, text/event-stream", limits)
            request.headers["Content-Type"] = "application/json"
            request.body = message.bytes()
            let hasAnswer = try await perform(request, awaiting: id)
            guard id == nil || hasAnswer else { throw MCPError("the server ended its answer before there was one") }
        }

        /// Hears what the server says unasked, as long as it likes to.
        func listen() async throws {
            await withTaskCancellationHandler {
                await withCheckedContinuation { continuation in
                    let isReady = session.withLock { session in
                        if session.version != nil || Task.isCancelled { return true }
                        session.isReady = continuation
                        return false
                    }
                    if isReady { continuation.resume() }
                }
            } onCancel: {
                session.withLock { session in
                    defer { session.isReady = nil }
                    return session.isReady
                }?.resume()
            }
            while true {
                try Task.checkCancellation()
                let limits = HTTPLimits(
                    connect: .seconds(10), firstByte: .seconds(60), idle: .seconds(3600), total: nil, bodySize: 64 << 20
                )
                do {
                    _ = try await perform(request(.get, accept: "text/event-stream", limits), awaiting: nil)
                } catch let error as MCPError {
                    // 404: the session is gone. Everything else may only mean that no such stream is offered.
                    if error.endsConnection { throw error }
                    try await address.clock.sleep(for: .seconds(300))
                }
                try await address.clock.sleep(for: .seconds(1))
            }
        }

        private func request(_ method: HTTPRequest.Method, accept: String, _ limits: HTTPLimits) -> HTTPRequest {
            var request = HTTPRequest(
                method, address.url, headers: ["Accept": accept, "User-Agent": "praisonai"], limits: limits)
            let (id, version) = session.withLock { ($0.id, $0.version) }
            if let id { request.headers["Mcp-Session-Id"] = id }
            if let version { request.headers["MCP-Protocol-Version"] = version }
            for header in address.headers { request.headers.append(name: header.name, value: header.value.reveal()) }
            return request
        }

        /// - Returns: whether the answer to `id` was among what came.
        private func perform(_ request: HTTPRequest, awaiting id: Int?) async throws -> Bool {
            do {
                return try await address.http.withStream(request) { status, headers, body in
                    guard (200..<300).contains(status) else { throw try await self.refusal(status, body) }
                    if let id = headers["Mcp-Session-Id"] { self.session.withLock { $0.id = id } }
                    if headers["Content-Type"]?.lowercased().hasPrefix("text/event-stream") == true {
                        return try await self.readEvents(body, awaiting: id)
                    }
                    return try await self.readWhole(body, awaiting: id)
                }
            } catch let error as HTTPError {
                try Task.checkCancellation()
                let isUndone = !error.mayHaveReachedServer
                throw MCPError(error.detail, endsConnection: isUndone, isUndone: isUndone)
            }
        }

        /// What a status other than success means.
        private func refusal(_ status: Int, _ body: HTTPBodyStream) async throws -> MCPError {
            let hasSession = session.withLock { $0.id != nil }
            switch status {
            case 401, 403: return MCPError("the server refuses the credentials (status \(status))")
            case 404 where hasSession: return Self.sessionIsGone
            case 400 where hasSession:
                // Many servers say so with 400 and in words, as they say other things.
                return try await Self.isAboutSession(body) ? Self.sessionIsGone : MCPError(words(for: status))
            default: return MCPError(words(for: status))
            }
        }

        private static let sessionIsGone = MCPError("the session is gone", endsConnection: true, isUndone: true)

        private func words(for status: Int) -> String { "the server answered with status \(status)" }

        private static func isAboutSession(_ body: HTTPBodyStream) async throws -> Bool {
            var bytes: [UInt8] = []
            for try await piece in body {
                bytes += piece
                if bytes.count > 4096 { break }
            }
            return String(decoding: bytes, as: UTF8.self).lowercased().contains("session")
        }

        private func readEvents(_ body: HTTPBodyStream, awaiting id: Int?) async throws -> Bool {
            var parser = ServerSentEventParser()
            var hasAnswer = false
            for try await bytes in body {
                for event in try parser.feed(bytes) { hasAnswer = await deliver(event.data, awaiting: id) || hasAnswer }
                // The server may keep the stream open for a while; the answer is what was asked for.
                if hasAnswer { return true }
            }
            return hasAnswer
        }

        private func readWhole(_ body: HTTPBodyStream, awaiting id: Int?) async throws -> Bool {
            var bytes: [UInt8] = []
            for try await piece in body { bytes += piece }
            guard !bytes.isEmpty else { return false }
            guard await deliver(bytes, awaiting: id) || id == nil else { throw MCPError("the answer is no JSON-RPC") }
            return true
        }

        private func deliver(_ bytes: [UInt8], awaiting id: Int?) async -> Bool {
            guard let document = try? JSONDocument(parsing: bytes) else { return false }
            var hasAnswer = false
            // Older servers put several messages into one array.
            for message in document.kind == .array ? document.elements : [document] {
                await receive(message, self)
                if id != nil, message["method"] == nil, message["id"]?.int == id { hasAnswer = true }
            }
            return hasAnswer
        }
    }
}
