import Logging
import PraisonCore
import PraisonNet
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(2))) struct `the HTTP client's log` {
    private final class Lines: Sendable {
        let lines = Mutex<[String]>([])
    }

    private struct Recorder: LogHandler {
        let lines: Lines
        var metadata = Logger.Metadata()
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            lines.lines.withLock { $0.append("\(event.level) \(event.message) \(event.metadata ?? [:])") }
        }
    }

    @Test func `tells host and outcome, and neither path nor header nor body`() async throws {
        let lines = Lines()
        try await ScriptedServer.run { connection in
            while let request = try await connection.request() {
                if request.path.contains("cut") { return }
                try await connection.respond("secret-answer")
            }
        } _: { server in
            let client = CurlHTTPClient(logger: Logger(label: "http") { _ in Recorder(lines: lines) })
            let headers: HTTPHeaders = ["Authorization": "Bearer secret-key"]
            let body = Array("secret-body".utf8)
            for path in ["/bot1:secret-token/a?key=secret-query", "/bot1:secret-token/cut"] {
                let request = HTTPRequest(.post, server.url + path, headers: headers, body: body)
                _ = try? await client.execute(request)
                _ = try? await client.withStream(request) { _, _, _ in }
            }
            await client.shutdown()
            let log = lines.lines.withLock { $0 }
            #expect(log.count == 4)
            #expect(log.allSatisfy { $0.contains("127.0.0.1:\(server.port)") && !$0.contains("secret") })
            #expect(log.first?.contains("200") == true)
            #expect(log.last?.contains("closed before the response") == true)
        }
    }
}
