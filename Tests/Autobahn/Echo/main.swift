// `websocket-echo --port P [--cert FILE --key FILE]`: sends every message back, for the Autobahn suite and benchmarks.

import Logging
import PraisonCore
import PraisonNet

#if canImport(Glibc)
    import Glibc
#endif

struct Echo: HTTPHandler, WebSocketHandler {
    func respond(to request: HTTPRequest) async -> HTTPResponse {
        HTTPResponse(status: 101, body: .webSocket(self))
    }

    func handle(_ connection: any WebSocketConnection) async throws {
        while let message = try await connection.receive() { try await connection.send(message) }
    }
}

func option(_ name: String) -> String? {
    let arguments = CommandLine.arguments
    return arguments.firstIndex(of: name).flatMap { arguments.dropFirst($0 + 1).first }
}

guard let port = option("--port").flatMap(Int.init) else {
    print("usage: websocket-echo --port PORT [--cert FILE --key FILE]")
    exit(64)
}
// The suite sends messages of 16 MiB.
var configuration = HTTPServer.Configuration(port: port, maxConnections: 20_000, maxMessageSize: 64 << 20)
if let certificate = option("--cert"), let key = option("--key") {
    configuration.tls = try TLSConfiguration(certificate: certificate, privateKey: key)
}
try await HTTPServer(Echo(), configuration: configuration, logger: Logger(label: "websocket-echo")).run { address in
    print("listening on \(address.url.replacing(/^http/, with: "ws"))")
    fflush(nil)
}
